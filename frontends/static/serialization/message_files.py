"""Messages as files, in the wire form or as text."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any, TypeVar

from ...events.errors import DamagedData
from ...events.message import Message
from ...events.text_form import MAX_TEXT, read_text
from ..exports import export
from ..graphs.graph import Graph
from .graph_writer import graph_def_of

MAX_BYTES = (1 << 31) - 1  # as much as a message may have

Kept = TypeVar("Kept", bound=Message)


@export("train.write_graph", "io.write_graph")
def write_graph(graph_or_graph_def: Any, logdir: Any, name: str, as_text: bool = True) -> str:
    """Writes a graph, or a message, into the folder `logdir`, which is made; the path of the file."""
    message = graph_def_of(graph_or_graph_def) if isinstance(graph_or_graph_def, Graph) else graph_or_graph_def
    folder = os.fspath(logdir)
    if folder:
        os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, name)
    write_message(message, path, as_text=as_text)
    return path


def write_message(message: Message, path: str, *, as_text: bool = False) -> None:
    """Writes a message in place of a file, or leaves that file as it is. Raises ValueError for more than 2 GiB."""
    data = str(message).encode() if as_text else message.SerializeToString()
    if len(data) > MAX_BYTES and not as_text:
        raise ValueError(f"{type(message).__name__} is {len(data)} bytes but must be at most {MAX_BYTES}")
    temporary = Path(f"{path}.tmp{secrets.randbits(64):016x}")
    try:
        temporary.write_bytes(data)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def read_message(cls: type[Kept], path: str) -> Kept:
    """The message in a file, in either form. Raises OSError where there is none and where it is damaged."""
    if not os.path.isfile(path):
        raise OSError(f"File {path} does not exist.")
    if os.path.getsize(path) > MAX_BYTES:
        raise OSError(f"Cannot parse file {path}: it has more than {MAX_BYTES} bytes.")
    data = Path(path).read_bytes()
    try:
        return cls.FromString(data)
    except DamagedData as error:
        return _read_as_text(cls, data, path, error)


def _read_as_text(cls: type[Kept], data: bytes, path: str, wire_error: DamagedData) -> Kept:
    try:
        return read_text(cls, data[: 4 * MAX_TEXT].decode(), path, passes_over=True)
    except (DamagedData, UnicodeDecodeError) as error:
        raise OSError(f"Cannot parse file {path}: {wire_error}; as text: {error}.") from error
