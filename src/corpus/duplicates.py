"""Finds syndicated copies of an article: same text but for a dateline, a headline, or a cut tail."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

from src.records import Article

_PERMUTATIONS = 64
_BANDS = 16


class NearDuplicates:
    """Remembers the articles seen, in 64 four-byte MinHash values each (about 1 kB with its index).

    Source: Broder 1997 (min-wise hashing), banded as in Leskovec et al. 2020, chapter 3; hashing by datasketch.
    """

    def __init__(self, threshold: float = 0.8) -> None:
        self.threshold = threshold
        self._ids: list[str] = []
        self._signatures: list[Any] = []
        self._bands: dict[tuple[int, bytes], list[int]] = defaultdict(list)

    def seen(self, article: Article) -> str | None:
        """The id of an earlier article that this one copies; else None, and this one is remembered."""
        import numpy as np
        from datasketch import MinHash

        words = re.findall(r"\w+", article.text.lower())
        shingles = {" ".join(words[i : i + 4]).encode() for i in range(max(1, len(words) - 3))}
        sketch = MinHash(num_perm=_PERMUTATIONS, seed=1)
        sketch.update_batch(sorted(shingles))
        values = np.asarray(sketch.hashvalues, dtype=np.uint32)
        width = _PERMUTATIONS // _BANDS
        keys = [(band, values[band * width : (band + 1) * width].tobytes()) for band in range(_BANDS)]
        for other in sorted({other for key in keys for other in self._bands.get(key, ())}):
            if float((self._signatures[other] == values).mean()) >= self.threshold:
                return self._ids[other]
        for key in keys:
            self._bands[key].append(len(self._ids))
        self._ids.append(article.id)
        self._signatures.append(values)
        return None
