"""Values on the wire, as the protocol-buffer encoding lays them down."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from diptych.events.errors import DamagedData
from diptych.events.wire import (
    BOOL,
    BYTES,
    DOUBLE,
    ENUM,
    FLOAT,
    INT32,
    INT64,
    STRING,
    UINT32,
    UINT64,
    Kind,
    decode_packed,
    decode_varint,
    encode_packed,
    encode_varint,
)

VARINTS = [(0, "00"), (1, "01"), (127, "7f"), (128, "8001"), (150, "9601"), (2**64 - 1, "ffffffffffffffffff01")]


@pytest.mark.parametrize("number, text", VARINTS)
def test_varints(number: int, text: str) -> None:
    data = bytes.fromhex(text)
    assert encode_varint(number) == data
    assert decode_varint(b"x" + data + b"x", 1, len(data) + 1) == (number, len(data) + 1)


@pytest.mark.parametrize(
    "data, end, text",
    [
        (b"", 0, "message, byte 0: a varint is cut"),
        (b"\x80\x80\x01", 2, "message, byte 0: a varint is cut"),
        (b"\x80" * 11, 11, "message, byte 0: a varint has over 10 bytes"),
    ],
)
def test_varints_that_do_not_end(data: bytes, end: int, text: str) -> None:
    with pytest.raises(DamagedData) as error:
        decode_varint(data, 0, end)
    assert str(error.value) == text


SCALARS = [
    (DOUBLE, 1.5, "000000000000f83f"),
    (FLOAT, -2.0, "000000c0"),
    (FLOAT, 1e300, "0000807f"),
    (FLOAT, -1e300, "000080ff"),
    (INT32, -1, "ffffffffffffffffff01"),
    (INT64, np.int64(-(2**63)), "80808080808080808001"),
    (UINT32, 300, "ac02"),
    (UINT64, 2**63, "80808080808080808001"),
    (ENUM, 2, "02"),
    (BOOL, True, "01"),
    (STRING, "é", "02c3a9"),
    (STRING, b"a", "0161"),
    (BYTES, b"\x00\xff", "0200ff"),
]


@pytest.mark.parametrize("kind, value, text", SCALARS)
def test_scalars(kind: Kind, value: Any, text: str) -> None:
    assert kind.encode(value) == bytes.fromhex(text)


@pytest.mark.parametrize(
    "kind, number, value",
    [
        (INT32, 2**64 - 1, -1),
        (INT32, 2**31, -(2**31)),
        (INT64, 2**63, -(2**63)),
        (UINT32, 2**33 + 1, 1),
        (BOOL, 7, True),
    ],
)
def test_varints_of_fewer_bits_are_cut(kind: Kind, number: int, value: Any) -> None:
    assert kind.decode(number) == value


@pytest.mark.parametrize(
    "kind, value, problem, text",
    [
        (INT32, 2**31, ValueError, "int32: value is 2147483648 but must be from -2147483648 to 2147483647"),
        (UINT64, -1, ValueError, "uint64: value is -1 but must be from 0 to 18446744073709551615"),
        (INT64, 1.5, TypeError, "'float' object cannot be interpreted as an integer"),
        (BYTES, "a", TypeError, "bytes: value is a str but must be bytes"),
        (STRING, 3, TypeError, "memoryview: a bytes-like object is required, not 'int'"),
    ],
)
def test_values_that_do_not_fit(kind: Kind, value: Any, problem: type[Exception], text: str) -> None:
    with pytest.raises(problem) as error:
        kind.encode(value)
    assert str(error.value) == text


@pytest.mark.parametrize("kind", [DOUBLE, FLOAT, INT32, INT64])
def test_many_values_in_a_row(kind: Kind) -> None:
    for values in ([1, 0, -3, 500], np.array([1, 0, -3, 500])):
        data = encode_packed(kind, values)
        assert data == b"".join(map(kind.encode, [1, 0, -3, 500]))
        assert decode_packed(kind, b"x" + data + b"x", 1, len(data) + 1) == [1, 0, -3, 500]


def test_rows_of_a_wrong_size() -> None:
    with pytest.raises(DamagedData) as error:
        decode_packed(DOUBLE, bytes(12), 0, 12)
    assert str(error.value) == "message, byte 0: packed values are 12 bytes but must be a multiple of 8"
