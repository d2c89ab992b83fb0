"""Long work that is cut off goes on where it stopped, and leaves nothing half written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from src.labelling import label_to_file
from tests.conftest import ROOT


def settings(*overrides: str) -> Any:
    from hydra import compose, initialize_config_dir
    from hydra.core.global_hydra import GlobalHydra

    from src.config import register, typed

    register()
    GlobalHydra.instance().clear()
    with initialize_config_dir(str(ROOT / "configs"), version_base="1.3"):
        return typed(compose("label", overrides=[*overrides, "progress=false"]))


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Nine articles, so different that none counts as a copy."""
    states = ["Chad", "Togo", "Peru", "Norway", "Ghana", "Fiji", "Oman", "Nepal", "Cuba", "Mali"]
    verbs = ["condemned", "praised", "thanked", "rebuked", "welcomed", "scorned", "lauded", "denounced", "applauded"]
    things = ["dam", "quota", "treaty", "border post", "grain loan", "ferry line", "visa rule", "fishing ban", "air corridor"]
    rows = [
        {
            "id": f"a{i}",
            "text": f"{states[i]} {verbs[i]} {states[i + 1]} over the {things[i]}. Nothing else was said about the {things[i]} that day.",
        }
        for i in range(9)
    ]
    path = tmp_path / "in.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_labelling_that_was_cut_off_gives_the_same_file(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from src.pipeline import Labeller

    whole, output = tmp_path / "whole.jsonl", tmp_path / "out.jsonl"
    words = [f"input={corpus}", "engine.batch_articles=2", "keep_neutral=true"]
    label_to_file(settings(*words, f"output={whole}"))

    label = Labeller.label

    def cut_off(self: Labeller, path: str, **more: Any) -> Iterator[Any]:
        for number, item in enumerate(label(self, path, **more)):
            if number == 5:
                raise KeyboardInterrupt
            yield item

    with monkeypatch.context() as patch:
        patch.setattr(Labeller, "label", cut_off)
        with pytest.raises(KeyboardInterrupt):
            label_to_file(settings(*words, f"output={output}"))
    assert not output.exists()
    seen: list[int] = []

    def counted(self: Labeller, path: str, *, skip: int = 0, **more: Any) -> Iterator[Any]:
        seen.append(skip)
        return label(self, path, skip=skip, **more)

    monkeypatch.setattr(Labeller, "label", counted)
    label_to_file(settings(*words, f"output={output}"))
    assert seen == [4]
    assert output.read_bytes() == whole.read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in.jsonl", "out.jsonl", "whole.jsonl"]


def test_other_settings_start_anew(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from src.pipeline import Labeller

    output = tmp_path / "out.jsonl"
    label = Labeller.label

    def cut_off(self: Labeller, path: str, **more: Any) -> Iterator[Any]:
        for number, item in enumerate(label(self, path, **more)):
            if number == 5:
                raise KeyboardInterrupt
            yield item

    with monkeypatch.context() as patch:
        patch.setattr(Labeller, "label", cut_off)
        with pytest.raises(KeyboardInterrupt):
            label_to_file(settings(f"input={corpus}", f"output={output}", "engine.batch_articles=2", "keep_neutral=true"))
    label_to_file(settings(f"input={corpus}", f"output={output}", "engine.batch_articles=2", "keep_neutral=false"))
    assert "neutral" not in {json.loads(line)["stance"] for line in output.read_text("utf-8").splitlines()}


def test_an_input_that_changed_meanwhile_is_labelled_anew(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from src.pipeline import Labeller

    output = tmp_path / "out.jsonl"
    words = [f"input={corpus}", f"output={output}", "engine.batch_articles=2", "keep_neutral=true"]
    label = Labeller.label

    def cut_off(self: Labeller, path: str, **more: Any) -> Iterator[Any]:
        for number, item in enumerate(label(self, path, **more)):
            if number == 5:
                raise KeyboardInterrupt
            yield item

    monkeypatch.setattr(Labeller, "label", cut_off)
    with pytest.raises(KeyboardInterrupt):
        label_to_file(settings(*words))
    monkeypatch.setattr(Labeller, "label", label)
    changed = [{**json.loads(line), "id": f"new-{number}"} for number, line in enumerate(corpus.read_text(encoding="utf-8").splitlines())]
    corpus.write_text("".join(json.dumps(row) + "\n" for row in changed), encoding="utf-8")
    label_to_file(settings(*words))
    found = {json.loads(line)["article_id"] for line in output.read_text(encoding="utf-8").splitlines()}
    assert found == {f"new-{number}" for number in range(9)}
