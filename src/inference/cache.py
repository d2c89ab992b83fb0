"""A content-addressed cache of results: what a stage said of an input is never computed twice.

A key is the checksum of the stage (its code, settings and weights) and of the input, and of nothing else: how inputs are batched
does not matter, and a new target in a known sentence costs only its own pairs.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from src.errors import ConfigError
from src.models.base import PairScores
from src.records import Entity, Mention, Pair, Sentence, Span

if TYPE_CHECKING:
    import numpy as np

    from src.actors import ActorFinder

_MOST = 500  # keys a query


def checksum(*parts: object) -> str:
    """sha256 over values that JSON can hold."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def code_checksum(package: str) -> str:
    """sha256 over the source files of a package or module of this project, such as `src.actors`."""
    place = Path(__file__).resolve().parents[2].joinpath(*package.split("."))
    files = sorted(f for f in place.iterdir() if f.is_file()) if place.is_dir() else [place.with_suffix(".py")]
    return checksum([hashlib.sha256(f.read_bytes()).hexdigest() for f in files])


class ResultCache:
    """Key to JSON value in one SQLite file; several processes may use it at once.

    Raises:
        ConfigError: the folder cannot be written, or the file in it is no cache.
    """

    def __init__(self, folder: Path) -> None:
        path = folder / "results.sqlite"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._store = sqlite3.connect(path, timeout=60, check_same_thread=False)
            self._store.execute("PRAGMA journal_mode=WAL")
            self._store.execute("PRAGMA synchronous=NORMAL")
            self._store.execute("CREATE TABLE IF NOT EXISTS result (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID")
        except (OSError, sqlite3.Error) as error:
            raise ConfigError(f"engine.cache={folder} cannot be used: {error}") from error

    def through(self, keys: Sequence[str], compute: Callable[[list[int]], Iterable[Any]]) -> list[Any]:
        """The value of each key; `compute` is given the places of the unknown ones and gives their values in that order."""
        known: dict[str, Any] = {}
        distinct = list(dict.fromkeys(keys))
        for low in range(0, len(distinct), _MOST):
            part = distinct[low : low + _MOST]
            marks = ",".join("?" * len(part))
            rows = self._store.execute(f"SELECT key, value FROM result WHERE key IN ({marks})", part)
            known |= {key: json.loads(value) for key, value in rows}
        places = {key: i for i, key in reversed(list(enumerate(keys))) if key not in known}
        if places:
            todo = sorted(places.values())
            made = {keys[i]: value for i, value in zip(todo, compute(todo), strict=True)}
            with self._store:
                self._store.executemany("INSERT OR REPLACE INTO result VALUES (?, ?)", [(k, json.dumps(v)) for k, v in made.items()])
            known |= made
        return [known[key] for key in keys]


class CachedModel:
    """A model whose answers are kept; `key` stands for its weights, code and runtime."""

    learns = False

    def __init__(self, model: Any, cache: ResultCache, key: str) -> None:
        self._model, self._cache, self._key = model, cache, key
        self.threshold, self.bias_threshold = getattr(model, "threshold", 0.5), getattr(model, "bias_threshold", 0.5)

    def predict(self, pairs: Sequence[Pair], *, scheme: str = "positions") -> PairScores:
        """See `StanceModel.predict`; only pairs that were never asked about are computed."""
        import numpy as np

        keys = [checksum(self._key, scheme, pair.text, pair.actor and asdict(pair.actor), asdict(pair.target)) for pair in pairs]
        rows = self._cache.through(keys, lambda todo: _rows(self._model.predict([pairs[i] for i in todo], scheme=scheme)))
        if not rows:
            return self._model.predict([], scheme=scheme)
        columns: list[Any] = [np.array(column, dtype=np.float32) for column in zip(*(row[:4] for row in rows), strict=True)]
        evidence = [tuple(Span(low, high) for low, high in row[4]) for row in rows]
        return PairScores(columns[0], columns[1], columns[2], evidence, columns[3])

    def media_bias(self, sentences: Sequence[str]) -> np.ndarray:
        """See `StanceModel.media_bias`."""
        import numpy as np

        keys = [checksum(self._key, "media_bias", text) for text in sentences]
        return np.array(self._cache.through(keys, lambda todo: self._model.media_bias([sentences[i] for i in todo]).tolist()))


def _rows(scores: PairScores) -> Iterator[list[Any]]:
    assert scores.attribution is not None and scores.evidence is not None and scores.media_bias is not None
    for i in range(len(scores.stance)):
        spans = [[span.start, span.end] for span in scores.evidence[i]]
        yield [scores.stance[i].tolist(), float(scores.alleges_bias[i]), scores.attribution[i].tolist(), float(scores.media_bias[i]), spans]


class CachedActors:
    """An actor finder whose findings are kept, an article at a time; `key` stands for its code and settings."""

    def __init__(self, finder: ActorFinder, cache: ResultCache, key: str) -> None:
        self._finder, self._cache, self._key = finder, cache, key

    def find_many(
        self, articles: Iterable[Sequence[Sentence]], *, dates: Sequence[str | None] | None = None
    ) -> Iterator[list[list[Mention]]]:
        """See `ActorFinder.find_many`."""
        held = [list(sentences) for sentences in articles]
        days = list(dates or [None] * len(held))
        keys = [checksum(self._key, day, [sentence.text for sentence in sentences]) for sentences, day in zip(held, days, strict=True)]

        def compute(todo: list[int]) -> Iterator[list[list[dict[str, Any]]]]:
            for found in self._finder.find_many([held[i] for i in todo], dates=[days[i] for i in todo]):
                yield [[asdict(mention) for mention in mentions] for mentions in found]

        for found in self._cache.through(keys, compute):
            yield [[_mention(row) for row in mentions] for mentions in found]


def _mention(row: dict[str, Any]) -> Mention:
    represents = row["represents"]
    return Mention(row["text"], row["start"], row["end"], Entity(**row["entity"]), Entity(**represents) if represents is not None else None)
