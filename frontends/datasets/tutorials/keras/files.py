"""Files of keras's data sets: found, or fetched into keras's folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ...archives import extract_tar
from ...downloading import fetch
from ...places import at_home, find, find_folder, keras_folder
from ...published import Published, keras_file


def file_of(path: str, name: str, checksum: str | None) -> Path:
    """The file `path`, as the user says, absolute or from keras's folder on; downloaded to there where it is nowhere.

    As a courtesy a path from the working folder on is tried too, and the file's name in the shared folders.
    """
    given = at_home(path)
    folder = (keras_folder() / given).parent  # the given one, where that is absolute
    found = find(given.name, [folder, given.parent], (".",))
    if found is not None:
        return found
    return fetch(Published(given.name, keras_file(name).addresses, checksum), folder)


def folder_of(name: str, members: Sequence[str], archive: Published) -> Path:
    """The folder that holds `members`, from the archive, which is downloaded where it is not there."""
    found = find_folder(name, members, [keras_folder()])
    if found is not None:
        return found
    packed = Published(f"{name}.tar.gz", archive.addresses, archive.checksum)  # keras calls it as what it holds
    extract_tar(fetch(packed, keras_folder()), name, members, keras_folder())
    return keras_folder() / name
