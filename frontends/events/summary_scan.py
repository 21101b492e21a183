"""The tags in the bytes of a Summary message, found without reading all of it."""

from __future__ import annotations

from .errors import DamagedData
from .wire import DELIMITED, FIXED32, FIXED64, VARINT, decode_varint

VALUE, TAG, METADATA = 1, 1, 9  # numbers of fields, of Summary and of Value


def scanned(data: bytes) -> list[tuple[str, bool]]:
    """(tag, whether it has metadata) of each value. Raises DamagedData."""
    found: list[tuple[str, bool]] = []
    for number, start, end in _parts(data, 0, len(data)):
        if number != VALUE:
            continue
        tag, has_metadata = b"", False
        for inner, first, last in _parts(data, start, end):
            if inner == TAG:
                tag = data[first:last]
            elif inner == METADATA:
                has_metadata = True
        try:
            found.append((tag.decode(), has_metadata))
        except UnicodeDecodeError:
            raise DamagedData("Summary", start, "tag is no UTF-8 text") from None
    return found


def _parts(data: bytes, start: int, end: int) -> list[tuple[int, int, int]]:
    """(number, where it starts, where it ends) of the fields between two places that have a length, 0 for others."""
    found: list[tuple[int, int, int]] = []
    while start < end:
        place = start
        key, start = decode_varint(data, start, end)
        number, wire = key >> 3, key & 7
        first = start
        if wire == VARINT:
            _, start = decode_varint(data, start, end)
        elif wire in (FIXED32, FIXED64):
            start += 4 if wire == FIXED32 else 8
        elif wire == DELIMITED:
            size, first = decode_varint(data, start, end)
            start = first + size
        else:
            raise DamagedData("Summary", place, f"a field's form is {wire} but must be 0, 1, 2 or 5")
        if start > end or not number:
            raise DamagedData("Summary", place, f"field {number} does not end in its message")
        found.append((number if wire == DELIMITED else 0, first, start))
    return found
