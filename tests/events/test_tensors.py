"""Arrays as messages: TensorFlow's bytes, and back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from diptych.events import TensorProto, TensorShapeProto
from diptych.events.tensor_messages import DT_FLOAT, DT_STRING, shape_proto
from diptych.events.tensors import make_ndarray, tensor_proto

from tests.events.tensor_cases import DTYPES, TEXTS, arrays

ANSWERS = json.loads(Path(__file__).with_name("tensorflow_answers.json").read_text())


@pytest.mark.parametrize("name", DTYPES)
def test_arrays_are_tensorflows(name: str) -> None:
    for array, answer in zip(arrays(name), ANSWERS["tensors"][name], strict=True):
        proto = tensor_proto(array)
        assert proto.SerializeToString().hex() == answer
        back = make_ndarray(TensorProto.FromString(bytes.fromhex(answer)))
        assert (back.dtype, back.shape, back.tolist()) == (array.dtype, array.shape, array.tolist())


def test_texts_are_tensorflows() -> None:
    assert [tensor_proto(value).SerializeToString().hex() for value in TEXTS] == ANSWERS["texts"]
    assert make_ndarray(tensor_proto(["a", "b"])).tolist() == [b"a", b"b"]


def test_the_order_of_bytes_does_not_matter() -> None:
    array = np.arange(4, dtype=">i4")
    assert tensor_proto(array) == tensor_proto(array.astype("<i4"))


def test_the_last_element_repeats() -> None:
    proto = TensorProto(dtype=DT_FLOAT, tensor_shape=shape_proto((2, 2)), float_val=[1, 2])
    assert make_ndarray(proto).tolist() == [[1, 2], [2, 2]]


@pytest.mark.parametrize(
    "value, text",
    [
        (np.zeros(2, "M8[s]"), "value is of dtype datetime64[s] but must be of one that TensorFlow has"),
        ([object()], "an element is of object but must be of str or bytes"),
    ],
)
def test_values_that_tensorflow_has_not(value: Any, text: str) -> None:
    with pytest.raises(TypeError) as error:
        tensor_proto(value)
    assert str(error.value) == f"tensor_proto: {text}"


@pytest.mark.parametrize(
    "proto, problem, text",
    [
        (TensorProto(), TypeError, "dtype is 0 but must be of one that numpy has"),
        (
            TensorProto(dtype=DT_FLOAT, tensor_shape=shape_proto((2,))),
            ValueError,
            "there are 0 elements but must be from 1 to 2",
        ),
        (
            TensorProto(dtype=DT_STRING, tensor_shape=shape_proto((1,)), string_val=[b"a", b"b"]),
            ValueError,
            "there are 2 elements but must be from 1 to 1",
        ),
        (
            TensorProto(dtype=DT_FLOAT, tensor_shape=shape_proto((2,)), tensor_content=b"abc"),
            ValueError,
            "content is 3 bytes but must be 8",
        ),
        (
            TensorProto(dtype=DT_FLOAT, tensor_shape=shape_proto((-1,))),
            ValueError,
            "the shape is (-1,) but must be of known sizes and at most 268435456 elements",
        ),
        (
            TensorProto(dtype=DT_FLOAT, tensor_shape=TensorShapeProto(unknown_rank=True)),
            ValueError,
            "the shape is unknown but must be of known sizes and at most 268435456 elements",
        ),
        (
            TensorProto(dtype=DT_FLOAT, tensor_shape=shape_proto((2**20, 2**20)), float_val=[1]),
            ValueError,
            "the shape is (1048576, 1048576) but must be of known sizes and at most 268435456 elements",
        ),
        (
            TensorProto(dtype=DT_FLOAT, tensor_shape=shape_proto((1,) * 65), float_val=[1]),
            ValueError,
            f"the shape is {(1,) * 65} but must be of known sizes and at most 268435456 elements",
        ),
        (
            TensorProto(dtype=DT_FLOAT, tensor_shape=shape_proto((0, 2**62))),
            ValueError,
            f"the shape is {(0, 2**62)} but must be of known sizes and at most 268435456 elements",
        ),
    ],
)
def test_messages_that_are_no_array(proto: TensorProto, problem: type[Exception], text: str) -> None:
    with pytest.raises(problem) as error:
        make_ndarray(proto)
    assert str(error.value) == f"make_ndarray: {text}"


def test_elements_of_fewer_bits_are_refused_where_they_do_not_fit() -> None:
    from diptych.events.tensor_messages import DT_UINT8

    with pytest.raises(ValueError) as error:
        make_ndarray(TensorProto(dtype=DT_UINT8, tensor_shape=shape_proto((1,)), int_val=[-1]))
    assert str(error.value) == "make_ndarray: an element does not fit into uint8"
