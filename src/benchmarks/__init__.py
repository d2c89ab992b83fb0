"""`make benchmark`: contenders interleaved, the share of the machine's peak, and what labelling, starting and training cost."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from src.benchmarks.contenders import interleaved, own, per_target, sentences_with_pairs, zero_shot
from src.benchmarks.costs import flops, gemm_peak, labelling, peak_memory, start_up, training
from src.files import write_atomically
from src.runs import hardware, limit_threads, versions

if TYPE_CHECKING:
    from src.config import BenchmarkConfig
    from src.models.onepass import OnePassModel
    from src.records import Pair

_OURS = {"released": "MPNet-base (model=released)", "small": "MiniLM-L6 (model=released_small)"}


def benchmark(config: BenchmarkConfig) -> str:
    """Time everything, write `speed.json` and `speed.md` into `config.output`, and return the tables."""
    from src.inference.choice import build, judge, read_probe
    from src.inference.runtimes import PRECISIONS
    from src.models.encoders import quiet
    from src.models.pair import PairModel
    from src.models.saved import load_model

    limit_threads(config.threads)
    quiet()
    groups = sentences_with_pairs(Path(config.path), sentences=config.sentences, pairs=config.pairs)
    ours: dict[str, OnePassModel] = {"released": load_model(path=config.released), "small": load_model(path=config.small)}
    marked = PairModel()
    marked._build()
    contenders: dict[str, Callable[[], Any]] = {
        "transformers zero-shot pipeline, MiniLM-L6": zero_shot(config.nli, groups),
        "transformers zero-shot pipeline, DeBERTa-v3-small size": zero_shot(config.nli, groups, random_size="deberta-v3-small"),
        "one pass a pair, RoBERTa-base size": per_target(config.nli, groups),
        "marked pair, MiniLM-L6 (model=pair)": own(marked, groups),
    }
    probe = read_probe(Path(config.probe))
    differing: dict[str, float] = {}
    size: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        for key, model in ours.items():
            for runtime, precision in ((runtime, precision) for runtime, kinds in PRECISIONS.items() for precision in kinds):
                name = f"one pass a sentence, {_OURS[key]}, {runtime} {precision}"
                place = Path(folder) / key
                run = build(model, runtime, precision, place, threads=config.threads)
                differing[name] = judge(model, runtime, precision, probe, place, threads=config.threads).differing
                contenders[name], size[name] = _answering(model, run, groups), key
        found = interleaved(contenders, count=len(groups), rounds=config.rounds)
    base = next(iter(found.values())).median
    peaks = {precision: gemm_peak(precision) for precision in ("fp32", "bf16")}
    work = {key: flops(model, groups) / len(groups) for key, model in ours.items()}
    rows = [
        "| contender | sentences/s, median (range) | directed pairs/s | ratio | share of the peak | labels that differ |",
        "|---|---|---|---|---|---|",
    ]
    for name, timing in found.items():
        spread = f"{timing.median:.1f} ({timing.low:.1f} to {timing.high:.1f})"
        peak = peaks.get(name.split()[-1]) if name in differing else None
        share = f"{timing.median * work[size[name]] / peak:.0%}" if peak else ""
        gate = f"{differing[name]:.1%}" if name in differing else ""
        rows.append(f"| {name} | {spread} | {timing.median * config.pairs:.0f} | {timing.median / base:.1f} | {share} | {gate} |")
    told = ", ".join(f"{precision} {value:.0f} GFLOP/s" for precision, value in peaks.items())
    rows += ["", f"Peak by a matrix product of 1024: {told}; {work['released']:.2f} and {work['small']:.2f} GFLOP a sentence."]
    wholes: dict[str, Any] = {}
    for key, runtime, precision in ((key, *how) for key in ours for how in (("torch", "fp32"), ("openvino", "bf16"))):
        model = ours[key]
        with tempfile.TemporaryDirectory() as folder:
            model.run_by(build(model, runtime, precision, Path(folder), threads=config.threads))
            spent = labelling(model, config.articles)
        model.run_by(None)
        wholes[f"{key} {runtime} {precision}"] = vars(spent)
        how = f"{_OURS[key]}, {runtime} {precision}"
        outside = 1 - spent.in_encoder / spent.whole
        told = f"{spent.whole:.2f} s, {spent.articles / spent.whole:.1f} articles/s, {outside:.0%} of the time outside the encoder"
        rows += [
            "",
            f"Labelling {spent.articles} articles of {Path(config.articles).name}/ by {how}: {told}. By itself:",
            "",
        ]
        rows += ["| stage | seconds |", "|---|---|", *(f"| {name} | {value:.2f} |" for name, value in spent.stages.items())]
    memory = peak_memory()
    starts = start_up()
    rows += ["", "| command | seconds | peak MiB |", "|---|---|---|"]
    rows += [f"| `{name}` | {seconds:.2f} | {peak:.0f} |" for name, (seconds, peak) in starts.items()]
    learnt = training(groups, config.nli)
    rows += ["", "Training, one epoch: " + ", ".join(f"{name} {value:.1f} sentences/s" for name, value in learnt.items()) + "."]
    machine = hardware()
    asked = f"{config.sentences} sentences with {config.pairs} directed pairs, {config.rounds} rounds interleaved after a warm-up"
    rows += ["", f"{asked}; {machine['processor']}, {machine['cores']} cores; peak memory of the benchmark {memory:.0f} MiB."]
    text = "\n".join(rows) + "\n"
    out = Path(config.output)
    write_atomically(out / "speed.md", text)
    content = {
        "speed": {name: vars(timing) for name, timing in found.items()}, "differing": differing, "gemm_gflops": peaks, "labelling": wholes,
        "start_up": starts, "training": learnt, "hardware": machine, "versions": versions(),
    }  # fmt: skip
    write_atomically(out / "speed.json", json.dumps(content, indent=2) + "\n")
    return text


def _answering(model: OnePassModel, run: Any, groups: list[list[Pair]]) -> Callable[[], Any]:
    pairs = [pair for group in groups for pair in group]

    def answer() -> Any:
        with model.answering(run):
            return model.predict(pairs)

    return answer
