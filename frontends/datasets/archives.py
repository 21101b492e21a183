"""Takes files out of archives: those that are named, as plain files, nothing else."""

from __future__ import annotations

import os
import shutil
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from .errors import DamagedFile

MAX_BYTES = 1 << 30  # of one file
# What Python's readers raise of damaged zip files, beside OSError.
ARCHIVE_ERRORS = (EOFError, NotImplementedError, OverflowError, RuntimeError, zipfile.BadZipFile, zlib.error)


def extract_tar(path: Path, folder: str, members: Sequence[str], target: Path) -> None:
    """Writes `folder/member` of a packed tar file into `target/folder`. Raises DamagedFile."""
    wanted = {f"{folder}/{member}" for member in members}
    try:
        with tarfile.open(path, "r:gz") as archive:
            for entry in archive:
                if entry.name not in wanted or not entry.isfile():
                    continue
                file = archive.extractfile(entry)
                if file is not None:
                    _write(path, file, entry.size, target / entry.name)
                    wanted.discard(entry.name)
    except (EOFError, OSError, tarfile.TarError, zlib.error) as error:
        raise DamagedFile(path, f"is no sound archive: {error}") from error
    if wanted:
        raise DamagedFile(path, f"holds no {min(wanted)}")


def extract_zip(path: Path, members: Sequence[str], target: Path) -> None:
    """Writes the members of a zip file into `target`, without their folders. Raises DamagedFile."""
    try:
        with zipfile.ZipFile(path) as archive:
            for member in members:
                if member not in archive.namelist():
                    raise DamagedFile(path, f"holds no {member}")
                with archive.open(member) as file:
                    _write(path, file, archive.getinfo(member).file_size, target / Path(member).name)
    except (*ARCHIVE_ERRORS, OSError) as error:
        raise DamagedFile(path, f"is no sound archive: {error}") from error


def _write(path: Path, file: IO[bytes], size: int, target: Path) -> None:
    """Whole or not at all."""
    if size > MAX_BYTES:
        raise DamagedFile(path, f"{target.name} has {size} bytes but may have at most {MAX_BYTES}")
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as out:
            shutil.copyfileobj(file, out)
        part.chmod(0o644)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
