"""Pronouns and the two sides, in the plain cases."""

from __future__ import annotations

import re
from typing import Any

from src.actors.memory import Found, Memory

_SINGULAR = {"it", "its", "itself"}
_PERSONAL = {"he", "she", "his", "her", "him"}
_PLURAL = {"they", "their", "them"}
_BOTH = re.compile(
    r"\b(?:the two|both) (?:sides|countries|nations|governments|capitals|neighbou?rs|parties|states|leaders|presidents|ministers)\b", re.I
)
_DEFINITE = re.compile(r"\b(?:the|The) (?:country|kingdom|republic|government|ministry|regime|junta|bloc|alliance|group)\b")


def pronouns(doc: Any, memory: Memory, chosen: list[Found]) -> None:
    """Adds mentions for pronouns whose party the sentence has not named yet, in the plain cases."""
    if memory.last_pair is not None and (match := _BOTH.search(doc.user_data["text"])):
        span = doc.char_span(*match.span(), alignment_mode="expand")
        if not any(f.start < span.start and f.entity.type == "state" for f in chosen):
            if len(memory.last_people) == 2 and re.search("leaders|presidents|ministers", match.group(), re.I):
                chosen += [Found(span.start, span.end, entity, represents) for entity, represents in memory.last_people]
            else:
                chosen += [Found(span.start, span.end, entity) for entity in memory.last_pair]
    if memory.last_party is not None and (match := _DEFINITE.search(doc.user_data["text"])):
        span = doc.char_span(*match.span(), alignment_mode="expand")
        fits = memory.last_party.type == (
            "state" if re.search("country|kingdom|republic|government|ministry|regime|junta", match.group()) else "body"
        )
        if fits and not any(f.start < span.end + 2 and f.entity.type in ("state", "body") for f in chosen):
            chosen.append(Found(span.start, span.end, memory.last_party))
    for token in doc:
        word = token.lower_
        if word not in _SINGULAR | _PERSONAL | _PLURAL or token.dep_ not in ("nsubj", "nsubjpass", "poss", "dobj", "pobj"):
            continue
        if any(f.start < token.i for f in chosen):
            continue
        if word in _PERSONAL and memory.last_person is not None:
            entity, represents = memory.last_person
            chosen.append(Found(token.i, token.i + 1, entity, represents))
        elif word in _SINGULAR and memory.last_party is not None and token.dep_ in ("nsubj", "nsubjpass", "poss"):
            if not _expletive(token):
                chosen.append(Found(token.i, token.i + 1, memory.last_party))
        elif word in _PLURAL and memory.last_group is not None:
            chosen.append(Found(token.i, token.i + 1, memory.last_group))


def _expletive(token: Any) -> bool:
    """`It is expected that`, `it remains to be seen`."""
    following = [t.lower_ for t in token.doc[token.i + 1 : token.i + 4]]
    return (
        bool(following)
        and following[0] in ("is", "was", "remains", "remained", "seems", "appears", "would", "will", "has")
        and bool(
            set(following)
            & {
                "unclear",
                "expected",
                "clear",
                "not",
                "likely",
                "unlikely",
                "possible",
                "hoped",
                "feared",
                "understood",
                "time",
                "seen",
                "been",
            }
        )
    )
