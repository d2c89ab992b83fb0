"""An experiment that builds on the models of others trains those first, once."""

from __future__ import annotations

import json
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.conftest import ROOT, command

HEAD = "# @package _global_\ndefaults:\n  - override /data: pairs\n  - override /model: onepass\n\n"


@pytest.fixture
def recipe(tmp_path: Path) -> list[str]:
    """Two experiments on six pairs, the second from the model of the first, and two that need each other."""
    folder = tmp_path / "configs" / "experiment"
    folder.mkdir(parents=True)
    rows = (ROOT / "data" / "pairs" / "validation.jsonl").read_text(encoding="utf-8").splitlines()[:6]
    pairs = tmp_path / "pairs.jsonl"
    pairs.write_text("\n".join(rows) + "\n", encoding="utf-8")
    one = f"[{{name: pairs, path: {pairs}}}]"
    for name, encoder in (
        ("plain", "minilm"),
        ("built", '"{plain}"'),
        ("heads", '"{tails}"'),
        ("tails", '"{heads}"'),
        ("lost", '"{nobody}"'),
    ):
        body = f"experiment_name: {name}\nbaselines: []\nmodel: {{encoder: {encoder}, settings: {{epochs: 1}}}}\n"
        data = f"data: {{train: {one}, valid: {one}, test: {one}, on_leakage: keep}}\n"
        (folder / f"{name}.yaml").write_text(HEAD + body + data, encoding="utf-8")
    return ["--config-dir", str(folder.parent), f"paths.runs={tmp_path / 'runs'}"]


def train(recipe: list[str], *words: str) -> CompletedProcess[str]:
    return command("src.train", *recipe, *words)


def runs(tmp_path: Path, name: str) -> list[Path]:
    return sorted(p.parent for p in (tmp_path / "runs" / name).glob("*/manifest.json"))


def test_what_an_experiment_builds_on_is_trained_first_and_once(recipe: list[str], tmp_path: Path) -> None:
    done = train(recipe, "experiment=built", "seed=3")
    assert done.returncode == 0, done.stderr
    (before,), (after,) = runs(tmp_path, "plain"), runs(tmp_path, "built")
    told = json.loads((after / "manifest.json").read_text(encoding="utf-8"))
    assert told["stages"]["plain"]["run"] == f"plain/{before.name}"
    assert told["stages"]["plain"]["seed"] == 3  # the seed holds for every stage
    assert told["stages"]["plain"]["data"]

    again = train(recipe, "experiment=built", "seed=3", f"release={tmp_path / 'out'}")
    assert again.returncode == 0, again.stderr
    assert again.stdout.count("skipped") == 2
    assert len(runs(tmp_path, "plain")) == len(runs(tmp_path, "built")) == 1
    assert (tmp_path / "out" / "model.safetensors").read_bytes() == (after / "model" / "model.safetensors").read_bytes()


@pytest.mark.parametrize(("experiment", "told"), [("heads", "heads -> tails -> heads"), ("lost", "nobody")])
def test_a_recipe_that_cannot_be_run_says_why(recipe: list[str], experiment: str, told: str) -> None:
    done = train(recipe, f"experiment={experiment}")
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert told in done.stderr
