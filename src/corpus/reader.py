"""The corpus as the pipeline sees it: articles with their sentences, or with the reason why they are passed over."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from src.corpus.duplicates import NearDuplicates
from src.corpus.readers import find_inputs, read_articles
from src.corpus.segmentation import segment
from src.errors import ConfigError, InputError
from src.records import Article, Sentence


@dataclass(frozen=True)
class Skipped:
    """Why an article is not labelled: `language`, `near-duplicate` or `no prose`, with the particulars."""

    reason: str
    detail: str

    def __str__(self) -> str:
        return f"{self.reason} ({self.detail})" if self.detail else self.reason


@dataclass(frozen=True)
class ReadArticle:
    """An article and its sentences; no sentences where it was skipped."""

    article: Article
    sentences: list[Sentence]
    skipped: Skipped | None = None


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def detect_language(text: str) -> tuple[str, float]:
    """ISO 639-1 code and probability, by py3langid (Lui and Baldwin 2012) on the first 4,000 characters."""
    language, probability = _identifier().classify(text[:4000])
    return str(language), float(probability)


class CorpusReader:
    """Reads articles, drops other languages and syndicated copies, cleans, and splits into sentences.

    Args:
        languages: ISO 639-1 codes that are kept; empty keeps all.
        near_duplicate_threshold: estimated share of common 4-word sequences from which an article counts as a copy; 1 keeps
            all but identical ones.
    """

    def __init__(
        self,
        *,
        languages: Sequence[str] = ("en",),
        near_duplicate_threshold: float = 0.8,
        clean: bool = True,
        titles: bool = True,
    ) -> None:
        known = set(_identifier().labels)
        if unknown := [code for code in languages if code not in known]:
            raise ConfigError(f"unknown language {unknown[0]!r}; give ISO 639-1 codes such as en, de, fr")
        self.languages = tuple(languages)
        self.clean, self.titles = clean, titles
        self._copies = NearDuplicates(near_duplicate_threshold)

    def articles(self, path: str, *, on_error: Callable[[InputError], None]) -> Iterator[ReadArticle]:
        """Every article of a file, folder or glob, in order; each with its sentences or the reason why it has none."""
        for file in find_inputs(path):
            for article in read_articles(file, on_error=on_error):
                yield self.read(article)

    def read(self, article: Article) -> ReadArticle:
        """One article, checked, cleaned and segmented."""
        if self.languages:
            language, probability = detect_language(article.text)
            if language not in self.languages and probability > 0.5:
                return ReadArticle(article, [], Skipped("language", f"{language}, {probability:.0%}"))
        if (original := self._copies.seen(article)) is not None:
            return ReadArticle(article, [], Skipped("near-duplicate", f"of {original}"))
        sentences = segment(article, clean=self.clean, titles=self.titles)
        if not sentences:
            return ReadArticle(article, [], Skipped("no prose", ""))
        return ReadArticle(article, sentences)
