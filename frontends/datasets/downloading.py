"""Fetches a published file: whole and of the right checksum, or not at all."""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from .errors import DownloadFailed
from .published import Published

_CHUNK = 1 << 16
_TIMEOUT = 30  # seconds without an answer
MAX_BYTES = 1 << 31


def checksum_of(path: Path, hash_name: str) -> str:
    """The hash of a file's bytes, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, hash_name).hexdigest()


def is_sound(path: Path, checksum: str | None) -> bool:
    """Whether the file is there and, where a checksum is known, has it."""
    if not os.path.isfile(path):
        return False
    return checksum is None or checksum_of(path, "md5" if len(checksum) == 32 else "sha256") == checksum


def fetch(file: Published, folder: Path) -> Path:
    """The file in `folder`, taken from its addresses one after the other where it is not there yet. Raises
    DownloadFailed, which says why, where from, and where to put the file by hand."""
    target = folder / file.name
    if is_sound(target, file.checksum):
        return target
    # What speaks to servers takes long to import: only who fetches something waits.
    from http.client import HTTPException
    from urllib.error import URLError

    reasons: list[str] = []
    for address in file.addresses:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            return _fetched(file, address, target)
        except (OSError, HTTPException, ValueError) as error:
            reason = error.reason if isinstance(error, URLError) else error
            reasons.append(f"{address} ({reason})")
    raise DownloadFailed(
        f"{file.name}: could not be downloaded from {', nor from '.join(reasons)}",
        hint=f"put the file there by hand: {target.absolute()}",
    )


def _fetched(file: Published, address: str, target: Path) -> Path:
    """Writes beside the target and renames, so that a broken download leaves nothing that looks whole."""
    import urllib.request

    request = urllib.request.Request(address, headers={"User-Agent": "diptych"})
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as out, urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:
            total = int(answer.headers.get("Content-Length") or 0)
            digest = hashlib.new(file.hash_name)
            received = 0
            with _progress(target.name, total) as progress:
                while chunk := answer.read(_CHUNK):
                    received += len(chunk)
                    if received > MAX_BYTES:
                        raise ValueError(f"it has more than {MAX_BYTES} bytes")
                    digest.update(chunk)
                    out.write(chunk)
                    progress.update(len(chunk))
        if received < total:
            raise ValueError(f"it ended after {received} of {total} bytes")
        if file.checksum is not None and digest.hexdigest() != file.checksum:
            raise ValueError(f"its {file.hash_name} is {digest.hexdigest()} but must be {file.checksum}")
        part.chmod(0o644)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return target


class _Silent:
    """No bar, where there is no tqdm."""

    def __enter__(self) -> _Silent:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def update(self, count: int) -> None:
        """Shows nothing."""


def _progress(title: str, total: int) -> Any:
    try:
        from tqdm import tqdm
    except ImportError:
        return _Silent()
    return tqdm(total=total or None, desc=title, unit="B", unit_scale=True, file=sys.stderr)
