"""Labelling to a file: streamed, atomic, and resumable."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from src.config import LabelConfig, build
from src.errors import ConfigError, InputError
from src.files import write_atomically
from src.inference import use_runtime
from src.pipeline import Actors, Labeller, Thresholds
from src.runs import limit_threads, steady_memory

if TYPE_CHECKING:
    from src.actors import ActorFinder
    from src.config import ActorsConfig, EvaluateConfig, TrainConfig
    from src.models.base import StanceModel

log = logging.getLogger(__name__)


def find_actors(config: ActorsConfig) -> ActorFinder:
    """The actor finder of a configuration."""
    from src.actors import ActorFinder

    return ActorFinder(
        aliases=Path(config.aliases) if config.aliases else None,
        dictionaries=[Path(name) for name in config.dictionaries],
        ner=config.ner,
    )


def make_labeller(config: LabelConfig | TrainConfig | EvaluateConfig, model: StanceModel, *, keep_neutral: bool = False) -> Labeller:
    """The labelling pipeline of a configuration around a model, run and kept as `config.engine` says."""
    from src.corpus import CorpusReader

    actors: Actors = find_actors(config.actors)
    runtime = use_runtime(model, config.engine)
    if config.engine.cache:
        actors, model = _cached(config, actors, model, runtime)

    corpus = CorpusReader(
        languages=tuple(config.corpus.languages),
        near_duplicate_threshold=config.corpus.near_duplicate_threshold,
        clean=config.corpus.clean,
        titles=config.corpus.titles,
    )
    stance, bias = config.task.thresholds(model)
    return Labeller(
        corpus,
        actors,
        model,
        thresholds=Thresholds(stance=stance, bias=bias, keep_neutral=keep_neutral or config.task.keep_neutral),
        max_mentions=config.actors.max_mentions,
        batch_articles=config.engine.batch_articles,
    )


def _cached(config: LabelConfig | TrainConfig | EvaluateConfig, actors: Any, model: Any, runtime: str) -> tuple[Any, Any]:
    """The finder and the model behind a cache of their results.

    Raises:
        ConfigError: the model has no checksum to keep results under, or the folder cannot be written.
    """
    from src.inference.cache import CachedActors, CachedModel, ResultCache, checksum, code_checksum
    from src.models.encoders import cache_folder

    if not hasattr(model, "checksum"):
        raise ConfigError("engine.cache needs a one-pass model (released, released_small, onepass)")
    place = Path(str(config.engine.cache)).expanduser() if config.engine.cache != "auto" else cache_folder() / "results"
    cache = ResultCache(place)
    files = [config.actors.aliases, *config.actors.dictionaries]
    texts = [Path(name).read_text(encoding="utf-8", errors="replace") for name in files if name]
    finder_key = checksum("actors", code_checksum("src.actors"), config.actors.ner, texts)
    model_key = checksum("model", code_checksum("src.models.onepass"), model.checksum(), runtime)
    return CachedActors(actors, cache, finder_key), CachedModel(model, cache, model_key)


class _Journal:
    """The unfinished output and how far it got: `.FILE.part` and `.FILE.part.json`.

    The journal is written after each batch; on resuming, whatever was written behind its offset is cut away.
    """

    def __init__(self, output: Path, key: str) -> None:
        self.part = output.with_name(f".{output.name}.part")
        self.state = output.with_name(f".{output.name}.part.json")
        self.key = key

    def resume(self) -> tuple[int, int]:
        """(articles done, positions written) by an interrupted run of the same command; (0, 0) if there is none."""
        if not (self.part.exists() and self.state.exists()):
            return 0, 0
        try:
            state = json.loads(self.state.read_text(encoding="utf-8"))
        except ValueError:
            return 0, 0
        if state.get("key") != self.key or self.part.stat().st_size < state["bytes"]:
            return 0, 0
        os.truncate(self.part, state["bytes"])
        return state["articles"], state["positions"]

    def mark(self, articles: int, positions: int, size: int) -> None:
        state = {"key": self.key, "articles": articles, "positions": positions, "bytes": size}
        write_atomically(self.state, json.dumps(state))

    def discard(self) -> None:
        self.part.unlink(missing_ok=True)
        self.state.unlink(missing_ok=True)

    def finish(self, output: Path) -> None:
        self.part.replace(output)
        self.state.unlink(missing_ok=True)


def label_to_file(config: LabelConfig) -> str:
    """Label `config.input` into `config.output` (JSON lines); returns a one-line summary.

    The output appears when it is complete. An interrupted run continues when the same command is given again.

    Raises:
        InputError: the input does not exist, holds no article file, or nothing in it can be read.
        ConfigError: the output cannot be written.
        ModelError: the model cannot be loaded.
    """
    from tqdm import tqdm

    from src.corpus import find_inputs

    started = time.monotonic()
    inputs = [(str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in find_inputs(config.input)]
    output = Path(config.output)
    if output.is_dir():
        raise ConfigError(f"output={output} is a folder; give a file, for example output={output}/positions.jsonl")
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"output={output} cannot be written: {error.strerror}") from error
    limit_threads(config.engine.threads)
    steady_memory()
    labeller = make_labeller(config, build(config.model), keep_neutral=config.keep_neutral)
    settings: dict[str, Any] = asdict(config)
    for key in ("output", "resume", "progress"):
        settings.pop(key)
    settings["files"] = inputs  # an input that changed meanwhile is labelled anew
    settings["engine"] = [config.engine.runtime, config.engine.precision]
    journal = _Journal(output, hashlib.sha256(json.dumps(settings, sort_keys=True, default=str).encode()).hexdigest())
    done, written = journal.resume() if config.resume else (0, 0)
    if done:
        print(f"resuming after {done} articles", file=sys.stderr)

    def fault(error: InputError) -> None:
        tqdm.write(f"skipped: {error}", file=sys.stderr)

    articles, positions = done, written
    with journal.part.open("ab" if done else "wb") as file:
        bar = tqdm(
            labeller.label(config.input, skip=done, on_fault=fault),
            initial=done, unit=" articles", disable=not config.progress, mininterval=0.5, file=sys.stderr,
        )  # fmt: skip
        for item in bar:
            for position in item.positions:
                file.write(json.dumps(position.to_json(), ensure_ascii=False).encode() + b"\n")
            articles += 1
            positions += len(item.positions)
            if articles % config.engine.batch_articles == 0:
                file.flush()
                journal.mark(articles, positions, file.tell())
        file.flush()
        os.fsync(file.fileno())
    counts = labeller.counts
    if counts.faults and not articles and not counts.skipped:
        journal.discard()
        raise InputError(f"nothing could be labelled; {len(counts.faults)} faulty inputs, each named above", path=config.input)
    journal.finish(output)
    for reason, count in counts.skipped.items():
        log.info("%d articles skipped: %s", count, reason)
    return f"{counts.summary()} in {time.monotonic() - started:.1f} s -> {output} ({positions} lines)"
