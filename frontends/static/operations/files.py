"""Files as a whole, and their names."""

from __future__ import annotations

import glob
from pathlib import Path
from typing import Any

import numpy as np

from ..exports import export
from ..graphs.apply import apply
from ..graphs.definitions import host_operation, scalar_shape
from ..graphs.dtypes import string
from ..graphs.errors import NotFoundError
from ..graphs.literals import array_of
from ..graphs.operation import Operation
from ..graphs.tensor import Tensor
from ..running.host import HostRun

Array = np.ndarray[Any, Any]


@host_operation("ReadFile", "filename: string -> string", shape=scalar_shape)
def lower_read_file(at: HostRun, filename: Array) -> bytes:
    """The bytes of a file."""
    name = filename[()].decode()
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise NotFoundError(at.operation.node_def, at.operation, f"{name}; {error.strerror}") from error


@export("read_file", "io.read_file")
def read_file(filename: Any, name: str | None = None) -> Tensor:
    """The bytes of a file, read when a run asks for them."""
    return apply("ReadFile", [filename], name=name)


@host_operation("WriteFile", "filename: string, contents: string ->")
def lower_write_file(at: HostRun, filename: Array, contents: Array) -> list[Any]:
    """A file of these bytes."""
    path = Path(filename[()].decode())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(contents[()])
    return []


@export("write_file", "io.write_file")
def write_file(filename: Any, contents: Any, name: str | None = None) -> Operation:
    """Writes bytes into a file, and makes the folders that it lies in, when it runs."""
    return apply("WriteFile", [filename, contents], name=name)


@host_operation("MatchingFiles", "pattern: string -> string", shape=lambda inputs, **_: [(None,)])
def lower_matching_files(at: HostRun, pattern: Array) -> Array:
    """The files that match any of the globs, in order."""
    patterns = [each.decode() for each in pattern.flat]
    return array_of(sorted({name for each in patterns for name in glob.glob(each)}) or np.zeros([0], object), string)


@export("matching_files", "io.matching_files")
def matching_files(pattern: Any, name: str | None = None) -> Tensor:
    """The names of the files that match a glob, or any of several, in order: [count]."""
    return apply("MatchingFiles", [pattern], name=name)
