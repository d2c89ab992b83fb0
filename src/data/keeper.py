"""The actions of `src.dataset`, each from a folder to a text that is printed."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from src.data.checks import Finding, check
from src.data.collection import AUTHOR, FROZEN, PARTS, Collection, assign, build, read_collection, write_files
from src.data.notation import known
from src.data.readers import read
from src.errors import ConfigError, InputError
from src.files import write_atomically

if TYPE_CHECKING:
    from src.config import DatasetConfig

log = logging.getLogger(__name__)


def keep(config: DatasetConfig) -> str:
    """Do what `config.action` says and tell what was done.

    Raises:
        InputError: the dataset is faulty (`validate` names every fault), or a file is missing.
        ConfigError: the action lacks a setting.
    """
    actions: dict[str, Callable[[DatasetConfig], str]] = {
        "validate": _validate, "stats": _stats, "split": _split, "export": _export, "import": _import, "agreement": _agreement,
    }  # fmt: skip
    return actions[config.action](config)


def _version(folder: Path) -> str:
    place = folder / "manifest.json"
    return str(json.loads(place.read_text(encoding="utf-8"))["version"]) if place.is_file() else "0.1.0"


def findings(folder: Path) -> tuple[Collection, list[Finding]]:
    """The dataset and all that is wrong with it."""
    faults: list[InputError] = []
    collection = read_collection(folder, on_error=faults.append)
    found = [Finding(str(fault)) for fault in faults]
    assigned = all(entry.source in collection.parts for entry in collection.entries())
    made = build(collection, version=_version(folder)) if assigned and not faults else None
    return collection, found + list(check(collection, made))


def _validate(config: DatasetConfig) -> str:
    collection, found = findings(Path(config.path))
    wrong = [str(finding) for finding in found if not finding.aim]
    aims = [f"short of the aim: {finding}" for finding in found if finding.aim]
    if wrong:
        for line in [*wrong, *aims]:
            print(line)
        raise InputError(f"{len(wrong)} faults in the dataset, each named above", path=config.path)
    count = sum(1 for _ in collection.entries())
    return "\n".join([*aims, f"{count} sentences are without fault"])


def _stats(config: DatasetConfig) -> str:
    from src.data.statistics import as_text, counts, diversity

    folder = Path(config.path)
    collection = read_collection(folder)
    tables = counts(collection)
    if config.beside:
        news = list(dict.fromkeys(row.pair.text for row in read("dse", Path(config.beside))))  # type: ignore[union-attr]
        ours = [entry.sentence.text for entry in collection.entries()]
        tables.append(diversity(ours, news, ("this dataset", Path(config.beside).name)))
    text = "\n".join(as_text(table) for table in tables)
    if config.output:
        from src.reporting.figures import dataset_balance, save

        out = Path(config.output)
        write_atomically(out / "statistics.md", text)
        save(dataset_balance([row for row in tables[0][2] if row[0] != "all"]), out / "balance")
        text += f"\nwritten to {out}"
    return text


def _split(config: DatasetConfig) -> str:
    folder = Path(config.path)
    collection = read_collection(folder)
    parts = assign(collection, seed=config.seed)
    new = len(set(parts) - set(collection.parts))
    files = build(replace(collection, parts=parts), version=config.version or _version(folder))
    place = folder / "manifest.json"
    if place.is_file() and not config.thaw:
        old, made = json.loads(place.read_text(encoding="utf-8"))["frozen"], json.loads(files["manifest.json"])["frozen"]
        changed = [part for part in FROZEN if old.get(f"pairs/{part}.jsonl") != made[f"pairs/{part}.jsonl"]]
        if changed:
            raise InputError(f"the frozen parts {', '.join(changed)} would change; give thaw=true and a new version=", path=place)
    write_files(folder, files)
    sizes = ", ".join(f"{part} {files[f'pairs/{part}.jsonl'].count(chr(10))}" for part in PARTS)
    return f"{new} sources were given a part; pairs: {sizes}"


def _export(config: DatasetConfig) -> str:
    """Parquet files of every configuration, one a part."""
    import pyarrow as pa
    from pyarrow import parquet

    if not config.output:
        raise ConfigError("give output=FOLDER for the Parquet files")
    folder, out = Path(config.path), Path(config.output)
    made = 0
    for name in json.loads(build(read_collection(folder), version=_version(folder))["manifest.json"])["files"]:
        if not name.endswith(".jsonl"):
            continue
        rows = [json.loads(line) for line in (folder / name).read_text(encoding="utf-8").splitlines()]
        target = (out / name).with_suffix(".parquet")
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{target.name}.part")
        parquet.write_table(pa.Table.from_pylist(rows), part)
        part.replace(target)
        made += 1
    return f"{made} Parquet files in {out}"


def _import(config: DatasetConfig) -> str:
    """Labelled pairs (JSON lines) as a file of the written form, to be read and corrected by people."""
    if not config.output:
        raise ConfigError("give output=FILE.txt for the written form; path= is a file of pairs")
    rows = [json.loads(line) for line in Path(config.path).read_text(encoding="utf-8").splitlines() if line.strip()]
    read("pairs", Path(config.path))  # its checks name file and line
    lines = list(_written(rows))
    write_atomically(Path(config.output), "\n".join(lines) + "\n")
    return f"{len(lines)} sentences written to {config.output}"


def _written(rows: list[dict[str, Any]]) -> Iterator[str]:
    voices = {"writer": "w", "quotation": "q", "reported": "r"}
    texts: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        texts.setdefault(row["text"], []).append(row)
    for text, group in texts.items():
        parties = {(row[side]["start"], row[side]["end"]): row[side] for row in group for side in ("actor", "target")}
        spans = sorted(parties)
        body, at = "", 0
        for start, end in spans:
            party = parties[start, end]
            entity = known(text[start:end])
            spoken = (party.get("represents") or {}).get("id", "")
            identity = party.get("id") or (entity.id if entity else f"other:{text[start:end].lower().replace(' ', '-')}")
            spec = "" if entity and entity.id == identity and not spoken else f"={identity}" + (f"@{spoken}" if spoken else "")
            body += f"{text[at:start]}{{{text[start:end]}{spec}}}"
            at = end
        labels = []
        for row in group:
            if row["stance"] != "neutral":
                i, j = (spans.index((row[side]["start"], row[side]["end"])) + 1 for side in ("actor", "target"))
                stance = "ab" if row.get("alleges_bias") else row["stance"][0]
                words = " && ".join(text[e["start"] : e["end"]] for e in row.get("evidence") or ())
                labels.append(f"{i}>{j} {stance} {voices.get(row.get('attribution') or '', 'w')} {words}".rstrip())
        tags = ",".join(group[0].get("tags") or ["none"])
        yield f"{body}{text[at:]} | {' ; '.join(labels)} | tags={tags}"


def _agreement(config: DatasetConfig) -> str:
    from src.data.agreement import agreement, disagreements, positions_f1

    if len(config.annotators) != 2:
        raise ConfigError(f"annotators={config.annotators}: two are compared, for example annotators=[{AUTHOR},second]")
    one, other = (read_collection(Path(config.path), name) for name in config.annotators)
    found = agreement(one, other, seed=config.seed)
    lines = ["| layer | alpha | 95% interval | equal | units |", "|---|---|---|---|---|"]
    for layer, a in found.items():
        lines.append(f"| {layer} | {a.alpha:.3f} | {a.low:.3f} to {a.high:.3f} | {a.equal:.1%} | {a.units} |")
    lines.append(f"\nF1 of whole positions (actor, target, stance, allegation) between the two: {positions_f1(one, other):.3f}")
    if config.output:
        rows = disagreements(one, other)
        write_atomically(Path(config.output), "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
        lines.append(f"\n{len(rows)} sentences are read differently: {config.output}")
    return "\n".join(lines)
