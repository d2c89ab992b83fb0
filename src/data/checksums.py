"""Checksums for manifests."""

from __future__ import annotations

import hashlib
from pathlib import Path

from src.errors import InputError


def sha256(path: Path) -> str:
    """sha256 of a file, or of a folder (relative names and contents, sorted; hidden files aside).

    Raises:
        InputError: there is nothing at `path`.
    """
    if path.is_file():
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    if not path.is_dir():
        raise InputError("no such file or folder", path=path)
    digest = hashlib.sha256()
    for one in sorted(p for p in path.rglob("*") if p.is_file() and not p.name.startswith(".")):
        digest.update(str(one.relative_to(path)).encode())
        digest.update(bytes.fromhex(sha256(one)))
    return digest.hexdigest()
