"""Where files of data are looked for."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path


def keras_folder() -> Path:
    """Where keras keeps its data sets."""
    home = os.environ.get("KERAS_HOME")
    return (Path(home) if home else at_home("~/.keras")) / "datasets"


def at_home(path: str | Path) -> Path:
    """The path with the user's home for its `~`, which stays where nobody knows the home."""
    return Path(os.path.expanduser(path))


def shared_folders() -> list[Path]:
    """The folders of the path list DIPTYCH_DATA, then those where torchvision, keras and the tutorials keep files."""
    listed = [at_home(part) for part in os.environ.get("DIPTYCH_DATA", "").split(os.pathsep) if part]
    return [*listed, Path("data"), Path(), keras_folder(), at_home("~/.cache/torchvision")]


def candidates(first: Iterable[Path], folders: Sequence[str]) -> Iterator[Path]:
    """The folders `first`, then those of these names in the shared folders.

    A shared folder counts itself where it bears such a name: files of different data sets bear the same names.
    """
    yield from first
    for shared in shared_folders():
        for folder in folders:
            if folder == "." or (shared.parts and shared.name == folder.split("/")[0]):
                yield shared
            yield shared / folder


def find(name: str, first: Iterable[Path], folders: Sequence[str] = ()) -> Path | None:
    """The file, as it is called or with or without `.gz`, None where it is in none of the places."""
    other = name.removesuffix(".gz") if name.endswith(".gz") else f"{name}.gz"
    for folder in candidates(first, folders):
        for each in (name, other):
            if os.path.isfile(folder / each):  # False also of what may not be looked at
                return folder / each
    return None


def find_folder(name: str, members: Sequence[str], first: Iterable[Path]) -> Path | None:
    """The folder of that name that holds all `members`, None where there is none."""
    for folder in candidates(first, (".",)):
        if all(os.path.isfile(folder / name / member) for member in members):
            return folder / name
    return None
