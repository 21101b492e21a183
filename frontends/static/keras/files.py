"""tf.keras.utils.get_file."""

from __future__ import annotations

import os
from typing import Any

from diptych.datasets.downloading import fetch
from diptych.datasets.places import at_home, keras_folder
from diptych.datasets.published import Published
from diptych.ir import Unsupported, user_location

from ..exports import export


@export("keras.utils.get_file")
def get_file(
    fname: str, origin: str, untar: bool = False, md5_hash: str | None = None, file_hash: str | None = None,
    cache_subdir: str = "datasets", hash_algorithm: str = "auto", extract: bool = False, archive_format: Any = "auto",
    cache_dir: str | None = None,
) -> str:  # fmt: skip
    """The path of a file in keras's folder, downloaded from `origin` where it is not there, or has another hash (md5 or
    sha256). Raises DownloadFailed, and Unsupported for `untar` and `extract`."""
    if untar or extract:
        raise Unsupported(
            f"tf.keras.utils.get_file: {'untar' if untar else 'extract'} is True but must be False",
            location=user_location(), hint="tarfile.open(path).extractall(folder, filter='data')",
        )  # fmt: skip
    base = keras_folder().parent if cache_dir is None else at_home(cache_dir)
    target = base / cache_subdir / fname
    return os.fspath(fetch(Published(target.name, (origin,), file_hash or md5_hash), target.parent))
