"""What can go wrong for a user, as a small hierarchy.

Every message is one line that names the bad value and what would be right. Entry points print it and exit with 2;
anything that is not a `StancelabError` is a defect of ours and keeps its traceback.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class StancelabError(Exception):
    """Base of every error a user can cause and mend."""


class ConfigError(StancelabError):
    """A setting is unknown, has the wrong type, or is out of range."""


class InputError(StancelabError):
    """An input file is missing, unreadable, or not in the format it should have.

    Args:
        message: what is wrong and what would be right.
        path: the file, if one is to blame.
        line: its line number, from 1.
    """

    def __init__(self, message: str, *, path: object | None = None, line: int | None = None) -> None:
        where = "" if path is None else f"{path}: " if line is None else f"{path}:{line}: "
        super().__init__(f"{where}{message}")
        self.path = path
        self.line = line


class ModelError(StancelabError):
    """A model cannot be loaded, or cannot do what it is asked."""


class LeakageError(StancelabError):
    """Training and test data overlap and the experiment does not allow it."""


def unknown_value(what: str, value: object, allowed: Iterable[object]) -> str:
    """One line that names the bad value, the nearest allowed one, and all allowed ones.

    >>> unknown_value("stance", "favour", ["favor", "against", "neutral"])
    "unknown stance 'favour' (did you mean 'favor'?); allowed: favor, against, neutral"
    """
    names = [str(name) for name in allowed]
    near = get_close_matches(str(value), names, n=1)
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    return f"unknown {what} {str(value)!r}{hint}; allowed: {', '.join(names)}"
