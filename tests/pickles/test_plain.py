"""Pickles of plain data: read as `pickle` reads them, all others refused before anything happens."""

from __future__ import annotations

import pickle
import random
import struct
from typing import Any

import numpy as np
import pytest
from diptych.pickles import Refused, read_plain

from tests.datasets.files import batch, old_batch, texts

PLAIN: list[Any] = [
    None, True, False, 0, 255, 256, 65536, -1, 2**31, -(2**63), 1.5, float("-inf"), "", "text", "ö" * 300, b"bytes", b"",
    [], [1, "a", None], (), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), {}, {"a": [1], "b": {"c": ()}},
    {"labels": [0] * 300, b"data": b"\x00\xff" * 200},
]  # fmt: skip


def same(found: Any, wanted: Any) -> bool:
    """Whether both are equal and of one type, arrays too."""
    if isinstance(wanted, np.ndarray):
        return (
            type(found) is np.ndarray
            and found.dtype == wanted.dtype
            and found.shape == wanted.shape
            and all(map(same, found.reshape(-1).tolist(), wanted.reshape(-1).tolist()))
        )
    if isinstance(wanted, dict):
        return list(found) == list(wanted) and all(same(found[key], wanted[key]) for key in wanted)
    return type(found) is type(wanted) and found == wanted


@pytest.mark.parametrize("protocol", range(2, 6))
def test_plain_data_comes_back(protocol: int) -> None:
    for value in PLAIN:
        assert same(read_plain(pickle.dumps(value, protocol)), value), value


@pytest.mark.parametrize("protocol", range(2, 6))
@pytest.mark.parametrize(
    "array",
    [
        batch(2, 0), np.arange(6, dtype=">i4").reshape(2, 3), np.array(1.5), np.zeros((0, 3), np.float16),
        np.array([True, False]), np.asfortranarray(np.arange(6.0).reshape(2, 3)), texts(5, 0),
    ],
    ids=str,
)  # fmt: skip
def test_arrays_come_back(protocol: int, array: np.ndarray) -> None:
    pickled = pickle.dumps({"x": array}, protocol)
    assert same(read_plain(pickled), pickle.loads(pickled))  # which may have turned the order of bytes


def test_numbers_of_numpy_come_back() -> None:
    found = read_plain(pickle.dumps([np.uint8(7), np.float64(0.5)], 2))
    assert found == [7, 0.5] and [type(each) for each in found] == [np.uint8, np.float64]


def test_pickles_of_python_2_come_back() -> None:
    entries = {"batch_label": "one", "labels": [3, 500], "data": batch(2, 1)}
    assert same(read_plain(old_batch(entries)), entries)
    assert same(pickle.loads(old_batch(entries), encoding="latin1"), entries)  # the sample is what pickle takes


class Opened:
    """Pickles as a call of a function."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.reduced = function, arguments

    def __reduce__(self) -> Any:
        return self.reduced


@pytest.mark.parametrize("protocol", range(2, 6))
def test_calls_are_refused(protocol: int) -> None:
    with pytest.raises(Refused, match=r"it names (builtins|__builtin__)\.print, which is not of plain data"):
        read_plain(pickle.dumps(Opened(print, "ran"), protocol))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "it is cut short"),
        (b"K", "it is cut short"),
        (b".", "it is damaged (IndexError)"),
        (b"cos\nsystem\n(X\x02\x00\x00\x00lstR.", "it names os.system, which is not of plain data"),
        (b"(ios\nsystem\n.", "opcode b'i' is not of plain data"),
        (b"(dos\n.", "opcode b'd' is not of plain data"),
        (b"cnumpy\nndarray\n(tR.", "it calls what is not of plain data"),
        (b"cnumpy\nndarray\n.", "it holds what is not of plain data"),
        (b"cnumpy\ndtype\nX\x02\x00\x00\x00V8\x85R.", "dtype 'V8' is not of plain numbers"),
        (b"X\x01\x00\x00\x00a)R.", "it calls what is not of plain data"),
        (b"]q\x00h\x00a.", "it refers to its own parts too often"),
        (b"]" * 200 + b"a" * 199 + b".", "it is nested too deeply"),
        (b"\x80\x09.", "its protocol is unknown"),
        (b"\x8a\xff" + b"\x01" * 255 + b".", "a number is too long"),
        (b"}]Ns.", "a key of a dict is no string"),
        (b"](u.", "it is damaged (pairs)"),
        (b"e.", "a mark is missing"),
    ],
)
def test_what_is_no_plain_data_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(Refused) as caught:
        read_plain(data)
    assert str(caught.value) == message


def test_an_array_that_does_not_fit_its_shape_is_refused() -> None:
    sound = pickle.dumps(np.zeros(3, np.uint8), 2)
    at = sound.index(b"K\x03\x85")
    for size in (2, 200):
        with pytest.raises(Refused, match="an array does not fit its shape"):
            read_plain(sound[: at + 1] + bytes([size]) + sound[at + 2 :])


def test_parts_that_refer_to_each_other_do_not_grow() -> None:
    """Thirty lists, each twice the one before; and one long text, coded again and again."""
    doubled = b"]q\x00K\x01a" + b"".join(b"](h%ch%ceq%c" % (k, k, k + 1) for k in range(30)) + b"."
    text = b"X" + struct.pack("<I", 1000) + b"a" * 1000 + b"q\x00"
    coded = text + b"](" + b"c_codecs\nencode\nh\x00\x85R" * 100 + b"e."
    for data in (doubled, coded):
        with pytest.raises(Refused, match="it refers to its own parts too often"):
            read_plain(data)


def test_changed_bytes_are_read_or_refused() -> None:
    """Nothing but Refused, whatever is in the pickle."""
    choose = random.Random(0)
    sound = [
        old_batch({"labels": [3, 500], "data": batch(1, 1)[:, :40]}),
        pickle.dumps({"x": texts(3, 0), "y": np.arange(3)}, 2),
        pickle.dumps({"x": texts(3, 0), "y": b"abc", "z": (1.5, None)}, 4),
    ]
    refused = 0
    for _ in range(3000):
        data = bytearray(choose.choice(sound))
        for _ in range(choose.randint(1, 4)):
            data[choose.randrange(len(data))] = choose.choice((choose.randrange(256), *b"cR(tbeuh.0"))
        try:
            read_plain(bytes(data[: choose.randint(len(data) // 2, len(data))]))
        except Refused:
            refused += 1
    assert refused > 1500
