"""The labelled dataset's keeper: what it refuses, what it builds, how it measures agreement."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path

import pytest

from src.config import DatasetConfig
from src.data.agreement import agreement, krippendorff_alpha, positions_f1
from src.data.collection import read_collection
from src.data.keeper import findings, keep
from src.errors import InputError
from tests.conftest import ROOT, command

ARTICLE = """---
title: Ferry row
date: 2031-03-04
event: ferry-row
---
By Ada Quist

{Norway} praised {Chad} for its patience in the ferry talks. | 1>2 f w praised | tags=active
{Mali} said the {EU} had read one brief only. | 1>2 ab r had read one brief only | tags=reported

Nobody moved.
{Peru} and {Chad} met on Monday. | | tags=plain
"""
SENTENCES = """{Fiji} scolded {Oman} over the lamps. | 1>2 a w scolded | tags=active
{Togo} thanked {Ghana} for the bridge that it had mended. | 1>2 f w thanked | tags=active
{Nepal} lies north of {India}. | | tags=plain
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small dataset without fault."""
    place = tmp_path / "data"
    author = place / "annotations" / "author"
    author.mkdir(parents=True)
    (author / "ferry.txt").write_text(ARTICLE, encoding="utf-8")
    (author / "loose.txt").write_text(SENTENCES, encoding="utf-8")
    parts = {"ferry": "train", "loose-000": "train", "loose-001": "test", "loose-002": "test_unseen_actors"}
    (place / "splits.tsv").write_text("source\tpart\n" + "".join(f"{s}\t{p}\n" for s, p in parts.items()), encoding="utf-8")
    keep(DatasetConfig(action="split", path=str(place)))
    return place


def edit(name: str, old: str, new: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


LOOSE = "annotations/author/loose.txt"


def rebuilt(change: Callable[[Path], None]) -> Callable[[Path], None]:
    def both(folder: Path) -> None:
        change(folder)
        (folder / "manifest.json").unlink()
        keep(DatasetConfig(action="split", path=str(folder), thaw=True))

    return both


def test_a_dataset_without_fault_is_passed(folder: Path) -> None:
    assert "6 sentences are without fault" in keep(DatasetConfig(action="validate", path=str(folder)))


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (edit(LOOSE, "1>2 a w scolded", "1>2 hates w scolded"), r"loose\.txt:1: .*is no label"),
        (edit(LOOSE, "{Oman}", "{Omanistan}"), r"loose\.txt:1: who is 'Omanistan'"),
        (edit(LOOSE, "1>2 a w scolded", "1>2 a w insulted"), r"loose\.txt:1: the evidence 'insulted' does not stand"),
        (edit(LOOSE, "1>2 a w scolded", "1>2 a w"), r"loose\.txt:1: the position 1>2 has no evidence"),
        (edit(LOOSE, "1>2 a w", "1>3 a w"), r"loose\.txt:1: .*no two such parties"),
        (edit(LOOSE, "tags=plain", "tags=plane"), r"loose\.txt:3: unknown tag 'plane'"),
        (edit(LOOSE, "{Fiji}", "{Fiji=FJX}"), r"loose\.txt:1: unknown id 'FJX'"),
        (edit(LOOSE, "{Oman}", "{Oman=group:venice-commission}"), r"loose\.txt:1: group:venice-commission is listed as VENICE"),
        (edit("splits.tsv", "loose-001\ttest", "loose-001\texam"), r"splits\.tsv:\d: unknown part 'exam'"),
        (edit("splits.tsv", "loose-001\ttest\n", ""), r"splits\.tsv: loose-001 has no part"),
        (edit("splits.tsv", "ferry\ttrain", "ferry\ttrain\nghost\ttrain"), r"ghost has a part but no text"),
        (edit(LOOSE, "{Nepal} lies north of {India}.", "{Togo} thanked {Ghana} for the bridge that it had mended."), r"loose\.txt:3: repeats loose\.txt:2 and leaks from test to test_unseen_actors"),
        (edit(LOOSE, "{Fiji} scolded {Oman} over the lamps.", "{Nepal} scolded {Oman} over the lamps."), r"loose\.txt:1: Nepal is trained on, but an unseen actor in loose\.txt:3"),
        (edit("pairs/train.jsonl", "favor", "against"), r"train\.jsonl: does not follow from the annotations"),
        (edit(LOOSE, "for the bridge that it had mended", "for the tunnel"), r"test\.jsonl: the frozen part has changed"),
    ],
)  # fmt: skip
def test_every_fault_is_named_with_its_place(folder: Path, spoil: Callable[[Path], None], told: str) -> None:
    import re

    spoil(folder)
    found = [str(finding) for finding in findings(folder)[1] if not finding.aim]
    assert any(re.search(told, line) for line in found), found
    with pytest.raises(InputError, match="fault"):
        keep(DatasetConfig(action="validate", path=str(folder)))


def test_an_event_must_stay_together(folder: Path) -> None:
    second = (
        ARTICLE.replace("Ferry row", "Ferry row goes on").replace("Norway", "Sweden").replace("Mali", "Niger").replace("Peru", "Bolivia")
    )
    other = (
        second.replace("praised", "lauded")
        .replace("patience in the ferry talks", "calm")
        .replace("one brief only", "half of it")
        .replace("met on Monday", "split")
    )
    (folder / "annotations" / "author" / "more.txt").write_text(other, encoding="utf-8")
    edit("splits.tsv", "ferry\ttrain", "ferry\ttrain\nmore\ttest")(folder)
    found = [str(finding) for finding in findings(folder)[1]]
    assert any("the event ferry-row is spread over parts" in line for line in found), found


def test_one_party_must_not_rule_the_set(folder: Path) -> None:
    others = ["Togo", "Mali", "Peru", "Fiji", "Oman", "Cuba", "Iran", "Laos", "Niger", "Kenya", "Ghana", "Benin", "Gabon", "Qatar", "Yemen"]
    lines = [
        f"{{Chad}} {'praised' if i % 2 else 'rebuked'} {{{name}}} and {{{others[i - 1]}}} in note {i * 37} of file {i}. | | tags=plain"
        for i, name in enumerate(others)
    ]
    lines += [
        f"{{{a}}} wrote {i} letters numbered {i * 91} to {{{b}}}. | | tags=plain"
        for i, (a, b) in enumerate(zip(others, others[1:], strict=False))
    ]
    (folder / "annotations" / "author" / "loose2.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    found = [str(finding) for finding in findings(folder)[1]]
    assert any("TCD stands in" in line and "at most 6%" in line for line in found), found


def test_a_new_source_is_given_a_part_and_the_frozen_ones_stay(folder: Path) -> None:
    before = (folder / "pairs" / "test.jsonl").read_bytes()
    (folder / "annotations" / "author" / "new.txt").write_text(
        ARTICLE.replace("ferry", "tunnel").replace("Ferry", "Tunnel"), encoding="utf-8"
    )
    keep(DatasetConfig(action="split", path=str(folder), thaw=True))
    parts = dict(line.split("\t") for line in (folder / "splits.tsv").read_text().splitlines()[1:])
    assert parts["new"] in ("train", "validation", "test")
    assert parts["ferry"] == "train"
    if parts["new"] != "test":
        assert (folder / "pairs" / "test.jsonl").read_bytes() == before


def test_a_frozen_part_is_not_changed_unasked(folder: Path) -> None:
    edit(LOOSE, "for the bridge that it had mended", "for the tunnel")(folder)
    with pytest.raises(InputError, match="thaw=true"):
        keep(DatasetConfig(action="split", path=str(folder)))
    assert "bridge" in (folder / "pairs" / "test.jsonl").read_text(encoding="utf-8")


def test_pairs_come_back_as_the_written_form_they_were_made_of(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "back.txt"
    keep(DatasetConfig(action="import", path=str(folder / "pairs" / "test.jsonl"), output=str(out)))
    assert out.read_text(encoding="utf-8").strip() == SENTENCES.splitlines()[1]


def test_everything_is_exported_as_parquet(folder: Path, tmp_path: Path) -> None:
    from pyarrow import parquet

    keep(DatasetConfig(action="export", path=str(folder), output=str(tmp_path / "out")))
    table = parquet.read_table(tmp_path / "out" / "pairs" / "train.parquet")
    assert table.num_rows == sum(1 for _ in (folder / "pairs" / "train.jsonl").open())


def test_alpha_agrees_with_krippendorffs_own_example() -> None:
    # Krippendorff 2011, section B: two observers, nominal data
    first = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0]
    second = [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]
    assert krippendorff_alpha(list(zip(first, second, strict=True))) == pytest.approx(0.095, abs=0.001)
    assert krippendorff_alpha([("a", "a"), ("b", "b")]) == 1.0
    assert math.isnan(krippendorff_alpha([("a", "a")]))


def test_agreement_is_full_with_oneself_and_falls_with_each_difference(folder: Path) -> None:
    second = folder / "annotations" / "second"
    second.mkdir()
    for file in (folder / "annotations" / "author").glob("*.txt"):
        (second / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    same = agreement(read_collection(folder), read_collection(folder, "second"), seed=1, resamples=50)
    assert same["stance"].alpha == same["mention"].alpha == same["identity"].alpha == 1.0
    edit("annotations/second/ferry.txt", "1>2 ab r had read", "1>2 a r had read")(folder)
    edit("annotations/second/loose.txt", "1>2 f w thanked", "2>1 f w thanked")(folder)
    less = agreement(read_collection(folder), read_collection(folder, "second"), seed=1, resamples=50)
    assert less["alleges_bias"].alpha < 1.0
    assert less["stance"].alpha < 1.0
    assert less["mention"].alpha == 1.0
    # three positions each; of the second annotator's one lacks the allegation and one points the other way
    assert positions_f1(read_collection(folder), read_collection(folder, "second")) == pytest.approx(2 * 2 / 8)
    listed = folder / "differences.jsonl"
    keep(DatasetConfig(action="agreement", path=str(folder), output=str(listed)))
    rows = [json.loads(line) for line in listed.read_text(encoding="utf-8").splitlines()]
    assert {row["id"] for row in rows} == {"ferry-001", "loose-001"}


def test_the_dataset_that_ships_is_without_fault() -> None:
    done = command("src.dataset", "action=validate")
    assert done.returncode == 0, done.stdout
    assert "without fault" in done.stdout


def test_the_hub_library_loads_every_configuration_without_a_script(tmp_path: Path) -> None:
    import datasets

    sizes = {}
    for name in ("pairs", "sentences", "articles", "annotations"):
        loaded = datasets.load_dataset(str(ROOT / "data"), name, cache_dir=str(tmp_path))
        sizes[name] = {part: rows.num_rows for part, rows in loaded.items()}
    assert set(sizes["pairs"]) == set(sizes["sentences"]) == {"train", "validation", "test", "test_unseen_actors", "test_invented"}
    assert sizes["articles"]["train"] >= 40
    assert sum(sizes["sentences"].values()) == sum(len(list(t.sentences)) for t in read_collection(ROOT / "data").texts.values())


def test_croissant_metadata_reads_the_pairs() -> None:
    import mlcroissant as mlc

    dataset = mlc.Dataset(str(ROOT / "data" / "croissant.json"))
    rows = list(dataset.records("pairs_test"))
    gold = (ROOT / "data" / "pairs" / "test.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(rows) == len(gold)
    assert {key.rsplit("/", 1)[1] for key in rows[0]} >= {"text", "stance", "alleges_bias"}


def test_an_adjudicated_reading_takes_the_place_of_the_authors(folder: Path) -> None:
    line = "{Togo} thanked {Ghana} for the bridge that it had mended. | 1>2 f w thanked ; 2>1 f w mended | tags=none"
    (folder / "adjudication.tsv").write_text(f"id\treading\treason\nloose-001\t{line}\tmending is an act\n", encoding="utf-8")
    keep(DatasetConfig(action="split", path=str(folder), thaw=True))
    rows = [json.loads(row) for row in (folder / "pairs" / "test.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["stance"] for row in rows] == ["favor", "favor"]
    raw = [json.loads(row) for row in (folder / "annotations.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [len(row["positions"]) for row in raw if row["id"] == "loose-001"] == [1]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("loose-001\tno reading", "three columns"),
        ("loose-099\t{Togo} slept. | | tags=plain\tx", "no such sentence: loose-099"),
        ("loose-001\t{Togo} slept. | | tags=plain\tx", "other words"),
    ],
)
def test_a_faulty_adjudication_is_told(folder: Path, row: str, told: str) -> None:
    (folder / "adjudication.tsv").write_text(f"id\treading\treason\n{row}\n", encoding="utf-8")
    found = [str(finding) for finding in findings(folder)[1]]
    assert any(told in line and "adjudication.tsv" in line for line in found), found
