"""Numbers in strings: as they lie in memory, and as text between commas."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..exports import export
from ..graphs.apply import apply, apply_operation
from ..graphs.conversion import convert_to_tensor
from ..graphs.definitions import host_operation
from ..graphs.dtypes import (
    DType,
    as_dtype,
    bool_,
    complex64,
    complex128,
    float16,
    float32,
    float64,
    int8,
    int16,
    int32,
    int64,
    string,
    uint8,
    uint16,
)  # fmt: skip
from ..graphs.errors import InvalidArgumentError
from ..graphs.tensor import Tensor
from ..running.host import HostRun

Array = np.ndarray[Any, Any]

RAW = (float16, float32, float64, int32, uint16, uint8, int16, int8, int64, complex64, complex128, bool_)


@host_operation("DecodeRaw", "bytes: string -> out_type", shape=lambda inputs, **_: [
    None if inputs[0]._dims is None else (*inputs[0]._dims, None)
])  # fmt: skip
def lower_decode_raw(at: HostRun, x: Array, *, out_type: DType, little_endian: bool = True) -> Array:
    """The bytes of each string as numbers, along a new last axis."""
    kind = out_type.numpy.newbyteorder("<" if little_endian else ">")
    lengths = {len(text) for text in x.flat}
    if len(lengths) > 1:
        raise InvalidArgumentError(
            at.operation.node_def, at.operation,
            "DecodeRaw requires input strings to all be the same size, but the lengths are "
            f"{', '.join(map(str, sorted(lengths)))}",
        )  # fmt: skip
    length = lengths.pop() if lengths else 0
    if length % kind.itemsize:
        raise InvalidArgumentError(
            at.operation.node_def, at.operation,
            f"Input to DecodeRaw has length {length} that is not a multiple of {kind.itemsize}, the size of "
            f"{out_type.name}",
        )  # fmt: skip
    found = np.frombuffer(b"".join(x.flat), kind).astype(out_type.numpy)
    return found.reshape(*x.shape, length // kind.itemsize)


@export("decode_raw", "io.decode_raw")
def decode_raw(
    input_bytes: Any = None, out_type: Any = None, little_endian: bool = True, name: str | None = None,
    bytes: Any = None,
) -> Tensor:  # fmt: skip
    """The bytes of each string as numbers of `out_type`, along a new last axis; the strings have the same length.
    Raises TypeError."""
    wanted = as_dtype(out_type)
    if wanted not in RAW:
        raise TypeError(
            f"Value passed to parameter 'out_type' has DataType {wanted.name} not in list of allowed values"
        )
    given = bytes if input_bytes is None else input_bytes
    return apply("DecodeRaw", [given], name=name, out_type=wanted, little_endian=little_endian)


# -- lines of values between commas ----


def _csv_shapes(inputs: Sequence[Tensor], *, OUT_TYPE: tuple[DType, ...], **_: Any) -> list[Any]:
    return [inputs[0]._dims] * len(OUT_TYPE)


@host_operation("DecodeCSV", "records: string, record_defaults: *OUT_TYPE -> *OUT_TYPE", shape=_csv_shapes)
def lower_csv(
    at: HostRun,
    records: Array,
    *defaults: Array,
    OUT_TYPE: tuple[DType, ...],
    field_delim: str = ",",
    use_quote_delim: bool = True,
    na_value: str = "",
    select_cols: tuple[int, ...] = (),
) -> list[Array]:
    """Each column of the records as a tensor of its default's dtype."""

    def refused(message: str) -> InvalidArgumentError:
        return InvalidArgumentError(at.operation.node_def, at.operation, message)

    quoting = csv.QUOTE_MINIMAL if use_quote_delim else csv.QUOTE_NONE
    columns: list[list[Any]] = [[] for _ in defaults]
    for number, record in enumerate(records.reshape(-1).tolist()):
        fields = next(csv.reader([record.decode()], delimiter=field_delim, quoting=quoting, strict=True), [""])
        chosen = [fields[column] for column in select_cols if column < len(fields)] if select_cols else fields
        if len(chosen) != len(defaults):
            raise refused(f"Expect {len(defaults)} fields but have {len(chosen)} in record {number}")
        for place, (text, default, dtype) in enumerate(zip(chosen, defaults, OUT_TYPE, strict=True)):
            if text in ("", na_value):
                if not default.size:
                    raise refused(f"Field {place} is required but missing in record {number}!")
                columns[place].append(default.reshape(-1)[0])
                continue
            try:
                columns[place].append(_parsed(text, dtype))
            except (ValueError, OverflowError):
                raise refused(f"Field {place} in record {number} is not a valid {dtype.name}: {text}") from None
    found: list[Array] = []
    for column, dtype in zip(columns, OUT_TYPE, strict=True):
        array = np.empty(len(column), dtype.numpy)
        array[:] = column
        found.append(array.reshape(records.shape))
    return found


def _parsed(text: str, dtype: DType) -> Any:
    if dtype is string:
        return text.encode()
    return dtype.numpy.type(int(text) if dtype.is_integer else float(text))


@export("decode_csv", "io.decode_csv")
def decode_csv(
    records: Any,
    record_defaults: Sequence[Any],
    field_delim: str = ",",
    use_quote_delim: bool = True,
    name: str | None = None,
    na_value: str = "",
    select_cols: Sequence[int] | None = None,
) -> list[Tensor]:
    """A tensor shaped as `records` for each column: numbers or strings of the dtype of the column's default, which
    stands for fields that are empty; an empty default makes a field required. Raises ValueError."""
    if select_cols is not None and any(a >= b for a, b in itertools.pairwise(select_cols)):
        raise ValueError("select_cols is not strictly increasing.")
    if select_cols is not None and len(select_cols) != len(record_defaults):
        raise ValueError("Length of select_cols and record_defaults do not match.")
    defaults = [convert_to_tensor(each) for each in record_defaults]
    for default in defaults:
        if default.dtype.base_dtype not in (float32, float64, int32, int64, string):
            raise TypeError(
                f"Value passed to parameter 'record_defaults' has DataType {default.dtype.name} not in list of allowed "
                "values: float32, float64, int32, int64, string"
            )
    made = apply_operation(
        "DecodeCSV", [records, defaults], name=name, field_delim=field_delim, use_quote_delim=use_quote_delim,
        na_value=na_value, select_cols=tuple(select_cols or ()),
    )  # fmt: skip
    return list(made.outputs)
