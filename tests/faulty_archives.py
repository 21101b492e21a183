"""Zip archives with faults that keep their form: entries renamed, left out, doubled, exchanged, packed or cut, and
numbers in the directory that lie."""

from __future__ import annotations

import io
import random
import struct
import warnings
import zipfile
from collections.abc import Callable

_HEADS = ((b"PK\x03\x04", 26), (b"PK\x01\x02", 42), (b"PK\x05\x06", 18))  # signatures, and bytes of numbers behind
_NUMBERS = (0, 1, 8, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF)
_NAMES = (
    "", "/", "a", "archive/data.pkl", "archive/data/0", "archive/data/../0", "archive/version", "archive/byteorder",
    "archive/constants.pkl", "other/data.pkl", "x.npy", "y.npy", "é",
)  # fmt: skip

Spoil = Callable[[str, bytes, random.Random], bytes]


def faulty_archive(data: bytes, chance: random.Random, spoil: Spoil) -> bytes:
    """The archive with one or two faults in its entries, whose contents `spoil(name, content, chance)` may change, or
    in its directory."""
    entries: list[tuple[str, bytes]] = []
    with zipfile.ZipFile(io.BytesIO(data)) as source:
        entries = [(info.filename, source.read(info)) for info in source.infolist()]
    compression = zipfile.ZIP_STORED
    for _ in range(chance.choice((1, 1, 2))):
        place, other = chance.randrange(len(entries)), chance.randrange(len(entries))
        name, content = entries[place]
        fault = chance.randrange(10)
        if fault == 0:
            entries[place] = chance.choice((chance.choice(_NAMES), entries[other][0])), content
        elif fault == 1:
            del entries[place]
            entries = entries or [("a", b"")]
        elif fault == 2:
            entries.append((chance.choice((name, chance.choice(_NAMES))), entries[other][1]))
        elif fault == 3:
            entries[place], entries[other] = (name, entries[other][1]), (entries[other][0], content)
        elif fault == 4:
            compression = chance.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA))
        elif fault == 5:
            entries[place] = name, content[: chance.randint(0, len(content))]
        elif fault == 6:
            entries[place] = name, content + chance.randbytes(chance.randint(1, 40))
        else:
            entries = [(each, spoil(each, part, chance)) for each, part in entries]
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", compression) as target, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of a name that is there twice
        for each, part in entries:
            info = zipfile.ZipInfo(each)
            info.compress_type = compression
            target.writestr(info, part)
    found = bytearray(written.getvalue())
    if chance.random() < 0.3:
        _lie(found, chance)
    return bytes(found)


def _lie(data: bytearray, chance: random.Random) -> None:
    """Changes a number in one of the heads."""
    signature, length = chance.choice(_HEADS)
    places = []
    begin = data.find(signature)
    while begin >= 0:
        places.append(begin)
        begin = data.find(signature, begin + 1)
    place = chance.choice(places) + 4 + chance.randrange(length - 4)
    form = chance.choice(("<B", "<H", "<I"))
    number = chance.choice(_NUMBERS) & ((1 << 8 * struct.calcsize(form)) - 1)
    data[place : place + struct.calcsize(form)] = struct.pack(form, number)
