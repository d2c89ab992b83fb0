"""One experiment: load, check for leakage, fit, predict, score, log, report."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import copytree
from statistics import mean, pstdev
from typing import TYPE_CHECKING, Any

from src.config import DataConfig, EvaluateConfig, SetConfig, TrainConfig, build
from src.errors import ConfigError, LeakageError, ModelError
from src.inference import use_runtime
from src.models.base import PairScores, TrainingData
from src.models.onepass import SCHEMES
from src.records import ATTRIBUTIONS, STANCES, LabelledPair, LabelledSentence, NliExample
from src.runs import Run, limit_threads, read_run, signature
from src.sweeps import cut_off_run, finished_run

if TYPE_CHECKING:
    from src.models.base import StanceModel

log = logging.getLogger(__name__)


def load_set(config: SetConfig) -> TrainingData:
    """One labelled set as training data; which list is filled follows from the set."""
    from src.data import readers

    texts = Path(config.texts) if config.texts else None
    rows = readers.read(config.name, Path(config.path), split=config.split, context=config.context, neutrals=config.neutrals, texts=texts)
    if config.limit:
        rows = rows[: config.limit]
    return TrainingData(
        pairs=[row for row in rows if isinstance(row, LabelledPair)],
        sentences=[row for row in rows if isinstance(row, LabelledSentence)],
        nli=[row for row in rows if isinstance(row, NliExample)],
    )


def merge(parts: Sequence[TrainingData]) -> TrainingData:
    """Several sets as one."""
    return TrainingData(
        pairs=[row for part in parts for row in part.pairs],
        sentences=[row for part in parts for row in part.sentences],
        nli=[row for part in parts for row in part.nli],
    )


def checksums(data: DataConfig) -> dict[str, str]:
    """sha256 of every file or folder that the experiment reads, by set name and file name."""
    from src.data.checksums import sha256

    sets = [*data.train, *data.transfer, *data.valid, *data.test]
    found = {f"{one.name}/{Path(one.path).name}": sha256(Path(one.path)) for one in sets}
    if data.path:
        found[f"{data.name}/{Path(data.path).name}"] = sha256(Path(data.path))
    return dict(sorted(found.items()))


def _cut(data: TrainingData, count: int) -> TrainingData:
    if not count:
        return data
    return TrainingData(data.pairs[:count], data.sentences[:count], data.nli[:count])


def _texts(data: TrainingData) -> list[str]:
    return [
        *dict.fromkeys(e.pair.text for e in data.pairs),
        *dict.fromkeys(e.text for e in data.sentences),
        *dict.fromkeys(f"{e.premise} {e.hypothesis}" for e in data.nli),
    ]


def check_leakage(train: TrainingData, test: TrainingData, config: DataConfig) -> tuple[TrainingData, dict[str, Any]]:
    """How many test texts stand, exactly or nearly, in training; by `data.on_leakage` the copies are dropped from training.

    Raises:
        LeakageError: there are any, and `data.on_leakage` is `refuse`.
    """
    from src.data.leakage import find_leakage

    learnt = _texts(train)
    report = find_leakage(learnt, _texts(test), threshold=config.near_duplicate_threshold)
    found: dict[str, Any] = {**report.to_dict(), "on_leakage": config.on_leakage}
    if (report.exact or report.near) and config.on_leakage == "refuse":
        raise LeakageError(
            f"{report.exact} of {report.test_texts} test texts are exact and {report.near} near copies of training texts:"
            " clean the split, or set data.on_leakage=drop to leave the copies out of training"
        )
    if config.on_leakage == "drop" and report.leaking:
        copies = {learnt[i] for i in report.leaking}
        train = TrainingData(
            [e for e in train.pairs if e.pair.text not in copies],
            [e for e in train.sentences if e.text not in copies],
            [e for e in train.nli if f"{e.premise} {e.hypothesis}" not in copies],
        )
        found["dropped_from_training"] = len(copies)
    log.info("leakage: %s", json.dumps(found))
    return train, found


def predict_pairs(model: StanceModel, pairs: Sequence[LabelledPair]) -> PairScores:
    """Scores for labelled pairs, each asked by the label conventions of its own set."""
    import numpy as np

    schemes = {e.scheme if e.scheme in SCHEMES else SCHEMES[0] for e in pairs}
    if len(schemes) == 1:
        return model.predict([e.pair for e in pairs], scheme=schemes.pop())
    stance, bias = np.zeros((len(pairs), 3)), np.zeros(len(pairs))
    for scheme in schemes:
        rows = [i for i, e in enumerate(pairs) if (e.scheme if e.scheme in SCHEMES else SCHEMES[0]) == scheme]
        scores = model.predict([pairs[i].pair for i in rows], scheme=scheme)
        stance[rows], bias[rows] = scores.stance, scores.alleges_bias
    return PairScores(stance, bias)


def score(model: StanceModel, data: TrainingData, *, bias_threshold: float, seed: int, resamples: int) -> tuple[dict[str, Any], Any]:
    """The scores of a model on one labelled set, and its raw answers.

    Raises:
        ModelError: the model does not do what the set is labelled for.
    """
    from src.evaluation import scoring
    from src.models.nli import NliModel

    if data.nli:
        if not isinstance(model, NliModel):
            raise ModelError("an NLI set can only be scored with an NLI model: set model=nli")
        probs = model.entailment([(e.premise, e.hypothesis) for e in data.nli])
        return scoring.score_nli(data.nli, probs, seed=seed, resamples=resamples), probs
    if data.sentences:
        slants = model.media_bias([e.text for e in data.sentences])
        if slants.size and (slants != slants).all():
            raise ModelError("this model says nothing of media bias; use model=released, tfidf, nli or majority")
        return scoring.score_sentences(data.sentences, slants, seed=seed, resamples=resamples), slants
    scores = predict_pairs(model, data.pairs)
    result = scoring.score_pairs(
        data.pairs, scores.stance, scores.alleges_bias, bias_threshold=bias_threshold, seed=seed, resamples=resamples
    )
    return result, scores


def evaluate_file(config: EvaluateConfig) -> dict[str, Any]:
    """The object that `src.evaluate` writes."""
    if not config.data.path:
        raise ConfigError("data.path must be given: data.path=FILE (for seesaw the folder)")
    limit_threads(config.engine.threads)
    name = config.data.name
    if name == "endtoend":
        result = _endtoend(config)
    else:
        data = load_set(SetConfig(name=name, path=config.data.path, split=config.data.split))
        model = build(config.model)
        use_runtime(model, config.engine)
        _, bias_threshold = config.task.thresholds(model)
        result, _ = score(model, data, bias_threshold=bias_threshold, seed=config.seed, resamples=config.resamples)
    sums = checksums(DataConfig(name=name, path=config.data.path))
    engine = [config.engine.runtime, config.engine.precision]
    described = {"model": vars(config.model), "data": name, "split": config.data.split, "seed": config.seed, "engine": engine}
    result["model"] = config.model.name
    result["data"] = {"name": name, "split": config.data.split, "sha256": sums}
    result["signature"] = signature(described, sums)
    return result


def _endtoend(config: EvaluateConfig) -> dict[str, Any]:
    """The sentences of the file through the whole pipeline: those of one `article` together, every other one as an article of its own."""
    from itertools import groupby

    from src.evaluation.endtoend import article_of, read_endtoend, score_endtoend
    from src.labelling import make_labeller
    from src.records import Article, Sentence

    rows = read_endtoend(Path(str(config.data.path)))
    labeller = make_labeller(config, build(config.model))
    batch = []
    for name, group in groupby(rows, key=article_of):
        sentences, at = [], 0
        for row in group:
            sentences.append(Sentence(name, str(row["id"]), row["text"], at, at + len(row["text"])))
            at += len(row["text"]) + 1
        batch.append((Article(name, " ".join(sentence.text for sentence in sentences)), sentences))
    found: dict[str, list[dict[str, Any]]] = {str(row["id"]): [] for row in rows}
    for article in labeller.label_articles(batch):
        for position in article.positions:
            found[position.sentence_id].append(position.to_json())
    return score_endtoend(rows, list(found.values()), seed=config.seed, resamples=config.resamples)


@dataclass(frozen=True)
class Made:
    """What an experiment gave: the optimised metric (its mean over seeds), the run folders, and whether all had been made before."""

    value: float
    folders: list[Path]
    skipped: bool


def run_experiment(
    config: TrainConfig,
    resolved: Mapping[str, Any],
    overrides: Sequence[str],
    *,
    sweep: Path | None = None,
    take_up: bool = False,
    notes: Mapping[str, Any] | None = None,
) -> Made:
    """Run an experiment once, or once a seed; `notes` go into the manifest.

    In a `sweep`, and with `take_up`, what a finished run has is not made again (unless `skip_done` is false), and a run that was cut
    off goes on.
    """
    from src.reporting import write_index

    seeds = config.seeds or [config.seed]
    values: list[float] = []
    folders: list[Path] = []
    skipped = 0
    for seed in seeds:
        told = {**resolved, "seed": seed, "seeds": []}
        one = replace(config, seed=seed)
        if (sweep is not None or take_up) and config.skip_done:
            mark = signature(told, checksums(config.data))
            if (before := finished_run(Path(config.paths.runs), config.experiment_name, mark)) is not None:
                print(f"skipped: {before} is this run, finished before")
                if config.release and (before / "model").is_dir():
                    copytree(before / "model", config.release, dirs_exist_ok=True)
                values.append(float(read_run(before)["metrics"]["headline"][config.task.metric]))
                folders.append(before)
                skipped += 1
                continue
            if config.resume is None and (begun := cut_off_run(Path(config.paths.runs), config.experiment_name, mark)) is not None:
                one = replace(one, resume=str(begun))
        try:
            value, folder = _run_once(one, told, overrides, sweep, notes or {})
        finally:
            write_index(Path(config.paths.runs))
        values.append(value)
        folders.append(folder)
    if len(seeds) > 1:
        spread = pstdev(values) if len(values) > 1 else 0.0
        rows = ", ".join(f"seed {s}: {v:.4f}" for s, v in zip(seeds, values, strict=True))
        print(f"{config.task.metric} over {len(seeds)} seeds: {mean(values):.4f} (sd {spread:.4f}; {rows})")
    return Made(mean(values), folders, skipped == len(seeds))


def _run_once(
    config: TrainConfig, resolved: Mapping[str, Any], overrides: Sequence[str], sweep: Path | None, notes: Mapping[str, Any]
) -> tuple[float, Path]:
    from src.loggers import open_loggers
    from src.models.baselines import MajorityModel, TfidfModel
    from src.models.training import seed_everything
    from src.reporting import write_report

    root = Path(config.paths.root)
    sums = checksums(config.data)
    resume = Path(config.resume) if config.resume else None
    with Run.start(
        Path(config.paths.runs), config.experiment_name, resolved, overrides,
        checksums=sums, seed=config.seed, repository=root, resume=resume,
    ) as run, open_loggers(config.logger, run, resolved, sweep) as loggers:  # fmt: skip
        for key, value in notes.items():
            run.note(key, value)
        limit_threads(config.engine.threads)
        if config.debug.epochs and hasattr(config.model, "settings"):
            config.model.settings.epochs = config.debug.epochs
        train, valid, tests = _load(config)
        test = merge(list(tests.values()))
        if not _crossed(config.data):
            train, leakage = check_leakage(train, test, config.data)
            run.note("leakage", leakage)
        sizes = {"train": train, "valid": valid, **tests}
        run.note("examples", {k: len(d.pairs) + len(d.sentences) + len(d.nli) for k, d in sizes.items()})
        seed_everything(config.seed)

        makers: dict[str, Any] = {"majority": MajorityModel, "tfidf": TfidfModel}
        models: dict[str, Any] = {config.model.name: build(config.model)}
        if not test.nli:
            models |= {name: makers[name]() for name in config.baselines if name != config.model.name}
        answers = _answers(models, config, train, valid, tests, run, loggers)
        metrics = _metrics(answers, tests, config, {name: config.task.thresholds(model)[1] for name, model in models.items()})
        run.write_json("metrics.json", metrics)
        run.write_lines("predictions.jsonl", prediction_rows(tests, answers[config.model.name]))
        articles = _label_articles(config, models[config.model.name], run)
        write_report(run, metrics, tests, articles)
        loggers.metrics(metrics["headline"])
        loggers.artefacts(run.folder)
        if config.release and models[config.model.name].learns:
            models[config.model.name].save(Path(config.release))
        _print(config, run, metrics, articles)
        value = metrics["headline"].get(config.task.metric)
        if value is None:
            raise ConfigError(
                f"task.metric={config.task.metric} is not a figure of this experiment; it has {', '.join(metrics['headline'])}"
            )
        return float(value), run.folder


def _transfer(config: TrainConfig) -> TrainingData:
    """Unlabelled pairs, as `src.label` would ask about them, of the sentences in `data.transfer`; a teacher labels them.

    Raises:
        ConfigError: the model has no teacher.
    """
    from src.labelling import find_actors
    from src.pipeline import directed_pairs
    from src.records import Pair, Sentence

    if not getattr(config.model, "teacher", ""):
        raise ConfigError("data.transfer gives sentences without labels: set model.teacher to the folder of a model that labels them")
    texts = list(dict.fromkeys(text for one in config.data.transfer for text in _texts(_cut(load_set(one), config.debug.examples))))
    log.info("finding the actors of %d sentences", len(texts))
    sentences = [[Sentence(f"transfer-{i}", f"transfer-{i}:0", text, 0, len(text))] for i, text in enumerate(texts)]
    pairs = [
        LabelledPair(id=f"{article[0].id}-{number}", pair=Pair(article[0].text, actor.span, target.span), stance=None, source="transfer")
        for article, found in zip(sentences, find_actors(config.actors).find_many(sentences), strict=True)
        for number, (actor, target) in enumerate(directed_pairs(found[0][: config.actors.max_mentions]))
    ]
    return TrainingData(pairs)


def _load(config: TrainConfig) -> tuple[TrainingData, TrainingData, dict[str, TrainingData]]:
    from src.data.splits import holdout, leave_one_out, subsample

    data = config.data
    train = merge([_cut(load_set(one), config.debug.examples) for one in data.train])
    valid = merge([_cut(load_set(one), config.debug.examples) for one in data.valid])
    sets = data.test
    if data.path:
        sets = [SetConfig(name=data.name, path=data.path, split=data.split)]
    tests: dict[str, TrainingData] = {}
    for one in sets:
        name = one.name if one.split is None else f"{one.name}:{one.split}"
        tests[name if name not in tests else f"{name}:{Path(one.path).stem}"] = _cut(load_set(one), config.debug.examples)
    if data.folds > 1:
        tests = {f"{data.name}:{data.folds}-fold": train}
    elif data.leave_out:
        held = [row for _, part in leave_one_out(train, data.leave_out, least=data.leave_out_least) for row in part.pairs]
        tests = {f"{data.name}:leave-one-{data.leave_out}-out": TrainingData(held)}
    elif not data.valid and data.holdout and _size(train):
        train, valid = holdout(train, share=data.holdout, seed=config.seed)
    if data.transfer:
        train = merge([train, _transfer(config)])
    if data.sample:
        train = subsample(train, data.sample, seed=config.seed)
    if not tests:
        raise ConfigError("nothing to score on: give data.test, data.path, data.folds or data.leave_out")
    return train, valid, tests


def _size(data: TrainingData) -> int:
    return len(data.pairs) + len(data.sentences) + len(data.nli)


def _answers(
    models: dict[str, StanceModel],
    config: TrainConfig,
    train: TrainingData,
    valid: TrainingData,
    tests: dict[str, TrainingData],
    run: Run,
    loggers: Any,
) -> dict[str, dict[str, Any]]:
    """For each model and test set its raw answers, cross-validated where `data.folds` or `data.leave_out` says so."""
    from src.data.splits import folds, leave_one_out

    data = config.data
    out: dict[str, dict[str, Any]] = {}
    for name, model in models.items():
        checkpoint = run.folder / "checkpoint" / name
        if _crossed(data):
            (test_name,) = tests
            parts = []
            splits = (
                folds(train, data.folds, seed=config.seed)
                if data.folds
                else leave_one_out(train, data.leave_out, least=data.leave_out_least)
            )
            for number, (rest, held) in enumerate(splits):
                done = run.folder / "checkpoint" / f"{name}-fold-{number}.npz"  # a run that was cut off does not fit these again
                if (raw := _read_raw(done)) is None:
                    fresh: StanceModel = build(config.model) if name == config.model.name else type(model)()
                    _fit(fresh, name, rest, held, config, checkpoint / str(number), loggers, use_valid=False)
                    raw = _raw(fresh, held)
                    _write_raw(done, raw)
                parts.append((held, raw))
            out[name] = {test_name: _join(parts, tests[test_name])}
            continue
        _fit(model, name, train, valid, config, checkpoint, loggers)
        if name == config.model.name and model.learns:
            model.save(run.folder / "model")
        if name == config.model.name:
            use_runtime(model, config.engine)
        out[name] = {test: _raw(model, data) for test, data in tests.items()}
    return out


def _fit(
    model: StanceModel,
    name: str,
    train: TrainingData,
    valid: TrainingData,
    config: TrainConfig,
    checkpoint: Path,
    loggers: Any,
    *,
    use_valid: bool = True,
) -> None:
    if not model.learns:
        return
    if not _size(train):
        raise ConfigError(f"model={name} learns, but data={config.data.name} has no training set: give data.train")
    history = model.fit(train, valid if use_valid else TrainingData(), seed=config.seed, checkpoint=checkpoint)
    if history is not None:
        loggers.history(name, history)
    log.info("fitted %s on %d examples", name, _size(train))


def _raw(model: StanceModel, data: TrainingData) -> Any:
    if data.nli:
        from src.models.nli import NliModel

        if not isinstance(model, NliModel):
            raise ModelError("an NLI set can only be scored with an NLI model: set model=nli")
        return model.entailment([(e.premise, e.hypothesis) for e in data.nli])
    if data.sentences:
        return model.media_bias([e.text for e in data.sentences])
    return predict_pairs(model, data.pairs)


def _crossed(data: DataConfig) -> bool:
    return data.folds > 1 or bool(data.leave_out)


def _write_raw(path: Path, raw: Any) -> None:
    import numpy as np

    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}")
    with part.open("wb") as file:
        if isinstance(raw, PairScores):
            np.savez(file, stance=raw.stance, bias=raw.alleges_bias)
        else:
            np.savez(file, values=raw)
    part.replace(path)


def _read_raw(path: Path) -> Any:
    import numpy as np

    if not path.exists():
        return None
    with np.load(path, allow_pickle=False) as kept:
        return kept["values"] if "values" in kept else PairScores(kept["stance"], kept["bias"])


def _join(parts: Sequence[tuple[TrainingData, Any]], whole: TrainingData) -> Any:
    """The answers of all folds, in the order of the whole set."""
    import numpy as np

    rows: Sequence[Any] = whole.pairs or whole.sentences
    place = {row.id: i for i, row in enumerate(rows)}
    if whole.pairs:
        stance, bias = np.zeros((len(rows), 3)), np.full(len(rows), np.nan)
        for held, scores in parts:
            at = [place[row.id] for row in held.pairs]
            stance[at], bias[at] = scores.stance, scores.alleges_bias
        return PairScores(stance, bias)
    slants = np.zeros(len(rows))
    for held, values in parts:
        slants[[place[row.id] for row in held.sentences]] = values
    return slants


def _metrics(
    answers: dict[str, dict[str, Any]], tests: dict[str, TrainingData], config: TrainConfig, bias_thresholds: Mapping[str, float]
) -> dict[str, Any]:
    from src.evaluation import scoring

    options = {"seed": config.seed, "resamples": config.resamples}
    sets: dict[str, dict[str, Any]] = {}
    for test, data in tests.items():
        sets[test] = {}
        for name in answers:
            raw = answers[name][test]
            if data.nli:
                sets[test][name] = scoring.score_nli(data.nli, raw, **options)
            elif data.sentences:
                if (raw == raw).any():
                    sets[test][name] = scoring.score_sentences(data.sentences, raw, **options)
            else:
                sets[test][name] = scoring.score_pairs(
                    data.pairs, raw.stance, raw.alleges_bias, bias_threshold=bias_thresholds[name], **options
                )
    first = next(iter(tests))
    if config.model.name not in sets[first]:
        raise ModelError(f"model={config.model.name} cannot answer data={config.data.name}")
    main = sets[first][config.model.name]
    names = ("n", "macro_f1", "micro_f1", "f_avg", "accuracy", "dse_macro_f1", "dse_micro_f1", "polarity_accuracy",
             "binary_macro_f1", "f1_m")  # fmt: skip
    headline = {name: main[name] for name in names if main.get(name) is not None}
    if main.get("alleges_bias"):
        headline["alleges_bias_f1"] = main["alleges_bias"]["f1"]
    return {"model": config.model.name, "first": first, "headline": headline, "sets": sets}


def prediction_rows(tests: dict[str, TrainingData], answers: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One record an example: gold, prediction, probabilities, and what the aggregates are computed from."""
    rows: list[dict[str, Any]] = []
    for test, data in tests.items():
        raw = answers[test]
        for i, pair in enumerate(data.pairs):
            guess = STANCES[int(raw.stance[i].argmax())]
            row: dict[str, Any] = {
                "id": pair.id,
                "set": test,
                "article_id": pair.article_id,
                "group": pair.group,
                "text": pair.pair.text,
                "actor": _party(pair, "actor"),
                "target": _party(pair, "target"),
                "gold": pair.stance,
                "predicted": guess,
                "stance_probs": {name: round(float(raw.stance[i, k]), 4) for k, name in enumerate(STANCES)},
                "right": None if pair.stance is None else guess == pair.stance,
                "tags": list(pair.tags),
                "attribution": pair.attribution,
            }
            if raw.alleges_bias[i] == raw.alleges_bias[i]:
                row["alleges_bias_prob"] = round(float(raw.alleges_bias[i]), 4)
            if pair.alleges_bias is not None:
                row["alleges_bias"] = pair.alleges_bias
            if raw.evidence is not None and guess != "neutral":
                row["evidence"] = [{"start": s.start, "end": s.end} for s in raw.evidence[i]]
            if raw.attribution is not None:
                row["predicted_attribution"] = ATTRIBUTIONS[int(raw.attribution[i].argmax())]
            rows.append(row)
        for i, one in enumerate(data.sentences):
            said = bool(raw[i] >= 0.5)
            rows.append(
                {
                    "id": one.id,
                    "set": test,
                    "group": one.group,
                    "text": one.text,
                    "gold": one.media_bias,
                    "predicted": said,
                    "media_bias_prob": round(float(raw[i]), 4),
                    "right": said == one.media_bias,
                }
            )
        for i, example in enumerate(data.nli):
            guess_nli = ("entailment", "neutral", "contradiction")[int(raw[i].argmax())]
            rows.append(
                {
                    "id": example.id,
                    "set": test,
                    "text": example.premise,
                    "hypothesis": example.hypothesis,
                    "gold": example.label,
                    "predicted": guess_nli,
                    "right": guess_nli == example.label,
                }
            )
    return rows


def _party(example: LabelledPair, role: str) -> dict[str, Any] | None:
    span = example.pair.actor if role == "actor" else example.pair.target
    identity = example.actor_id if role == "actor" else example.target_id
    if span is None:
        return None
    return {"id": identity, "mention": example.pair.text[span.start : span.end], "start": span.start, "end": span.end}


def _label_articles(config: TrainConfig, model: StanceModel, run: Run) -> list[Any]:
    """Label `config.articles` and write `positions.jsonl`; an experiment without articles gives an empty list."""
    from itertools import islice

    from src.labelling import make_labeller

    if not config.articles:
        return []
    labeller = make_labeller(config, model)
    labelled = list(islice(labeller.label(config.articles), config.debug.articles or None))
    rows = [position.to_json() for article in labelled for position in article.positions]
    run.write_lines("positions.jsonl", rows)
    run.note("articles", {"input": config.articles, "summary": labeller.counts.summary(), "faults": labeller.counts.faults})
    return labelled


def _print(config: TrainConfig, run: Run, metrics: dict[str, Any], articles: Sequence[Any]) -> None:
    for test, models in metrics["sets"].items():
        print(f"{test}:")
        for name, scores in models.items():
            parts = []
            for key in ("macro_f1", "f_avg", "accuracy", "polarity_accuracy", "dse_macro_f1", "dse_micro_f1",
                        "binary_macro_f1", "f1_m"):  # fmt: skip
                if scores.get(key) is not None:
                    low, high = (scores.get("ci95") or {}).get(key) or (None, None)
                    interval = "" if low is None else f" [{low:.3f}, {high:.3f}]"
                    parts.append(f"{key} {scores[key]:.3f}{interval}")
            if scores.get("alleges_bias"):
                parts.append(f"alleges_bias F1 {scores['alleges_bias']['f1']:.3f}")
            print(f"  {name:<10} n={scores['n']}  " + "  ".join(parts))
    if articles:
        count = sum(len(article.positions) for article in articles)
        print(f"{count} positions in {len(articles)} articles of {config.articles}")
    print(f"report: {_shown(run.folder / 'report.html', Path(config.paths.root))}")


def _shown(path: Path, root: Path) -> str:
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
