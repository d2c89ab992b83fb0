"""What every figure is read against: the majority class, and a bag of n-grams with logistic regression."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from src.errors import ModelError, unknown_value
from src.models.base import PairScores, TrainingData
from src.records import STANCES, Pair

if TYPE_CHECKING:
    import numpy as np

View = Literal["marked", "masked", "names"]
VIEWS: tuple[View, ...] = ("marked", "masked", "names")


class MajorityModel:
    """Answers every pair with the class frequencies of the training data."""

    learns = True

    def __init__(self) -> None:
        self.prior = [1 / 3, 1 / 3, 1 / 3]
        self.bias = 0.0
        self.slant = 0.5

    def fit(self, train: TrainingData, valid: TrainingData, *, seed: int, checkpoint: Path | None = None) -> None:
        """Count labels; an empty part of the data leaves its even prior."""
        counts = Counter(e.stance for e in train.pairs if e.stance is not None)
        if counts:
            self.prior = [counts[name] / sum(counts.values()) for name in STANCES]
        flags = [e.alleges_bias for e in train.pairs if e.alleges_bias is not None]
        self.bias = sum(flags) / len(flags) if flags else 0.0
        if train.sentences:
            self.slant = sum(s.media_bias for s in train.sentences) / len(train.sentences)

    def predict(self, pairs: Sequence[Pair], *, scheme: str = "positions") -> PairScores:
        """The same row for every pair."""
        import numpy as np

        return PairScores(np.tile(np.array(self.prior), (len(pairs), 1)), np.full(len(pairs), self.bias))

    def media_bias(self, sentences: Sequence[str]) -> np.ndarray:
        """The share of slanted sentences in training."""
        import numpy as np

        return np.full(len(sentences), self.slant)

    def save(self, folder: Path) -> None:
        """Write the three priors as JSON."""
        folder.mkdir(parents=True, exist_ok=True)
        state = {"kind": "majority", "prior": self.prior, "bias": self.bias, "slant": self.slant}
        (folder / "stancelab.json").write_text(json.dumps(state, indent=2) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> MajorityModel:
        """Read what `save` wrote."""
        state = json.loads((folder / "stancelab.json").read_text(encoding="utf-8"))
        model = cls()
        model.prior, model.bias, model.slant = state["prior"], state["bias"], state["slant"]
        return model


def view_of(pair: Pair, view: View) -> str:
    """The words a bag of n-grams gets to see.

    `marked`: the sentence with role words before the mentions; `masked`: role words in place of the mentions;
    `names`: the two mentions alone (what can be won by knowing who dislikes whom).

    >>> from src.records import Span
    >>> view_of(Pair("Chad thanked Togo.", Span(0, 4), Span(13, 17)), "masked")
    'xactor thanked xtarget.'
    """
    if view == "names":
        return f"xactor_{_slug(pair.mention('actor'))} xtarget_{_slug(pair.mention('target'))}"
    marks = [(pair.target, "xtarget")] + ([(pair.actor, "xactor")] if pair.actor is not None else [])
    text = pair.text
    for span, role in sorted(marks, key=lambda mark: -mark[0].start):
        words = "" if view == "masked" else " " + text[span.start : span.end]
        text = text[: span.start] + role + words + text[span.end :]
    return text


def _slug(words: str) -> str:
    return re.sub(r"\W+", "_", words.lower()).strip("_")


class _NgramClassifier:
    """TF-IDF n-grams and logistic regression that is saved as JSON and NumPy arrays."""

    def __init__(self, ngrams: int, min_count: int, strength: float) -> None:
        self.ngrams, self.min_count, self.strength = ngrams, min_count, strength
        self._pipeline: Any = None

    def _new(self) -> Any:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline

        return make_pipeline(
            TfidfVectorizer(ngram_range=(1, self.ngrams), min_df=self.min_count, sublinear_tf=True),
            LogisticRegression(C=self.strength, class_weight="balanced", max_iter=2000),
        )

    def fit(self, texts: Sequence[str], labels: Sequence[int], seed: int) -> None:
        pipeline = self._new()
        try:
            pipeline.fit(texts, labels)
        except ValueError as error:  # an empty vocabulary or a single class
            raise ModelError(f"tfidf cannot be fitted on {len(texts)} examples: {error}") from error
        self._pipeline = pipeline

    def probabilities(self, texts: Sequence[str], classes: int) -> np.ndarray:
        import numpy as np

        out = np.zeros((len(texts), classes))
        if len(texts):
            out[:, self._pipeline[-1].classes_] = self._pipeline.predict_proba(texts)
        return out

    def save(self, stem: Path) -> None:
        import numpy as np

        words, regression = self._pipeline[0], self._pipeline[-1]
        vocabulary = sorted(words.vocabulary_, key=words.vocabulary_.get)
        stem.with_suffix(".json").write_text(json.dumps(vocabulary, ensure_ascii=False), encoding="utf-8")
        np.savez_compressed(
            stem.with_suffix(".npz"),
            idf=words.idf_, coef=regression.coef_, intercept=regression.intercept_, classes=regression.classes_,
        )  # fmt: skip

    def load(self, stem: Path) -> None:
        import numpy as np

        words = json.loads(stem.with_suffix(".json").read_text(encoding="utf-8"))
        arrays = np.load(stem.with_suffix(".npz"), allow_pickle=False)
        pipeline = self._new()
        pipeline[0].vocabulary_ = {word: i for i, word in enumerate(words)}
        pipeline[0].idf_ = arrays["idf"]
        pipeline[-1].coef_, pipeline[-1].intercept_ = arrays["coef"], arrays["intercept"]
        pipeline[-1].classes_ = arrays["classes"]
        self._pipeline = pipeline


class TfidfModel:
    """Word n-grams around the marked mentions, and logistic regression with balanced classes.

    Args:
        view: what is seen of a pair, see `view_of`.
        ngrams: longest n-gram.
        min_count: an n-gram must occur in so many training texts.
        strength: inverse regularisation, `C` of scikit-learn.
    """

    learns = True

    def __init__(self, *, view: View = "marked", ngrams: int = 2, min_count: int = 2, strength: float = 3.0) -> None:
        if view not in VIEWS:
            raise ModelError(unknown_value("tfidf view", view, VIEWS))
        self.view: View = view
        self._options = (ngrams, min_count, strength)
        self._parts: dict[str, _NgramClassifier] = {}

    def fit(self, train: TrainingData, valid: TrainingData, *, seed: int, checkpoint: Path | None = None) -> None:
        """Fit stance, alleged bias, and slant, each where the data has two classes of it."""
        stance = [(view_of(e.pair, self.view), STANCES.index(e.stance)) for e in train.pairs if e.stance is not None]
        bias = [(view_of(e.pair, self.view), int(e.alleges_bias)) for e in train.pairs if e.alleges_bias is not None]
        slant = [(s.text, int(s.media_bias)) for s in train.sentences]
        for name, rows in (("stance", stance), ("bias", bias), ("slant", slant)):
            if len({label for _, label in rows}) > 1:
                part = _NgramClassifier(*self._options)
                part.fit([text for text, _ in rows], [label for _, label in rows], seed)
                self._parts[name] = part
        if not self._parts:
            raise ModelError("tfidf needs training examples of at least two classes")

    def predict(self, pairs: Sequence[Pair], *, scheme: str = "positions") -> PairScores:
        """See `StanceModel.predict`; all schemes are answered alike."""
        import numpy as np

        texts = [view_of(pair, self.view) for pair in pairs]
        stance = self._parts["stance"].probabilities(texts, 3) if "stance" in self._parts else np.full((len(pairs), 3), 1 / 3)
        return PairScores(stance, self._second_class("bias", texts))

    def media_bias(self, sentences: Sequence[str]) -> np.ndarray:
        """See `StanceModel.media_bias`."""
        return self._second_class("slant", sentences)

    def _second_class(self, part: str, texts: Sequence[str]) -> np.ndarray:
        import numpy as np

        if part not in self._parts:
            return np.full(len(texts), np.nan)
        return self._parts[part].probabilities(texts, 2)[:, 1]

    def save(self, folder: Path) -> None:
        """Vocabulary and weights of each part as JSON and `.npz`."""
        folder.mkdir(parents=True, exist_ok=True)
        state = {"kind": "tfidf", "view": self.view, "options": self._options, "parts": sorted(self._parts)}
        (folder / "stancelab.json").write_text(json.dumps(state, indent=2) + "\n", encoding="utf-8")
        for name, part in self._parts.items():
            part.save(folder / name)

    @classmethod
    def load(cls, folder: Path) -> TfidfModel:
        """Read what `save` wrote."""
        state = json.loads((folder / "stancelab.json").read_text(encoding="utf-8"))
        ngrams, min_count, strength = state["options"]
        model = cls(view=state["view"], ngrams=ngrams, min_count=min_count, strength=strength)
        for name in state["parts"]:
            model._parts[name] = _NgramClassifier(*model._options)
            model._parts[name].load(folder / name)
        return model
