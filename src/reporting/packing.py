"""Rows for an explorer in a page: columns of numbers into one list of strings, deflated, so that 50,000 rows stay small."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

#: How a column is shown and filtered: a sentence with marks and a search field, a menu, a menu whose value is told below the
#: sentence, a name field, a number with a least value, or a link to an article of the page.
Kind = Literal["sentence", "choice", "note", "party", "number", "article"]


@dataclass
class Table:
    """Rows by column. `marks` has for each row a flat list: actor start, end, target start, end, then evidence spans (-1: none).

    Offsets count code points; they are turned into those of JavaScript strings where a text needs it.
    """

    columns: Sequence[tuple[str, str, Kind]]  # key, heading, kind
    rows: Sequence[Mapping[str, Any]] = ()
    marks: Sequence[Sequence[int]] = field(default_factory=list)

    def packed(self) -> str:
        """Base64 of deflated JSON: `strings`, `columns` (key, heading, kind, values) and `marks`."""
        strings: dict[str, int] = {}
        columns = []
        for key, heading, kind in self.columns:
            values: list[Any] = []
            for row in self.rows:
                value = row.get(key)
                if kind in ("number", "article"):
                    values.append(value)
                else:
                    values.append(strings.setdefault("" if value is None else str(value), len(strings)))
            if any(v not in (None, "") for v in (row.get(key) for row in self.rows)):
                columns.append({"key": key, "heading": heading, "kind": kind, "values": values})
        sentence = next((key for key, _, kind in self.columns if kind == "sentence"), "")
        marks = [_utf16(str(row.get(sentence, "")), found) for row, found in zip(self.rows, self.marks, strict=True)]
        raw = json.dumps({"strings": list(strings), "columns": columns, "marks": marks}, separators=(",", ":"), ensure_ascii=False)
        return base64.b64encode(zlib.compress(raw.encode("utf-8", "surrogatepass"), 9)).decode("ascii")


def _utf16(text: str, offsets: Sequence[int]) -> list[int]:
    """Offsets in code points as offsets in UTF-16 units.

    >>> _utf16("a\\U0001F600b", [2, 3])
    [3, 4]
    """
    if text.isascii() or all(ord(c) < 0x10000 for c in text):
        return list(offsets)
    return [at if at < 0 else at + sum(ord(c) > 0xFFFF for c in text[:at]) for at in offsets]
