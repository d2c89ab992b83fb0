"""Croissant metadata of the labelled dataset (MLCommons Croissant 1.0), made and checked with mlcroissant."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

_CITATION = "The stancelab developers (2026): Directed positions and allegations of bias in news sentences."
_ABOUT = (
    "Which actor takes which stance toward which target in a sentence of news, whether it accuses the target of bias, and by which words. "
    "All events and persons are constructed; nothing is evidence of what states, bodies or people did."
)
#: Fields of each record set: name, type, what it means.
_FIELDS = {
    "pairs": [
        ("id", "TEXT", "file, sentence, actor and target"),
        ("text", "TEXT", "the sentence"),
        ("stance", "TEXT", "favor, against or neutral, of the actor toward the target"),
        ("alleges_bias", "BOOL", "whether the actor says that the target is biased"),
        ("article_id", "TEXT", "the article, or the sentence itself"),
        ("group", "TEXT", "the event; no split parts it"),
        ("annotator", "TEXT", "who labelled"),
    ],
    "sentences": [
        ("id", "TEXT", "file and sentence"),
        ("text", "TEXT", "the sentence"),
        ("media_bias", "BOOL", "whether the sentence's own wording is slanted"),
        ("article_id", "TEXT", "the article, or the sentence itself"),
    ],
    "articles": [
        ("id", "TEXT", "the article"),
        ("title", "TEXT", "its headline"),
        ("text", "TEXT", "its text, paragraphs parted by an empty line"),
        ("part", "TEXT", "the split it belongs to"),
    ],
}


def croissant(checksums: Mapping[str, str], version: str) -> str:
    """The JSON-LD text for files with these SHA-256 checksums.

    Every JSON-lines file is one file object; every configuration and split is one record set.
    """
    import mlcroissant as mlc

    files, records = [], []
    for name, digest in sorted(checksums.items()):
        configuration, _, part = name.removesuffix(".jsonl").partition("/")
        if configuration not in _FIELDS:
            continue
        handle = name.replace("/", "-")
        files.append(mlc.FileObject(id=handle, name=handle, content_url=name, encoding_formats=["application/jsonlines"], sha256=digest))
        title = f"{configuration}_{part}" if part else configuration
        fields = [
            mlc.Field(
                id=f"{title}/{field}", name=field, description=told, data_types=getattr(mlc.DataType, kind),
                source=mlc.Source(file_object=handle, extract=mlc.Extract(column=field)),
            )
            for field, kind, told in _FIELDS[configuration]
        ]  # fmt: skip
        records.append(mlc.RecordSet(id=title, name=title, fields=fields))
    metadata = mlc.Metadata(
        name="stancelab", description=_ABOUT, cite_as=_CITATION, license=["https://creativecommons.org/licenses/by/4.0/"], version=version,
        distribution=files, record_sets=records,
    )  # fmt: skip
    content: dict[str, Any] = metadata.to_json()
    return json.dumps(content, indent=2, default=str, ensure_ascii=False) + "\n"
