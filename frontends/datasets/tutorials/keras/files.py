"""Files of keras's data sets: found, or fetched into keras's folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ...archives import extract_tar
from ...downloading import fetch
from ...places import find, find_folder, keras_folder
from ...published import Published, keras_file


def file_of(path: str, name: str, checksum: str | None) -> Path:
    """The file `path`, as the user says, a path or a name in keras's folder; downloaded where it is not there."""
    given = Path(path).expanduser()
    found = given if given.is_file() else find(given.name, [keras_folder() / given.parent, keras_folder()], (".",))
    if found is not None:
        return found
    published = Published(given.name, keras_file(name).addresses, checksum)
    return fetch(published, keras_folder())


def folder_of(name: str, members: Sequence[str], archive: Published) -> Path:
    """The folder that holds `members`, from the archive, which is downloaded where it is not there."""
    found = find_folder(name, members, [keras_folder()])
    if found is not None:
        return found
    extract_tar(fetch(archive, keras_folder()), name, members, keras_folder())
    return keras_folder() / name
