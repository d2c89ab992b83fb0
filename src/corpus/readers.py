"""Reads articles from .txt, .html, .jsonl, .csv and .parquet, one at a time."""

from __future__ import annotations

import csv
import glob
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from src.corpus.cleaning import front_matter, parse_date
from src.errors import InputError
from src.records import Article

OnError = Callable[[InputError], None]
SUFFIXES = (".txt", ".html", ".htm", ".jsonl", ".csv", ".parquet")
csv.field_size_limit(10**9)


def find_inputs(path: str) -> list[Path]:
    """The article files that a path means: a file, a folder (searched through), or a glob; sorted.

    Raises:
        InputError: nothing is there, or nothing of a kind that can be read.
    """
    place = Path(path)
    kinds = ", ".join(SUFFIXES)
    if place.is_file():
        if place.suffix.lower() not in SUFFIXES:
            raise InputError(f"files of the kind {place.suffix or '(no ending)'} cannot be read; known: {kinds}", path=place)
        return [place]
    if place.is_dir():
        found = sorted(p for p in place.rglob("*") if p.is_file() and p.suffix.lower() in SUFFIXES and p.name[0] != ".")
        if not found:
            raise InputError(f"no article in this folder; files with these endings are read: {kinds}", path=place)
        return found
    if glob.has_magic(path):
        found = sorted(Path(p) for p in glob.glob(path, recursive=True) if Path(p).suffix.lower() in SUFFIXES)
        if not found:
            raise InputError(f"no file matches this pattern; files with these endings are read: {kinds}", path=path)
        return found
    raise InputError("no such file or folder", path=path)


def read_articles(path: Path, *, on_error: OnError) -> Iterator[Article]:
    """The articles of one file. What cannot be read is told to `on_error`, naming the line, and the rest goes on."""
    readers = {".txt": _txt, ".html": _html, ".htm": _html, ".jsonl": _jsonl, ".csv": _csv, ".parquet": _parquet}
    try:
        yield from readers[path.suffix.lower()](path, on_error)
    except InputError as error:
        on_error(error)
    except OSError as error:
        on_error(InputError(f"cannot be read: {error.strerror or error}", path=path))


def _decoded(path: Path) -> str:
    raw = path.read_bytes()
    if not raw.strip():
        raise InputError("the file is empty", path=path)
    if b"\0" in raw[:8192]:
        raise InputError("this is a binary file; text in UTF-8 is expected", path=path)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise InputError(f"byte {raw[error.start]:#04x} is not UTF-8; save the file as UTF-8", path=path, line=line) from None


def _front_matter(text: str, path: Path) -> tuple[dict[str, str], int]:
    """Fields between two `---` lines at the head, and where the text goes on; told where such a head is malformed."""
    fields, start = front_matter(text)
    lines = text.splitlines()
    if not start and lines[0].strip() == "---" and "---" in (line.strip() for line in lines[1:30]):
        closed = next(i for i, line in enumerate(lines[1:], 1) if line.strip() == "---")
        number = next((i for i, line in enumerate(lines[1:closed], 2) if line.strip() and ":" not in line), 2)
        raise InputError("front matter must have lines of the form 'key: value'", path=path, line=number)
    return fields, start


def _txt(path: Path, on_error: OnError) -> Iterator[Article]:
    text = _decoded(path)
    fields, start = _front_matter(text, path)
    body = text[start:]
    lines = [line.strip() for line in body.split("\n")]
    filled = [line for line in lines if line]
    if not filled:
        raise InputError("there is no text behind the front matter", path=path)
    title = fields.get("title")
    if title is None and len(filled) > 1 and len(filled[0]) <= 150 and filled[0][-1] not in '.!?:;,"”':
        title = filled[0]
    date = parse_date(fields.get("date")) or next((d for line in filled[:4] if (d := parse_date(line))), None)
    # offsets are those of the file's text behind the front matter
    yield Article(fields.get("id") or path.stem, body, title, date, fields.get("outlet"), fields.get("url"), str(path))


def _html(path: Path, on_error: OnError) -> Iterator[Article]:
    import trafilatura

    markup = _decoded(path)
    found: Any = trafilatura.bare_extraction(markup, include_comments=False, include_tables=False, with_metadata=True)
    if found is None or not (found.text or "").strip():
        raise InputError("no article text was found in this page", path=path)
    title, text = found.title, found.text.replace("\n", "\n\n")
    if title and not text.startswith(title):
        text = f"{title}\n\n{text}"
    yield Article(path.stem, text, title, parse_date(found.date), found.sitename, found.url, str(path))


def _jsonl(path: Path, on_error: OnError) -> Iterator[Article]:
    made = _Rows(path, on_error)
    with path.open("rb") as file:
        for number, raw in enumerate(file, 1):
            if not raw.strip():
                continue
            try:
                row = json.loads(raw.decode("utf-8-sig" if number == 1 else "utf-8"))
            except UnicodeDecodeError:
                on_error(InputError("this line is not UTF-8; save the file as UTF-8", path=path, line=number))
                continue
            except ValueError as error:
                on_error(InputError(f"broken JSON ({error}); one object a line is expected", path=path, line=number))
                continue
            if not isinstance(row, dict):
                on_error(InputError("a JSON object with id and text is expected", path=path, line=number))
                continue
            yield from made.article(row, number)
    made.check_any()


def _csv(path: Path, on_error: OnError) -> Iterator[Article]:
    made = _Rows(path, on_error)
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            head = file.read(65536)
            if not head.strip():
                raise InputError("the file is empty", path=path)
            file.seek(0)
            first = head.splitlines()[0]
            delimiter = max(",;\t|", key=first.count)
            reader = csv.DictReader(file, delimiter=delimiter, strict=True)
            if "text" not in (reader.fieldnames or []):
                has = ", ".join(reader.fieldnames or [])
                raise InputError(f"the column 'text' is missing; the header has {has}; needed: id, text", path=path, line=1)
            for row in reader:
                yield from made.article(row, reader.line_num)
        except UnicodeDecodeError:
            raise InputError("the file is not UTF-8; save it as UTF-8", path=path) from None
        except csv.Error as error:
            raise InputError(f"broken CSV: {error}", path=path) from None
    made.check_any()


def _parquet(path: Path, on_error: OnError) -> Iterator[Article]:
    import pyarrow as pa
    from pyarrow import parquet

    made = _Rows(path, on_error)
    try:
        file = parquet.ParquetFile(path)
    except (pa.ArrowInvalid, OSError):
        raise InputError("this is not a Parquet file", path=path) from None
    if "text" not in file.schema_arrow.names:
        has = ", ".join(file.schema_arrow.names)
        raise InputError(f"the column 'text' is missing; the file has {has}; needed: id, text", path=path)
    number = 0
    for batch in file.iter_batches(batch_size=64):
        for row in batch.to_pylist():
            number += 1
            yield from made.article(row, number)
    made.check_any()


class _Rows:
    """Articles from rows with `id` and `text`, with the checks that all row formats share."""

    def __init__(self, path: Path, on_error: OnError) -> None:
        self.path, self.on_error = path, on_error
        self.seen = 0

    def article(self, row: dict[str, Any], number: int) -> Iterator[Article]:
        self.seen += 1
        text = row.get("text")
        if text is None and "text" not in row:
            has = ", ".join(map(str, row)) or "nothing"
            self.on_error(InputError(f"the key 'text' is missing; the row has {has}", path=self.path, line=number))
            return
        if not isinstance(text, str) or not text.strip():
            self.on_error(InputError("text is empty or not a string", path=self.path, line=number))
            return
        identity = row.get("id")
        known = {key: str(row[key]) for key in ("title", "outlet", "url") if row.get(key)}
        yield Article(
            str(identity) if identity not in (None, "") else f"{self.path.stem}-{number}",
            text,
            date=parse_date(str(row["date"])) if row.get("date") else None,
            source=f"{self.path}:{number}",
            **known,
        )

    def check_any(self) -> None:
        if not self.seen:
            raise InputError("the file is empty", path=self.path)
