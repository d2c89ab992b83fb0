"""Readers of labelled sets, each in its published format; one entry, `read`."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from src.data.leakage import normalise
from src.errors import InputError, unknown_value
from src.records import ATTRIBUTIONS, STANCES, LabelledPair, LabelledSentence, NliExample, Pair, Span, Stance

Row = LabelledPair | LabelledSentence | NliExample
csv.field_size_limit(10**8)


def read(
    name: str, path: Path, *, split: str | None = None, context: bool = False, neutrals: bool = False, texts: Path | None = None
) -> list[Row]:
    """All examples of a set.

    Args:
        name: `dse`, `plv`, `seesaw`, `newsmtsc`, `babe`, `nli`, `pairs`, `positions` (this project's dataset folder) or `allegations`
            (this project's labels of sentences of the public sets).
        path: the file, or for seesaw and positions the folder.
        split: the part to take of a folder that holds several.
        context: put the sentence before in front (seesaw).
        neutrals: add the listed parties' unlisted pairs as neutral (seesaw; for training only).
        texts: the folder of the public sets (allegations).

    Raises:
        InputError: a file is missing, empty, not text, or a row is not as it should be; names the line and the mend.
    """
    if not path.exists():
        raise InputError("no such file or folder", path=path)
    match name:
        case "dse":
            return list(_dse(path))
        case "plv":
            return list(_plv(path))
        case "seesaw":
            return list(_seesaw(path, split, context=context, neutrals=neutrals))
        case "newsmtsc":
            return list(_newsmtsc(path))
        case "babe":
            return list(_babe(path))
        case "nli":
            return list(_nli(path))
        case "pairs":
            return list(_pairs(path))
        case "positions":
            return list(_pairs(path / "pairs" / f"{split or 'test'}.jsonl"))
        case "allegations":
            return list(_allegations(path, texts))
    known = ("dse", "plv", "seesaw", "newsmtsc", "babe", "nli", "pairs", "positions", "allegations")
    raise InputError(unknown_value("data set", name, known))


# -- files ------------------------------------------------------------------------------------------------------------


def _text(path: Path) -> str:
    """The file's text.

    Raises:
        InputError: it is a folder, empty, binary, or not UTF-8.
    """
    if not path.is_file():
        raise InputError("a file is expected here" + (", not a folder" if path.is_dir() else ""), path=path)
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    if not raw.strip():
        raise InputError("the file is empty", path=path)
    if b"\0" in raw[:4096]:
        raise InputError("this is a binary file; a text file in UTF-8 is expected", path=path)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise InputError(f"byte {raw[error.start]:#x} is not UTF-8; save the file as UTF-8", path=path, line=line) from error


def _json_lines(path: Path, required: tuple[str, ...]) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(_text(path).split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise InputError(f"broken JSON ({error}); one object a line is expected", path=path, line=number) from error
        if not isinstance(row, dict):
            raise InputError("a JSON object is expected on each line", path=path, line=number)
        if absent := [key for key in required if key not in row]:
            raise InputError(f"the key {absent[0]!r} is missing; needed: {', '.join(required)}", path=path, line=number)
        yield number, row


def _table(path: Path, delimiter: str, required: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    import io

    reader = csv.DictReader(io.StringIO(_text(path), newline=""), delimiter=delimiter)
    header = reader.fieldnames or []
    if absent := [name for name in required if name not in header]:
        raise InputError(
            f"the column {absent[0]!r} is missing; the header has {', '.join(header)}, needed: {', '.join(required)}",
            path=path, line=1,
        )  # fmt: skip
    for row in reader:
        yield reader.line_num, row


# -- Park et al. 2021: who blames or endorses whom ----------------------------------------------------------------------

_DSE: dict[str, tuple[Stance, Stance]] = {
    "0": ("neutral", "neutral"),
    "1": ("favor", "neutral"),
    "2": ("neutral", "favor"),
    "3": ("against", "neutral"),
    "4": ("neutral", "against"),
}


def whole_word(text: str, start: int, end: int) -> Span:
    """The span widened to whole words, for brackets that cut a token; a possessive ending stays outside.

    >>> whole_word("in the United States", 3, 19)
    Span(start=3, end=20)
    """
    while start > 0 and text[start - 1].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum():
        end += 1
    trimmed = re.sub(r"(?:['’]s?|\s)+$", "", text[start:end])
    return Span(start, start + len(trimmed)) if trimmed else Span(start, end)


def _dse(path: Path) -> Iterator[LabelledPair]:
    for number, line in enumerate(_text(path).split("\n"), 1):
        if not line.strip():
            continue
        fields = line.rstrip("\r").split("\t")
        if len(fields) != 4:
            raise InputError(f"{len(fields)} tab-separated columns; sentence, Ent1, Ent2, label are expected", path=path, line=number)
        raw, _, _, label = fields
        if label not in _DSE:
            raise InputError(unknown_value("label", label, _DSE), path=path, line=number)
        text, marks = "", []
        for character in raw:
            if character in "[]":
                marks.append((character, len(text)))
            else:
                text += character
        if [mark for mark, _ in marks] != ["[", "]", "[", "]"]:
            raise InputError("two mentions in square brackets are expected", path=path, line=number)
        first = whole_word(text, marks[0][1], marks[1][1])
        second = whole_word(text, marks[2][1], marks[3][1])
        group = "dse:" + normalise(text)
        names = text[first.start : first.end], text[second.start : second.end]
        stem = f"{path.stem}-{number}"
        yield LabelledPair(
            f"{stem}:12", Pair(text, first, second), _DSE[label][0], article_id=stem, group=group,
            actor_id=names[0], target_id=names[1], source=path.name, scheme="dse",
        )  # fmt: skip
        yield LabelledPair(
            f"{stem}:21", Pair(text, second, first), _DSE[label][1], article_id=stem, group=group,
            actor_id=names[1], target_id=names[0], source=path.name, scheme="dse",
        )  # fmt: skip


# -- Hu et al. 2024: PLOVER relations -----------------------------------------------------------------------------------


def _plv(path: Path) -> Iterator[LabelledPair]:
    needed = ("sentence_id", "marked_sentence", "source", "target", "gold_penta", "gold_root")
    for line, row in _table(path, "\t", needed):
        if row["gold_penta"] not in ("1", "2", "3", "4"):
            raise InputError(unknown_value("gold_penta", row["gold_penta"], (1, 2, 3, 4)), path=path, line=line)
        text, at, places, places_end = "", 0, dict[str, int](), dict[str, int]()
        for found in re.finditer(r"<(/?)([st])>", row["marked_sentence"]):
            text += row["marked_sentence"][at : found.start()]
            at = found.end()
            (places_end if found.group(1) else places).setdefault(found.group(2), len(text))
        text += row["marked_sentence"][at:]
        if set(places) != set(places_end) or not places:
            raise InputError("<s>actor</s> and <t>target</t> are expected in marked_sentence", path=path, line=line)
        spans = {role: _trimmed(text, places[role], places_end[role]) for role in places}
        actor = spans.get("s")  # a few rows have a holder or a recipient that the sentence does not name
        if "t" not in spans:
            lead = f"{row['target']}: "
            text = lead + text
            actor = None if actor is None else Span(actor.start + len(lead), actor.end + len(lead))
            spans["t"] = Span(0, len(lead) - 2)
        target = spans["t"]
        yield LabelledPair(
            f"plv-{row['sentence_id']}-{line}", Pair(text, actor, target),
            "favor" if row["gold_penta"] in "12" else "against", group="plv:" + normalise(text),
            article_id=f"plv-{row['sentence_id']}", actor_id=row["source"], target_id=row["target"],
            source=path.name, scheme="plv", tags=(f"root:{row['gold_root']}",),
        )  # fmt: skip


def _trimmed(text: str, start: int, end: int) -> Span:
    words = text[start:end]
    return Span(start + len(words) - len(words.lstrip()), start + len(words.rstrip()))


# -- Zhang et al. 2022: SEESAW ------------------------------------------------------------------------------------------

#: Other names by which the press calls parties that the annotators listed canonically.
_VARIANTS = {
    "Republican Party": ("Republicans", "Republican", "GOP"),
    "Democratic Party": ("Democrats", "Democratic", "Democrat"),
    "United States": ("U.S.", "US", "America", "American", "Americans"),
    "Supreme Court": ("high court", "court", "justices"),
    "White House": ("administration",),
    "Congress": ("lawmakers", "Capitol Hill"),
    "Russia": ("Russian", "Moscow", "Kremlin"),
    "Iran": ("Iranian", "Tehran"),
    "China": ("Chinese", "Beijing"),
    "Israel": ("Israeli", "Jerusalem"),
    "North Korea": ("Pyongyang", "North Korean"),
    "Justice Department": ("DOJ", "department"),
    "European Union": ("EU", "Brussels"),
    "Federal Bureau of Investigation": ("FBI",),
}


def locate(party: str, text: str) -> Span | None:
    """Where a canonical party is named in a sentence: full name, known variant, acronym, surname, first name; or None.

    >>> locate("Barack Obama", "On Monday Mr. Obama spoke.")
    Span(start=14, end=19)
    """
    words = party.split()
    names = [party, *_VARIANTS.get(party, ())]
    if len(words) > 1:
        names.append("".join(word[0] for word in words if word[0].isupper()))
        names += [words[-1]] if party not in _VARIANTS else []
        names += [words[0]] if party not in _VARIANTS and len(words) == 2 else []
    for name in names:
        if len(name) < 2:
            continue
        flags = 0 if len(name) < 4 else re.IGNORECASE
        if found := re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, flags):
            return Span(*found.span())
    return None


def _seesaw(folder: Path, split: str | None, *, context: bool, neutrals: bool) -> Iterator[LabelledPair]:
    for part in ("articles", "annotations", "meta"):
        if not (folder / part).is_dir():
            raise InputError(f"the folder {part}/ is missing; articles/, annotations/ and meta/ are expected", path=folder)
    stories = sorted((folder / "meta").glob("*.json"))
    splits = set()
    for meta_path in stories:
        meta = _json(meta_path)
        splits.add(str(meta.get("Split")))
        if split is not None and meta.get("Split") != split:
            continue
        for path in sorted((folder / "articles").glob(f"{meta_path.stem}_DOCUMENT_*.json")):
            annotation = _json(folder / "annotations" / path.name)
            sentences = {sentence["id"]: sentence["text"] for sentence in _json(path)["text"]}
            listed = [entry[0] for entry in annotation.get("entity lists", [])]
            for key, triplets in annotation["sentence-level stances"].items():
                number = int(key)
                before = sentences.get(number - 1, "") if context else ""
                yield from _seesaw_sentence(
                    f"seesaw-{path.stem}-{number}", sentences[number], before, triplets, listed if neutrals else [],
                    article=path.stem, story=meta_path.stem,
                )  # fmt: skip
    if split is not None and split not in splits:
        raise InputError(unknown_value("split", split, sorted(splits)), path=folder)


_UNNAMED = (None, "None", "Not in the list")


def _seesaw_sentence(
    stem: str, sentence: str, before: str, triplets: list[dict[str, Any]], listed: list[str], *, article: str, story: str
) -> Iterator[LabelledPair]:
    judged = {(t["subject"], t["object"]) for t in triplets}
    rows = [
        (t["subject"], t["object"], "favor" if t["sentiment"] == "POS" else "against", str(t["id"]), ("triplet",))
        for t in triplets
        if t["object"] not in _UNNAMED and t["subject"] != "Not in the list" and t["subject"] != t["object"]
    ]
    here = [name for name in listed if locate(name, sentence) is not None]
    rows += [
        (a, b, "neutral", f"u{i}-{j}", ("unlisted",))
        for i, a in enumerate(here)
        for j, b in enumerate(here)
        if a != b and (a, b) not in judged
    ]
    for subject, target, stance, suffix, tags in rows:
        named = [target] if subject in _UNNAMED else [subject, target]
        found = {name: locate(name, sentence) for name in named}
        absent = [name for name in named if found[name] is None]
        lead = "; ".join(absent) + ": " if absent else ""
        text = lead + (before + " " if before else "") + sentence
        shift = len(text) - len(sentence)
        spans: dict[str, Span] = {}
        for name in named:
            span = found[name]
            if span is None:
                at = lead.index(name)
                spans[name] = Span(at, at + len(name))
            else:
                spans[name] = Span(span.start + shift, span.end + shift)
        actor = None if subject in _UNNAMED else spans[subject]
        if actor is not None and actor == spans[target]:
            continue
        yield LabelledPair(
            f"{stem}-{suffix}", Pair(text, actor, spans[target]), stance,  # type: ignore[arg-type]
            article_id=article, group=story, actor_id=subject or "None", target_id=target,
            source="seesaw", scheme="seesaw", tags=(*tags, *(("unlocated",) if absent else ())),
        )  # fmt: skip


def _json(path: Path) -> Any:
    try:
        return json.loads(_text(path))
    except ValueError as error:
        raise InputError(f"broken JSON: {error}", path=path) from error


# -- Hamborg and Donnay 2021: NewsMTSC ----------------------------------------------------------------------------------


def _newsmtsc(path: Path) -> Iterator[LabelledPair]:
    labels: dict[float, Stance] = {1.0: "favor", -1.0: "against", 0.0: "neutral"}
    for line, row in _json_lines(path, ("sentence", "from", "to", "polarity", "id")):
        text, span = row["sentence"], Span(row["from"], row["to"])
        _check_span("target", span, text, path, line)
        if row["polarity"] not in labels:
            raise InputError(unknown_value("polarity", row["polarity"], (-1, 0, 1)), path=path, line=line)
        yield LabelledPair(
            str(row["id"]), Pair(text, None, span), labels[row["polarity"]], group="newsmtsc:" + normalise(text),
            target_id=text[span.start : span.end], source=path.name, scheme="newsmtsc",
        )  # fmt: skip


# -- Spinde et al. 2021: BABE -------------------------------------------------------------------------------------------


def _babe(path: Path) -> Iterator[LabelledSentence]:
    labels = ("Biased", "Non-biased", "No agreement")
    for number, (line, row) in enumerate(_table(path, ";", ("text", "label_bias"))):
        if row["label_bias"] not in labels:
            raise InputError(unknown_value("label_bias", row["label_bias"], labels), path=path, line=line)
        if row["label_bias"] != "No agreement":
            yield LabelledSentence(
                f"babe-{number}", row["text"], row["label_bias"] == "Biased",
                group="babe:" + normalise(row["text"]), source=path.name,
            )  # fmt: skip


# -- natural language inference -----------------------------------------------------------------------------------------


def _nli(path: Path) -> Iterator[NliExample]:
    labels = ("entailment", "neutral", "contradiction")
    for line, row in _json_lines(path, ("premise", "hypothesis", "label")):
        if row["label"] not in labels:
            raise InputError(unknown_value("label", row["label"], labels), path=path, line=line)
        if not row.get("auto"):
            yield NliExample(f"{path.name.split('.')[0]}-{line}", row["premise"], row["hypothesis"], row["label"], row.get("ds", ""))


# -- this project's own format ------------------------------------------------------------------------------------------


def _pairs(path: Path) -> Iterator[LabelledPair]:
    seen: dict[str, int] = {}
    for line, row in _json_lines(path, ("id", "text", "actor", "target", "stance")):
        identity, text = str(row["id"]), row["text"]
        if identity in seen:
            raise InputError(f"the id {identity!r} stands on line {seen[identity]} too; ids must be unique", path=path, line=line)
        seen[identity] = line
        if not isinstance(text, str) or not text.strip():
            raise InputError("text must be a sentence", path=path, line=line)
        if row["stance"] is not None and row["stance"] not in STANCES:
            raise InputError(unknown_value("stance", row["stance"], STANCES), path=path, line=line)
        if row.get("attribution") is not None and row["attribution"] not in ATTRIBUTIONS:
            raise InputError(unknown_value("attribution", row["attribution"], ATTRIBUTIONS), path=path, line=line)
        bias = row.get("alleges_bias")
        if bias is not None and not isinstance(bias, bool):
            raise InputError(f"alleges_bias is {bias!r}; true, false or null is expected", path=path, line=line)
        actor = None if row["actor"] is None else _span("actor", row["actor"], text, path, line)
        target = _span("target", row["target"], text, path, line)
        evidence = tuple(_span("evidence", one, text, path, line) for one in row.get("evidence") or ())
        yield LabelledPair(
            identity, Pair(text, actor, target), row["stance"], bias, row.get("attribution"),
            article_id=str(row.get("article_id") or ""), group=str(row.get("group") or ""),
            actor_id=str(row.get("actor_id") or (row["actor"] or {}).get("id") or ""),
            target_id=str(row.get("target_id") or row["target"].get("id") or ""),
            annotator=str(row.get("annotator") or ""), source=str(row.get("source") or path.name),
            scheme=str(row.get("scheme") or "positions"), evidence=evidence, tags=tuple(row.get("tags") or ()),
        )  # fmt: skip


def _span(name: str, value: Any, text: str, path: Path, line: int) -> Span:
    if not isinstance(value, dict) or not all(isinstance(value.get(key), int) for key in ("start", "end")):
        raise InputError(f"{name} must be an object with whole numbers start and end", path=path, line=line)
    span = Span(value["start"], value["end"])
    _check_span(name, span, text, path, line)
    return span


def _check_span(name: str, span: Span, text: str, path: Path, line: int) -> None:
    if not 0 <= span.start < span.end <= len(text):
        raise InputError(f"{name} {span.start}-{span.end} lies outside the text, which has {len(text)} characters", path=path, line=line)


# -- this project's labels of sentences that it may not print ---------------------------------------------------------------

_LABELLED_HERE = (("dse", "dse/train.tsv"), ("newsmtsc", "newsmtsc/train.jsonl"), ("babe", "babe/train.csv"), ("plv", "plv/train.tsv"),
                  ("seesaw", "seesaw"))  # fmt: skip


def fingerprint(text: str) -> str:
    """By which a sentence is named where its words may not be: the first 16 hex digits of its sha256."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _allegations(path: Path, texts: Path | None) -> Iterator[LabelledPair]:
    """Whether an actor alleges bias of a target in a training sentence of a public set, told by fingerprint and offsets."""
    if texts is None or not texts.is_dir():
        raise InputError("these labels have no text of their own: give the folder of the public sets (texts=FOLDER)", path=path)
    sets = [(name, texts / file) for name, file in _LABELLED_HERE if (texts / file).exists()]
    rows = [row for name, file in sets for row in read(name, file, split="train")]
    known = {
        fingerprint(text): text for row in rows if (text := row.pair.text if isinstance(row, LabelledPair) else getattr(row, "text", ""))
    }
    columns = ("actor_start", "actor_end", "target_start", "target_end", "alleges_bias")
    for number, row in _table(path, "\t", ("text", *columns)):
        try:
            values = [int(row[column]) for column in columns]
        except (TypeError, ValueError):
            raise InputError(f"{', '.join(columns)} must be whole numbers", path=path, line=number) from None
        text = known.get(row["text"])
        if text is None:
            raise InputError(f"no training sentence of {texts.name} has the fingerprint {row['text']}", path=path, line=number)
        actor, target = Span(values[0], values[1]), Span(values[2], values[3])
        if not all(0 <= span.start < span.end <= len(text) for span in (actor, target)):
            raise InputError(f"a span lies outside the sentence, which has {len(text)} characters", path=path, line=number)
        yield LabelledPair(
            id=f"allegations-{number}", pair=Pair(text, actor, target), stance=None, alleges_bias=bool(values[4]), source="allegations"
        )
