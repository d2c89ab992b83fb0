"""The labelled sets: no leak between parts, faults named by line, every directed pair of a written sentence."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from src.data.leakage import find_leakage
from src.data.notation import read_annotated
from src.data.readers import fingerprint, read
from src.data.rows import pairs_of
from src.errors import InputError
from src.records import LabelledPair
from tests.conftest import ROOT

PARTS = ("validation", "test", "test_unseen_actors", "test_invented")


def texts(name: str) -> list[str]:
    lines = (ROOT / "data" / "pairs" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return list(dict.fromkeys(json.loads(line)["text"] for line in lines))


@pytest.mark.parametrize("part", PARTS)
def test_no_sentence_of_a_held_out_part_stands_in_training(part: str) -> None:
    report = find_leakage(texts("train"), texts(part), threshold=0.6)
    assert (report.exact, report.near) == (0, 0)


@pytest.mark.parametrize("name", ["endtoend", "endtoend_dev", "endtoend_news"])
def test_no_end_to_end_sentence_stands_in_training(name: str) -> None:
    held = [json.loads(line)["text"] for line in (ROOT / "data" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]
    report = find_leakage(texts("train"), held, threshold=0.6)
    assert (report.exact, report.near) == (0, 0)


def test_exact_and_near_copies_are_told_apart() -> None:
    train = ["Oslo thanked Chad for the grain it had sent in spring.", "Lima met Quito."]
    test = [
        "OSLO thanked Chad for the grain, it had sent in spring",
        "Oslo thanked Chad for the grain it had sent in autumn.",
        "Peru fell silent.",
    ]
    report = find_leakage(train, test, threshold=0.6)
    assert (report.exact, report.near) == (1, 1)


@pytest.mark.skipif("STANCE_DATA_DIR" not in os.environ, reason="STANCE_DATA_DIR is unset: the public sets are not at hand")
def test_the_public_dse_split_has_one_copy_left_and_another_is_found() -> None:
    folder = Path(os.environ["STANCE_DATA_DIR"]) / "dse"
    train = list(dict.fromkeys(e.pair.text for e in read("dse", folder / "train.tsv")))
    valid = list(dict.fromkeys(e.pair.text for e in read("dse", folder / "valid.tsv")))
    assert find_leakage(train, valid, threshold=1.0).exact == 1  # differs in punctuation only
    assert find_leakage(train, [*valid, train[7]], threshold=1.0).exact == 2


def test_a_written_sentence_gives_every_directed_pair(tmp_path: Path) -> None:
    file = tmp_path / "one.txt"
    file.write_text("{Albania} thanked {Malta} and ignored {Fiji}. | 1>2 f w thanked | tags=plain\n", encoding="utf-8")
    rows = list(pairs_of(read_annotated(file), name="one", annotator="author"))
    assert {(r["actor"]["id"], r["target"]["id"]): r["stance"] for r in rows} == {
        ("ALB", "MLT"): "favor", ("ALB", "FJI"): "neutral", ("MLT", "ALB"): "neutral",
        ("MLT", "FJI"): "neutral", ("FJI", "ALB"): "neutral", ("FJI", "MLT"): "neutral",
    }  # fmt: skip
    favor = next(r for r in rows if r["stance"] == "favor")
    (span,) = favor["evidence"]
    assert favor["text"][span["start"] : span["end"]] == "thanked"
    assert favor["text"][favor["target"]["start"] : favor["target"]["end"]] == "Malta"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{Albania} thanked {Malta}. | 1>3 f w thanked | tags=plain", "3"),
        ("{Albania} thanked {Malta}. | 1>2 f w praised | tags=plain", "praised"),
        ("{Albania} thanked {Malta}. | 1>2 x w thanked | tags=plain", "x"),
        ("{Albania} thanked {Nobodyland}. | 1>2 f w thanked | tags=plain", "Nobodyland"),
    ],
)
def test_a_fault_in_a_written_sentence_names_file_line_and_fault(tmp_path: Path, line: str, said: str) -> None:
    file = tmp_path / "one.txt"
    file.write_text("{Fiji} met {Malta}. | | tags=plain\n" + line + "\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_annotated(file)
    message = str(caught.value)
    assert "one.txt" in message and "2" in message and said in message


def test_every_annotation_file_is_sound() -> None:
    files = sorted((ROOT / "data" / "annotations" / "author").glob("*.txt"))
    assert files
    for file in files:
        assert list(read_annotated(file).sentences), file


def test_labels_without_text_find_their_sentence_in_the_public_sets(tmp_path: Path) -> None:
    text = "Lima accused the panel of listening to Quito alone."
    (tmp_path / "babe").mkdir()
    (tmp_path / "babe" / "train.csv").write_text(f"text;label_bias\n{text};Biased\n", encoding="utf-8")
    labels = tmp_path / "labels.tsv"
    head = "text\tactor_start\tactor_end\ttarget_start\ttarget_end\talleges_bias\n"
    labels.write_text(f"{head}{fingerprint(text)}\t0\t4\t17\t22\t1\n", encoding="utf-8")
    (row,) = read("allegations", labels, texts=tmp_path)
    assert isinstance(row, LabelledPair)
    assert (row.pair.mention("actor"), row.pair.mention("target"), row.alleges_bias, row.stance) == ("Lima", "panel", True, None)

    labels.write_text(f"{head}{fingerprint(text)}\t0\t4\t17\t220\t1\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"labels\.tsv:2.*outside the sentence"):
        read("allegations", labels, texts=tmp_path)
    labels.write_text(f"{head}{fingerprint('Other words.')}\t0\t4\t17\t22\t1\n", encoding="utf-8")
    with pytest.raises(InputError, match=r":2.*fingerprint"):
        read("allegations", labels, texts=tmp_path)
    with pytest.raises(InputError, match="texts=FOLDER"):
        read("allegations", labels)
