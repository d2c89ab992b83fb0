"""Stages side by side: the next articles are read while the model answers, in order, and a fault still reaches the user."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from src.pipeline import ahead


def test_items_come_in_order_and_the_next_is_made_meanwhile() -> None:
    made: list[int] = []
    second = threading.Event()

    def numbers() -> Iterator[int]:
        for number in range(5):
            made.append(number)
            if number == 1:
                second.set()
            yield number

    found = []
    for number in ahead(numbers()):
        if number == 0:
            assert second.wait(5), "the second item is made while the first is used"
        found.append(number)
    assert found == made == [0, 1, 2, 3, 4]


def test_a_fault_in_making_reaches_who_uses() -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise ZeroDivisionError("in the other thread")

    items = ahead(broken())
    assert next(items) == 1
    with pytest.raises(ZeroDivisionError, match="in the other thread"):
        next(items)


def test_nothing_gives_nothing() -> None:
    assert list(ahead(iter([]))) == []
