"""Reads back any model that a run has saved, and so also the released one."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

from src.errors import ModelError, unknown_value

_KINDS = {
    "majority": ("src.models.baselines", "MajorityModel"),
    "tfidf": ("src.models.baselines", "TfidfModel"),
    "pair": ("src.models.pair", "PairModel"),
    "onepass": ("src.models.onepass", "OnePassModel"),
}


def load_model(*, path: str) -> Any:
    """The fitted model in the folder `path`.

    Raises:
        ModelError: there is no model, or it is of an unknown kind or damaged.
    """
    folder = Path(path)
    card = folder / "stancelab.json"
    if not card.exists():
        raise ModelError(f"{path}: no model here (stancelab.json is missing); give a folder that `src.train` has written")
    try:
        kind = json.loads(card.read_text(encoding="utf-8"))["kind"]
    except (ValueError, KeyError) as error:
        raise ModelError(f"{card}: not a model description: {error}") from error
    if kind not in _KINDS:
        raise ModelError(f"{card}: " + unknown_value("model kind", kind, _KINDS))
    module, name = _KINDS[kind]
    model = getattr(import_module(module), name).load(folder)
    model.learns = False
    return model
