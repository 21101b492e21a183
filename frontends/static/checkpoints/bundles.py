"""Bundles: named arrays in an index, a table of messages, and shards, files of bytes in a row.

The files of a checkpoint `model.ckpt` are model.ckpt.index and model.ckpt.data-00000-of-00001. (tensorflow:
core/util/tensor_bundle/tensor_bundle.cc)
"""

from __future__ import annotations

import math
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from ...events.checksums import masked_crc32c
from ...events.errors import DamagedData
from ...events.tensor_messages import shape_proto
from ...events.wire import decode_varint, encode_varint
from ..graphs.dtypes import _BY_ENUM, DType, as_dtype
from ..graphs.errors import DataLossError, NotFoundError, UnimplementedError
from .messages import LITTLE_ENDIAN, PRODUCER, BundleEntry, BundleHeader, TensorSlice, VersionDef
from .ordered_code import slice_key
from .tables import MAX_TABLE, decode_table, encode_table

Array = np.ndarray[Any, Any]

MAX_RANK = 254
MAX_SHARDS = 10_000


def index_path(prefix: str) -> str:
    """The file that a checkpoint is known by."""
    return f"{prefix}.index"


def shard_path(prefix: str, shard: int, count: int) -> str:
    """A file of a checkpoint's bytes."""
    return f"{prefix}.data-{shard:05d}-of-{count:05d}"


# -- writing ----


def write_bundle(prefix: str, arrays: Mapping[str, Array]) -> None:
    """Writes a checkpoint, strings as arrays of bytes, in a new folder if need be. Each file is there whole or not at
    all. Raises NotFoundError where the folder cannot be made."""
    entries: list[tuple[bytes, bytes]] = []
    folder = os.path.dirname(prefix)
    try:
        if folder and not os.path.isdir(folder):
            os.mkdir(folder)
    except OSError as error:
        raise NotFoundError(None, None, f"{folder}; {error.strerror}") from error
    with _replacing(shard_path(prefix, 0, 1)) as file:
        offset = 0
        for name, array in sorted(arrays.items(), key=lambda item: item[0].encode()):
            data, checked = _bytes_of(array)
            file.write(data)
            entry = BundleEntry(
                dtype=as_dtype(array.dtype).as_datatype_enum,
                shape=shape_proto(array.shape),
                offset=offset,
                size=len(data),
                crc32c=masked_crc32c(checked),
            )
            offset += len(data)
            entries.append((name.encode(), entry.SerializeToString()))
    header = BundleHeader(num_shards=1, endianness=LITTLE_ENDIAN, version=VersionDef(producer=PRODUCER))
    with _replacing(index_path(prefix)) as file:
        file.write(encode_table([(b"", header.SerializeToString()), *entries]))


def _bytes_of(array: Array) -> tuple[Any, Any]:
    """What a file has of an array, and what the checksum is of: of strings see `_strings`."""
    if array.dtype != object:
        data = np.ascontiguousarray(array).reshape(-1).view(np.uint8).data if array.size else b""
        return data, data
    strings = array.reshape(-1).tolist()
    numbers = _whole(map(len, strings))
    rest = masked_crc32c(numbers).to_bytes(4, "little") + b"".join(strings)
    return b"".join(encode_varint(len(each)) for each in strings) + rest, numbers + rest


def _whole(lengths: Iterable[int]) -> bytes:
    return b"".join(each.to_bytes(4 if each < 1 << 32 else 8, "little") for each in lengths)


@contextmanager
def _replacing(path: str) -> Iterator[BinaryIO]:
    """A new file that takes the place of `path` at the end; nothing is left of it where the block raises."""
    temporary = f"{path}.tempstate{secrets.randbits(64)}"
    try:
        with open(temporary, "xb") as file:
            yield file
        os.replace(temporary, path)
    finally:
        Path(temporary).unlink(missing_ok=True)


# -- reading ----


class BundleReader:
    """The tensors of a checkpoint: its index is read and checked when this is made, bytes when they are asked for.

    Raises NotFoundError where there is no such checkpoint, DataLossError for what is none.
    """

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        path = index_path(prefix)
        if not os.path.isfile(path):
            message = f"Unsuccessful TensorSliceReader constructor: Failed to find any matching files for {prefix}"
            raise NotFoundError(None, None, message)
        if os.path.getsize(path) > MAX_TABLE:
            raise DataLossError(None, None, f"{path} is {os.path.getsize(path)} bytes but must be at most {MAX_TABLE}")
        with open(path, "rb") as file:
            data = file.read()
        try:
            self._read_index(decode_table(data, path))
        except DamagedData as error:
            raise DataLossError(None, None, f"Unable to open table file {prefix}: {error}") from error

    def _read_index(self, table: dict[bytes, bytes]) -> None:
        header = BundleHeader.FromString(_first(table, self.prefix))
        if header.version.min_consumer > PRODUCER:
            raise UnimplementedError(
                None, None, f"{self.prefix} needs a reader of version {header.version.min_consumer}, not {PRODUCER}"
            )
        if header.endianness != LITTLE_ENDIAN:
            raise UnimplementedError(None, None, f"{self.prefix} was written with the high byte of numbers first")
        if not 0 < header.num_shards <= MAX_SHARDS:
            reason = f"the number of shards is {header.num_shards} but must be from 1 to {MAX_SHARDS}"
            raise DamagedData(self.prefix, 0, reason)
        self._shards = header.num_shards
        self._entries: dict[str, BundleEntry] = {}
        self._slices: dict[bytes, BundleEntry] = {}
        for key, value in table.items():
            if not key:
                continue
            entry = BundleEntry.FromString(value)
            self._check(key, entry)
            if key[0] == 0:
                self._slices[key] = entry
            else:
                self._entries[_name(key, self.prefix)] = entry

    def _check(self, key: bytes, entry: BundleEntry) -> None:
        """Raises DamagedData for an entry that makes no sense."""
        dtype = _BY_ENUM.get(entry.dtype)
        reason = ""
        if dtype is None or dtype._is_ref_dtype:
            reason = f"its dtype is {entry.dtype}"
        elif len(entry.shape.dim) > MAX_RANK or any(dim.size < 0 for dim in entry.shape.dim):
            reason = "its shape is none"
        elif not 0 <= entry.shard_id < self._shards or entry.offset < 0 or entry.size < 0:
            reason = f"its place is shard {entry.shard_id}, byte {entry.offset}, {entry.size} bytes"
        elif not entry.slices and dtype.ir is not None and entry.size != math.prod(_shape(entry)) * dtype.size:
            reason = f"it is {entry.size} bytes, not {math.prod(_shape(entry))} elements of {dtype.name}"
        if reason:
            raise DamagedData(self.prefix, 0, f"the entry of {key.decode(errors='replace')!r} is damaged: {reason}")

    def names(self) -> list[str]:
        """The names of the tensors, in order."""
        return list(self._entries)

    def has(self, name: str) -> bool:
        """Whether there is a tensor of this name."""
        return name in self._entries

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape of a tensor. Raises NotFoundError."""
        return _shape(self._entry(name))

    def dtype(self, name: str) -> DType:
        """The dtype of a tensor. Raises NotFoundError."""
        return _BY_ENUM[self._entry(name).dtype]

    def read(self, name: str) -> Array:
        """The elements of a tensor, strings as an array of bytes. Raises NotFoundError, DataLossError."""
        entry = self._entry(name)
        if not entry.slices:
            return self._array(name, entry)
        return self._joined(name, entry)

    def _entry(self, name: str) -> BundleEntry:
        found = self._entries.get(name)
        if found is None:
            raise NotFoundError(None, None, f"Key {name} not found in checkpoint")
        return found

    def _array(self, name: str, entry: BundleEntry) -> Array:
        data = self._bytes(name, entry)
        dtype, shape = _BY_ENUM[entry.dtype], _shape(entry)
        if dtype.ir is None:
            if dtype.name != "string":
                raise UnimplementedError(None, None, f"{self.prefix}: {name} is of {dtype.name}, which is no array")
            return self._strings(name, entry, data, shape)
        if masked_crc32c(data) != entry.crc32c:
            raise self._mismatch(name, entry)
        return np.frombuffer(data, dtype.numpy).reshape(shape).copy()

    def _bytes(self, name: str, entry: BundleEntry) -> bytes:
        path = shard_path(self.prefix, entry.shard_id, self._shards)
        if not os.path.isfile(path):
            raise NotFoundError(None, None, f"{path}; No such file or directory")
        with open(path, "rb") as file:
            if entry.offset + entry.size > os.fstat(file.fileno()).st_size:
                raise DataLossError(
                    None, None, f"TensorBundle at {self.prefix} shard {entry.shard_id} ends before tensor {name!r} does"
                )
            file.seek(entry.offset)
            return file.read(entry.size)

    def _mismatch(self, name: str, entry: BundleEntry) -> DataLossError:
        return DataLossError(
            None,
            None,
            f"TensorBundle at {self.prefix} shard {entry.shard_id} ({entry.size} bytes): Checksum does not match: "
            f"stored {entry.crc32c:#010x}, of tensor {name!r}",
        )

    def _strings(self, name: str, entry: BundleEntry, data: bytes, shape: tuple[int, ...]) -> Array:
        """Lengths, their checksum, then the strings in a row; the entry's checksum is of lengths as whole numbers."""
        count = math.prod(shape)
        if count > len(data):
            raise DataLossError(
                None, None, f"TensorBundle at {self.prefix}: tensor {name!r} has more strings than bytes"
            )
        lengths: list[int] = []
        place = 0
        try:
            for _ in range(count):
                length, place = decode_varint(data, place, len(data))
                lengths.append(length)
        except DamagedData as error:
            raise DataLossError(None, None, f"TensorBundle at {self.prefix}: tensor {name!r}: {error.reason}") from None
        numbers = _whole(lengths)
        checksum = data[place : place + 4]
        if masked_crc32c(numbers).to_bytes(4, "little") != checksum or place + 4 + sum(lengths) != len(data):
            raise self._mismatch(name, entry)
        if masked_crc32c(numbers + checksum + data[place + 4 :]) != entry.crc32c:
            raise self._mismatch(name, entry)
        found = np.empty(count, object)
        place += 4
        for number, length in enumerate(lengths):
            found[number] = data[place : place + length]
            place += length
        return found.reshape(shape)

    def _joined(self, name: str, entry: BundleEntry) -> Array:
        """A tensor that is kept in slices."""
        dtype, shape = _BY_ENUM[entry.dtype], _shape(entry)
        if dtype.ir is None:
            raise UnimplementedError(None, None, f"{self.prefix}: {name} is of {dtype.name}, in slices")
        parts: list[tuple[tuple[slice, ...], Array]] = []
        covered = 0
        for part in entry.slices:
            places = _places(part, shape)
            found = None if places is None else self._slices.get(slice_key(name, _extents(part)))
            if places is None or found is None or found.dtype != entry.dtype or found.slices:
                raise DataLossError(None, None, f"TensorBundle at {self.prefix}: a slice of tensor {name!r} is damaged")
            array = self._array(name, found)
            if array.shape != tuple(each.stop - each.start for each in places):
                raise DataLossError(None, None, f"TensorBundle at {self.prefix}: a slice of tensor {name!r} is damaged")
            covered += array.size
            parts.append((places, array))
        if covered != math.prod(shape):
            raise DataLossError(None, None, f"TensorBundle at {self.prefix}: slices of tensor {name!r} are missing")
        whole = np.empty(shape, dtype.numpy)
        for places, array in parts:
            whole[places] = array
        return whole


def _first(table: dict[bytes, bytes], prefix: str) -> bytes:
    if b"" not in table:
        raise DamagedData(prefix, 0, "the index has no header")
    return table[b""]


def _name(key: bytes, prefix: str) -> str:
    try:
        return key.decode()
    except UnicodeDecodeError:
        raise DamagedData(prefix, 0, f"the name {key!r} is no UTF-8 text") from None


def _shape(entry: BundleEntry) -> tuple[int, ...]:
    return tuple(dim.size for dim in entry.shape.dim)


def _extents(part: TensorSlice) -> list[tuple[int, int]]:
    """(start, length) along each axis; length is -1 of a whole one."""
    return [(each.start, each.length) if each.WhichOneof("has_length") else (0, -1) for each in part.extent]


def _places(part: TensorSlice, shape: Sequence[int]) -> tuple[slice, ...] | None:
    """Where a slice lies in the whole; None where it does not."""
    extents = _extents(part)
    if len(extents) != len(shape):
        return None
    found: list[slice] = []
    for (start, length), size in zip(extents, shape, strict=True):
        end = size if length == -1 else start + length
        if not 0 <= start <= end <= size:
            return None
        found.append(slice(start, end))
    return tuple(found)
