"""The messages of tensors: TensorProto and its shape."""

from __future__ import annotations

from .message import Field, Message
from .wire import BOOL, BYTES, DOUBLE, FLOAT, INT32, INT64, STRING, UINT32, UINT64, enumeration

# TensorFlow's numbers of dtypes, from types.proto.
DT_FLOAT, DT_DOUBLE, DT_INT32, DT_UINT8, DT_INT16, DT_INT8, DT_STRING = 1, 2, 3, 4, 5, 6, 7
DT_COMPLEX64, DT_INT64, DT_BOOL, DT_BFLOAT16, DT_UINT16, DT_COMPLEX128, DT_HALF = 8, 9, 10, 14, 17, 18, 19
DT_UINT32, DT_UINT64 = 22, 23

_TYPES = [
    "FLOAT",
    "DOUBLE",
    "INT32",
    "UINT8",
    "INT16",
    "INT8",
    "STRING",
    "COMPLEX64",
    "INT64",
    "BOOL",
    "QINT8",
    "QUINT8",
    "QINT32",
    "BFLOAT16",
    "QINT16",
    "QUINT16",
    "UINT16",
    "COMPLEX128",
    "HALF",
    "RESOURCE",
    "VARIANT",
    "UINT32",
    "UINT64",
]
DATA_TYPE = enumeration(
    "DataType",
    {0: "DT_INVALID"}
    | {number: f"DT_{name}" for number, name in enumerate(_TYPES, 1)}
    | {number + 100: f"DT_{name}_REF" for number, name in enumerate(_TYPES, 1)},
)


class Dim(Message):
    """The size of one axis, -1 where it is unknown."""

    FIELDS = (Field(1, "size", INT64), Field(2, "name", STRING))


class TensorShapeProto(Message):
    """The sizes of all axes."""

    Dim = Dim
    FIELDS = (Field(2, "dim", Dim, repeated=True), Field(3, "unknown_rank", BOOL))


class TensorProto(Message):
    """A tensor: its elements in `tensor_content`, or in the list of its dtype, where the last element repeats."""

    FIELDS = (
        Field(1, "dtype", DATA_TYPE),
        Field(2, "tensor_shape", TensorShapeProto),
        Field(3, "version_number", INT32),
        Field(4, "tensor_content", BYTES),
        Field(5, "float_val", FLOAT, repeated=True),
        Field(6, "double_val", DOUBLE, repeated=True),
        Field(7, "int_val", INT32, repeated=True),
        Field(8, "string_val", BYTES, repeated=True),
        Field(9, "scomplex_val", FLOAT, repeated=True),
        Field(10, "int64_val", INT64, repeated=True),
        Field(11, "bool_val", BOOL, repeated=True),
        Field(12, "dcomplex_val", DOUBLE, repeated=True),
        Field(13, "half_val", INT32, repeated=True),
        Field(16, "uint32_val", UINT32, repeated=True),
        Field(17, "uint64_val", UINT64, repeated=True),
    )


def shape_proto(sizes: tuple[int, ...]) -> TensorShapeProto:
    """The message of a shape."""
    return TensorShapeProto(dim=[Dim(size=size) for size in sizes])
