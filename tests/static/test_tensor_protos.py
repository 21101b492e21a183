"""Tensors as messages."""

import diptych.static as tf
import numpy as np
import pytest


@pytest.mark.parametrize(
    ("values", "options", "wanted"),
    [
        ([1.5, 2.5], {}, np.array([1.5, 2.5], np.float32)),
        ([[1, 2], [3, 4]], {"dtype": tf.int64}, np.array([[1, 2], [3, 4]])),
        (7, {"shape": [2, 2]}, np.full((2, 2), 7, np.int32)),
        (True, {}, np.array(True)),
        (1 + 2j, {"dtype": tf.complex64}, np.array(1 + 2j, np.complex64)),
    ],
)
def test_arrays_come_back(values, options, wanted):
    found = tf.make_ndarray(tf.make_tensor_proto(values, **options))
    assert found.dtype == wanted.dtype and np.array_equal(found, wanted)


def test_strings_and_messages():
    message = tf.contrib.util.make_tensor_proto(["a", b"b"])
    assert tf.make_ndarray(message).tolist() == [b"a", b"b"] and tf.make_tensor_proto(message) is message
    assert tf.make_tensor_proto(1.0).dtype == tf.float32.as_datatype_enum


def test_what_does_not_fit():
    with pytest.raises(TypeError, match=r"^Expected Tensor's shape: \(3,\), got \(2,\)\.$"):
        tf.make_tensor_proto([1, 2], shape=[3], verify_shape=True)
