"""tf.DType."""

import pickle

import diptych.static as tf
import numpy as np
import pytest
from diptych.static.graphs import dtypes


def test_one_object_a_type():
    assert tf.float32 is tf.as_dtype("float32") is tf.as_dtype(np.float32) is tf.as_dtype(np.dtype("f4"))
    assert tf.as_dtype(1) is tf.float32 and tf.as_dtype(float) is tf.float32 and tf.as_dtype(bool) is tf.bool
    assert tf.as_dtype(np.dtype(">f4")) is tf.float32
    assert tf.double is tf.float64 and tf.half is tf.float16 and tf.as_dtype("float") is tf.float32


def test_compares_with_what_means_the_same():
    assert tf.float32 == np.float32 and tf.float32 == "float32" and tf.float32 != np.float64
    assert tf.float32 != None and tf.float32 != tf.int32 and tf.float32 != object()  # noqa: E711


@pytest.mark.parametrize("value", ["foo", int, object(), 999])
def test_what_is_no_type(value):
    with pytest.raises(TypeError) as caught:
        tf.as_dtype(value)
    assert str(caught.value) == f"Cannot convert value {value!r} to a TensorFlow DType."


def test_texts():
    assert (repr(tf.float32), str(tf.float32), tf.float32.name) == ("tf.float32", "<dtype: 'float32'>", "float32")
    assert tf.float32._as_ref.name == "float32_ref"


def test_references():
    ref = tf.float32._as_ref
    assert ref.base_dtype is tf.float32 and ref != tf.float32 and ref.as_datatype_enum == 101
    assert tf.float32.is_compatible_with(ref) and not ref.is_compatible_with(tf.float32)


def test_kinds():
    assert tf.bfloat16.is_floating and not tf.bfloat16.is_integer
    assert tf.uint8.is_integer and tf.uint8.is_unsigned and not tf.int8.is_unsigned
    assert tf.bool.is_bool and tf.complex64.is_complex and tf.complex64.real_dtype is tf.float32
    assert not tf.string.is_floating and tf.string.as_numpy_dtype is object


def test_limits():
    assert tf.uint8.limits == (0, 255) and tf.int32.max == 2**31 - 1 and tf.bool.limits == (False, True)
    assert tf.int8.limits == (0, 127) and tf.float64.limits == (0, 1)
    with pytest.raises(ValueError, match=r"^<dtype: 'string'> does not have defined limits.$"):
        _ = tf.string.limits
    assert tf.float32.max == np.finfo(np.float32).max and float(tf.bfloat16.max) > 3e38
    with pytest.raises(TypeError):
        _ = tf.string.max


def test_every_type_of_the_ir_has_one():
    from diptych.ir import DTYPES

    assert [dtypes.of_ir(dtype).ir for dtype in DTYPES] == list(DTYPES)
    assert all(dtypes.of_ir(dtype).as_numpy_dtype == dtype.numpy.type for dtype in DTYPES)


def test_pickles_to_itself():
    assert pickle.loads(pickle.dumps(tf.int64)) is tf.int64
