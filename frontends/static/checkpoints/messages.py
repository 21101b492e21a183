"""The messages of a checkpoint: what the index says of it, and of each tensor."""

from __future__ import annotations

from ...events.message import Field, Message
from ...events.tensor_messages import TensorShapeProto
from ...events.wire import DOUBLE, ENUM, INT32, INT64, STRING, Kind

LITTLE_ENDIAN = 0
PRODUCER = 1  # the version of the format that is written, and the newest that is read

FIXED32 = Kind("fixed32", 5, 0, lambda value: value.to_bytes(4, "little"), lambda data: int.from_bytes(data, "little"))


class VersionDef(Message):
    """Which version wrote a file, and which may read it."""

    FIELDS = (Field(1, "producer", INT32), Field(2, "min_consumer", INT32))


class BundleHeader(Message):
    """The first entry of an index."""

    FIELDS = (
        Field(1, "num_shards", INT32),
        Field(2, "endianness", ENUM),
        Field(3, "version", VersionDef),
    )


class Extent(Message):
    """Where a slice lies along one axis; the whole axis where nothing is set."""

    FIELDS = (Field(1, "start", INT64), Field(2, "length", INT64, oneof="has_length"))


class TensorSlice(Message):
    """A part of a tensor."""

    FIELDS = (Field(1, "extent", Extent, repeated=True),)


class BundleEntry(Message):
    """Where a tensor's bytes are; of one kept in slices, which slices there are."""

    FIELDS = (
        Field(1, "dtype", ENUM),
        Field(2, "shape", TensorShapeProto),
        Field(3, "shard_id", INT32),
        Field(4, "offset", INT64),
        Field(5, "size", INT64),
        Field(6, "crc32c", FIXED32),
        Field(7, "slices", TensorSlice, repeated=True),
    )


class CheckpointState(Message):
    """The file `checkpoint` beside checkpoints: which there are, and which is the last."""

    FIELDS = (
        Field(1, "model_checkpoint_path", STRING),
        Field(2, "all_model_checkpoint_paths", STRING, repeated=True),
        Field(3, "all_model_checkpoint_timestamps", DOUBLE, repeated=True),
        Field(4, "last_preserved_timestamp", DOUBLE),
    )
