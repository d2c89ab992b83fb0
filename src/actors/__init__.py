"""Actors: who is named in a sentence, and which canonical party that is. `ActorFinder` is the whole of it."""

from src.actors.finder import ActorFinder

__all__ = ["ActorFinder"]
