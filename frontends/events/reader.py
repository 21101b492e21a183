"""Reading event files."""

from __future__ import annotations

import os
from collections.abc import Iterator

from .errors import DamagedData
from .event import Event
from .records import read_records


def read(path: str | os.PathLike[str]) -> Iterator[Event]:
    """The events of a file, one by one. A last record that is still being written ends them. Raises DamagedData, with
    the offset in the file, at the first record that is none."""
    for start, data in read_records(path):
        try:
            event = Event.FromString(data)
        except DamagedData as error:
            what = f"diptych.events.read: {os.fspath(path)}"
            raise DamagedData(what, start + error.offset, error.reason) from error
        yield event
