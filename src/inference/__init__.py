"""How a fitted one-pass model is run: runtimes and their gate, and the cache of results."""

from src.inference.cache import ResultCache
from src.inference.choice import use_runtime

__all__ = ["ResultCache", "use_runtime"]
