"""Articles in: every format, what is prose, where sentences end, and what is passed over; offsets always lead back to the original."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from src.corpus import CorpusReader, ReadArticle, find_inputs, read_articles
from src.corpus.cleaning import is_furniture, is_heading, parse_date
from src.corpus.segmentation import spans
from src.errors import ConfigError, InputError
from src.records import Article

HERE = Path(__file__).parent
LINES = [line.split("\t", 1) for line in (HERE / "lines.tsv").read_text("utf-8").splitlines() if line and line[0] != "#"]
PARAGRAPHS = [line for line in (HERE / "segmentation.txt").read_text("utf-8").splitlines() if line and line[0] != "#"]
BODY = (
    "Tarsk and Velm signed a fishing agreement on Monday after eleven rounds of talks. The ministers of both coasts shook hands.\n\n"
    "A spokesman for the port of Velm said the first boats would leave in May. He gave no further details about the quota."
)


def read(path: Path, **settings: object) -> tuple[list[ReadArticle], list[InputError]]:
    faults: list[InputError] = []
    reader = CorpusReader(**settings)  # type: ignore[arg-type]
    return list(reader.articles(str(path), on_error=faults.append)), faults


def prose(text: str, title: str | None = None) -> list[str]:
    found = CorpusReader(languages=(), near_duplicate_threshold=1.0).read(Article("a", text, title))
    for sentence in found.sentences:
        assert text[sentence.start : sentence.end] == sentence.text
    return [sentence.text for sentence in found.sentences]


@pytest.mark.parametrize(("kind", "line"), LINES, ids=[line[:40] for _, line in LINES])
def test_lines_of_a_saved_page_are_told_apart(kind: str, line: str) -> None:
    assert is_furniture(line) == (kind == "furniture")
    if kind != "furniture":
        assert is_heading(line) == (kind == "heading")


@pytest.mark.parametrize("paragraph", PARAGRAPHS, ids=[p[:40] for p in PARAGRAPHS])
def test_sentences_end_where_a_reader_would_end_them(paragraph: str) -> None:
    expected = paragraph.split(" | ")
    text = " ".join(expected)
    assert [text[a:b] for a, b in spans(text)] == expected


def test_page_furniture_around_an_article_gives_no_sentence() -> None:
    page = (
        "Talks resume on the strait\n\nShare on Facebook | Tweet\n\nBy Anna Kask\n\nTue Nov 28 2023\n\n"
        "BAKU: The ministers met for an hour. They will meet again.\n\nA second round\n\nAdvertisement\n\n"
        "Nobody spoke to the press.\n\nWe use cookies to improve your visit.\n\nSign up for our daily newsletter to get the news in your inbox.\n"
    )
    assert prose(page) == [
        "Talks resume on the strait",
        "The ministers met for an hour.",
        "They will meet again.",
        "Nobody spoke to the press.",
    ]


@pytest.mark.parametrize(
    ("line", "rest"),
    [
        ("BAKU: The talks failed.", "The talks failed."),
        ("WASHINGTON (Reuters) - The talks failed.", "The talks failed."),
        ("KEMI, Finland, May 3 (Northwire) — The talks failed.", "The talks failed."),
        ("NATO: We stand firm.", "NATO: We stand firm."),
    ],
)
def test_a_dateline_falls_away_and_a_speaker_stays(line: str, rest: str) -> None:
    assert prose(f"{line} They go on in June, and a text is expected.") == [rest, "They go on in June, and a text is expected."]


def test_a_sentence_about_cookies_is_news() -> None:
    text = "The EU criticised the firm's cookie policy on Tuesday. The firm rejected the criticism."
    assert len(prose(text)) == 2


def test_lines_broken_at_a_margin_are_one_paragraph() -> None:
    text = (
        "The two governments have agreed to reopen the crossing for lorries\nbefore the end of the month, and for everybody else a month\n"
        "after that. Nobody asked about the toll.\n"
    )
    assert len(prose(text)) == 2


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("Tue Nov 28 2023", "2023-11-28"), ("Updated: 28 November 2023 at 10:15 GMT", "2023-11-28"), ("2021-07-19T08:30:00Z", "2021-07-19"),
        ("November 28th, 2023", "2023-11-28"), ("28/11/2023", "2023-11-28"), ("11/28/2023", "2023-11-28"), ("31 February 2023", None), ("Talks resume", None),
        (None, None),
    ],
)  # fmt: skip
def test_dates_are_read_in_many_forms(written: str | None, day: str | None) -> None:
    assert parse_date(written) == day


def test_all_formats_give_the_same_sentences(tmp_path: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    row = {"id": "x1", "title": "Fish deal", "date": "2031-05-02", "outlet": "The Ferry Post", "url": "https://example.org/1", "text": BODY}
    head = "\n".join(f"{key}: {row[key]}" for key in ("id", "title", "date", "outlet", "url"))
    (tmp_path / "a.txt").write_text(f"---\n{head}\n---\n{BODY}", encoding="utf-8")
    (tmp_path / "b.jsonl").write_text("\n" + json.dumps(row) + "\n", encoding="utf-8")
    with (tmp_path / "c.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, row, delimiter=";")
        writer.writeheader()
        writer.writerow(row)
    parquet.write_table(pa.Table.from_pylist([row]), tmp_path / "d.parquet")
    sentences = []
    for name in ("a.txt", "b.jsonl", "c.csv", "d.parquet"):
        (found,), faults = read(tmp_path / name)
        assert not faults
        article = found.article
        assert (article.id, article.title, article.date, article.outlet, article.url) == (
            "x1", "Fish deal", "2031-05-02", "The Ferry Post", "https://example.org/1",
        )  # fmt: skip
        sentences.append([s.text for s in found.sentences])
    assert sentences[0] == sentences[1] == sentences[2] == sentences[3]
    assert len(sentences[0]) == 4


def test_windows_line_ends_change_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(f"---\ntitle: Fish deal\n---\n{BODY}".replace("\n", "\r\n").encode())
    (found,), _ = read(tmp_path / "a.txt")
    assert found.article.title == "Fish deal"
    assert len(found.sentences) == 4


def test_a_web_page_gives_its_article_and_not_its_menu(tmp_path: Path) -> None:
    paragraphs = "".join(f"<p>{part}</p>" for part in BODY.split("\n\n"))
    (tmp_path / "p.html").write_text(
        "<html><head><title>Fish deal</title><meta property='og:site_name' content='The Ferry Post'></head><body><nav><a href='/'>Home</a>"
        f"<a href='/sport'>Sport</a></nav><article><h1>Fish deal</h1>{paragraphs}</article><footer>All rights reserved</footer></body></html>",
        encoding="utf-8",
    )
    (found,), faults = read(tmp_path / "p.html")
    assert not faults
    texts = [s.text for s in found.sentences]
    assert "He gave no further details about the quota." in texts
    assert not any("Sport" in text or "rights" in text for text in texts)


def test_a_folder_a_glob_and_a_file_name_the_same_articles(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in ("a.txt", "b.txt", "notes.pdf", ".hidden.txt"):
        (tmp_path / "in" / name).write_text(BODY, encoding="utf-8")
    wanted = [tmp_path / "in" / "a.txt", tmp_path / "in" / "b.txt"]
    assert find_inputs(str(tmp_path / "in")) == find_inputs(str(tmp_path / "in" / "*.txt")) == wanted
    assert find_inputs(str(wanted[0])) == wanted[:1]


@pytest.mark.parametrize(("place", "told"), [("nothing.txt", "no such file"), ("*.csv", "no file matches"), (".", "no article")])
def test_an_input_that_is_not_there_is_told(tmp_path: Path, place: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        find_inputs(str(tmp_path / place))


def test_a_faulty_row_is_named_by_its_line_and_the_rest_is_read(tmp_path: Path) -> None:
    good = json.dumps({"id": "g", "text": BODY})
    other = json.dumps({"id": "h", "text": BODY.replace("Tarsk", "Orlin").replace("fishing", "grazing") + " Other words close it."})
    rows = [good, "{broken", json.dumps({"id": "n"}), json.dumps({"id": "e", "text": " "}), json.dumps([1]), other]
    (tmp_path / "a.jsonl").write_text("\n".join(rows), encoding="utf-8")
    faults: list[InputError] = []
    articles = list(read_articles(tmp_path / "a.jsonl", on_error=faults.append))
    assert [a.id for a in articles] == ["g", "h"]
    assert [f.line for f in faults] == [2, 3, 4, 5]
    assert all("a.jsonl" in str(fault) for fault in faults)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.txt", b"", "empty"), ("a.txt", b"\0\x01\x02", "binary"), ("a.txt", "café".encode("latin-1"), "UTF-8"), ("a.csv", b"id,body\n1,x\n", "column 'text'"),
        ("a.txt", b"---\ntitle: x\nno colon here\n---\nBody.", "key: value"), ("a.parquet", b"PAR0", "not a Parquet"), ("a.jsonl", b"\n\n", "empty"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_one_clear_error(tmp_path: Path, name: str, content: bytes, told: str) -> None:
    (tmp_path / name).write_bytes(content)
    articles, faults = read(tmp_path / name)
    assert articles == []
    (fault,) = faults
    assert told in str(fault)
    assert name in str(fault)


def test_another_language_is_skipped_with_its_name(tmp_path: Path) -> None:
    german = (
        "Die Regierung in Wien hat am Montag den Vorschlag aus Brüssel abgelehnt und eine neue Verhandlung über die Fischerei verlangt. "
    )
    (tmp_path / "a.txt").write_text(german * 3, encoding="utf-8")
    (found,), _ = read(tmp_path / "a.txt")
    assert found.skipped is not None
    assert found.skipped.reason == "language"
    assert found.skipped.detail.startswith("de")
    (kept,), _ = read(tmp_path / "a.txt", languages=("en", "de"))
    assert kept.skipped is None


def test_an_unknown_language_code_is_refused() -> None:
    with pytest.raises(ConfigError, match="klingon"):
        CorpusReader(languages=("klingon",))


def test_a_syndicated_copy_is_skipped_and_names_its_original(tmp_path: Path) -> None:
    long = BODY + " " + " ".join(f"Boat number {n} of the northern fleet was inspected in harbour {n + 3}." for n in range(30))
    (tmp_path / "a.txt").write_text(long, encoding="utf-8")
    (tmp_path / "b.txt").write_text("VELM (Coast Wire) - " + long + " The end.", encoding="utf-8")
    (tmp_path / "c.txt").write_text(
        "The parliament of Orlin rejected the budget on Friday. The vote was close. A new draft is due.", encoding="utf-8"
    )
    first, second, third = read(tmp_path)[0]
    assert first.skipped is None
    assert third.skipped is None
    assert second.skipped is not None
    assert str(second.skipped) == "near-duplicate (of a)"


def test_a_file_without_prose_is_skipped_not_failed() -> None:
    found = CorpusReader(languages=()).read(Article("a", "Share on Facebook | Tweet\n\n18 Comments"))
    assert found.skipped is not None
    assert found.skipped.reason == "no prose"
