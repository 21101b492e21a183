"""Tables: sorted keys and values in one file, as LevelDB and TensorFlow's checkpoint indices have them.

A file is blocks and a footer. A block is entries, then the places where a whole key begins ("restarts"), their number,
a byte for its compression (none here), and a checksum. An entry has only that part of its key that differs from the
one before. The last block gives, for each of the others, a key that is not less than its own, and where it is. The
footer says where that block is. (leveldb: doc/table_format.md; tensorflow: core/lib/io/table.cc)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...events.checksums import masked_crc32c
from ...events.errors import DamagedData
from ...events.wire import decode_varint, encode_varint

BLOCK_SIZE = 1 << 18  # bytes after which a block ends
RESTART_INTERVAL = 16
FOOTER_SIZE = 48
TRAILER_SIZE = 5
MAGIC = 0xDB4775248B80FB57.to_bytes(8, "little")
MAX_ENTRIES = 1_000_000
MAX_TABLE = 1 << 28  # bytes


# -- writing ----


def encode_table(entries: Iterable[tuple[bytes, bytes]]) -> bytes:
    """The file of keys in order, each once, with their values."""
    found = bytearray()
    index: list[tuple[bytes, bytes]] = []
    block: list[tuple[bytes, bytes]] = []
    size = 0
    for key, value in entries:
        if size >= BLOCK_SIZE:
            index.append((_between(block[-1][0], key), _append(found, _block(block, RESTART_INTERVAL))))
            block, size = [], 0
        block.append((key, value))
        size += len(key) + len(value) + 8
    if block:
        index.append((_behind(block[-1][0]), _append(found, _block(block, RESTART_INTERVAL))))
    meta = _append(found, _block([], RESTART_INTERVAL))
    place = _append(found, _block(index, 1))
    handles = meta + place
    found += handles + bytes(FOOTER_SIZE - len(MAGIC) - len(handles)) + MAGIC
    return bytes(found)


def _between(key: bytes, following: bytes) -> bytes:
    """A short key that is not less than `key` and less than `following`."""
    shared = 0
    while shared < min(len(key), len(following)) and key[shared] == following[shared]:
        shared += 1
    if shared < min(len(key), len(following)) and key[shared] + 1 < following[shared]:
        return key[:shared] + bytes([key[shared] + 1])
    return key


def _behind(key: bytes) -> bytes:
    """A short key that is not less than `key`."""
    place = next((place for place, byte in enumerate(key) if byte != 0xFF), None)
    return key if place is None else key[:place] + bytes([key[place] + 1])


def _block(entries: Iterable[tuple[bytes, bytes]], interval: int) -> bytes:
    found = bytearray()
    restarts = [0]
    before = b""
    for number, (key, value) in enumerate(entries):
        shared = 0
        if number % interval == 0:
            if number:
                restarts.append(len(found))
        else:
            while shared < min(len(key), len(before)) and key[shared] == before[shared]:
                shared += 1
        found += encode_varint(shared) + encode_varint(len(key) - shared) + encode_varint(len(value))
        found += key[shared:] + value
        before = key
    for place in (*restarts, len(restarts)):
        found += place.to_bytes(4, "little")
    return bytes(found)


def _append(file: bytearray, block: bytes) -> bytes:
    """Adds a block to the file; its handle, an offset and a size."""
    handle = encode_varint(len(file)) + encode_varint(len(block))
    checked = block + b"\x00"
    file += checked + masked_crc32c(checked).to_bytes(4, "little")
    return handle


# -- reading ----


def decode_table(data: bytes, what: str) -> dict[bytes, bytes]:
    """All entries of the file `what`, in order. Raises DamagedData for what is no table."""
    if len(data) > MAX_TABLE:
        raise DamagedData(what, 0, f"the table is {len(data)} bytes but must be at most {MAX_TABLE}")
    start = len(data) - FOOTER_SIZE
    if start < 0:
        raise DamagedData(what, 0, "file is too short to be an sstable")
    if data[-len(MAGIC) :] != MAGIC:
        raise DamagedData(what, len(data) - len(MAGIC), "not an sstable (bad magic number)")
    end = len(data) - len(MAGIC)
    try:
        _, start = decode_varint(data, start, end)
        _, start = decode_varint(data, start, end)
        handles = list(_entries(_contents(data, start, end, what), what))
    except DamagedData as error:
        raise DamagedData(what, error.offset, error.reason) from None
    found: dict[bytes, bytes] = {}
    before: bytes | None = None
    for _, handle in handles:
        for key, value in _entries(_contents(data, 0, len(handle), what, handle), what):
            if before is not None and key <= before:
                raise DamagedData(what, 0, "the keys of the table are not in order")
            if len(found) >= MAX_ENTRIES:
                raise DamagedData(what, 0, f"the table has more than {MAX_ENTRIES} entries")
            before = key
            found[key] = value
    return found


def _contents(data: bytes, start: int, end: int, what: str, handle: bytes | None = None) -> bytes:
    """The block whose handle stands at `start`, of the file or of `handle`, its checksum checked."""
    source = data if handle is None else handle
    try:
        offset, start = decode_varint(source, start, end)
        size, _ = decode_varint(source, start, end)
    except DamagedData as error:
        raise DamagedData(what, start, f"bad block handle: {error.reason}") from None
    limit = len(data) - FOOTER_SIZE
    if offset + size + TRAILER_SIZE > limit:
        raise DamagedData(what, min(offset, limit), f"a block of {size} bytes does not end in the file")
    checked = data[offset : offset + size + 1]
    given = int.from_bytes(data[offset + size + 1 : offset + size + TRAILER_SIZE], "little")
    if masked_crc32c(checked) != given:
        raise DamagedData(what, offset, "block checksum mismatch")
    if checked[-1] != 0:
        raise DamagedData(what, offset, f"the block has compression {checked[-1]} but must have none")
    return checked[:-1]


def _entries(block: bytes, what: str) -> Iterator[tuple[bytes, bytes]]:
    if len(block) < 4:
        raise DamagedData(what, 0, "a block is too short")
    restarts = int.from_bytes(block[-4:], "little")
    end = len(block) - 4 - 4 * restarts
    if end < 0:
        raise DamagedData(what, 0, f"a block has {restarts} restarts, more than its size allows")
    start, key = 0, b""
    while start < end:
        shared, start = decode_varint(block, start, end)
        rest, start = decode_varint(block, start, end)
        size, start = decode_varint(block, start, end)
        if shared > len(key) or start + rest + size > end:
            raise DamagedData(what, 0, "bad entry in block")
        key = key[:shared] + block[start : start + rest]
        start += rest
        yield key, block[start : start + size]
        start += size
