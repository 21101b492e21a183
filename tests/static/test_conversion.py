"""What may become a tensor, and of what dtype."""

import diptych.static as tf
import numpy as np
import pytest


def _value(x):
    return tf.Session().run(x)


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        (1, tf.int32),
        (2**40, tf.int64),
        (1.5, tf.float32),
        (True, tf.bool),
        ([1, 2.5], tf.float32),
        ([], tf.float32),
        (1 + 2j, tf.complex128),
        (np.float64(1.5), tf.float64),
        (np.arange(3), tf.int64),
        (np.zeros(2, np.float16), tf.float16),
        ([np.float64(1.5), 2], tf.float32),
    ],
)
def test_types_chosen(value, dtype):
    x = tf.constant(value)
    assert x.dtype is dtype and x.shape.as_list() == list(np.shape(value))
    assert np.array_equal(_value(x), np.asarray(value))


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        (1, tf.float32),
        (1, tf.complex64),
        (1.5, tf.complex64),
        (True, tf.float32),
        (True, tf.int32),
        (np.arange(3), tf.float32),
        (np.float64(2.7), tf.int32),
    ],
)
def test_types_asked_for(value, dtype):
    x = tf.constant(value, dtype)
    assert x.dtype is dtype and np.array_equal(_value(x), np.asarray(value).astype(dtype.as_numpy_dtype))


@pytest.mark.parametrize(
    ("value", "dtype", "error", "message"),
    [
        (1.5, tf.int32, TypeError, "Expected int32, got 1.5 of type 'float' instead."),
        (1, tf.bool, TypeError, "Expected bool, got 1 of type 'int' instead."),
        ([1.0, "a"], tf.float32, TypeError, "Expected float32, got 'a' of type 'str' instead."),
        (None, None, ValueError, "None values not supported."),
        (1j, tf.float32, TypeError, "Expected float32, got 1j of type 'complex' instead."),
        (
            tf.TensorShape([None, 2]),
            None,
            ValueError,
            "Cannot convert a partially known TensorShape to a Tensor: (?, 2)",
        ),
        (tf.Dimension(None), None, ValueError, "Cannot convert an unknown Dimension to a Tensor: ?"),
        (np.array([1.0]), tf.string, TypeError, "Expected binary or unicode string, got 1.0"),
        (np.array(["a", None]), None, TypeError, "Expected binary or unicode string, got None"),
    ],
)
def test_refusals(value, dtype, error, message):
    with pytest.raises(error) as caught:
        tf.constant(value, dtype)
    assert str(caught.value) == message


def test_tensors_are_no_constants():
    for value in (tf.ones([2]), [tf.ones([2]), 1.0], tf.Variable(1.0)):
        with pytest.raises(TypeError, match=r"^Expected any non-tensor type, but got a tensor instead.$"):
            tf.constant(value)


def test_strings_become_bytes():
    for value in ("a", np.array("a"), np.array(b"a"), b"a"):
        assert _value(tf.constant(value)) == b"a"


def test_ragged_lists():
    with pytest.raises(ValueError, match=r"^Argument must be a dense tensor: \[\[1, 2\], \[3\]\]"):
        tf.constant([[1, 2], [3]])


def test_shapes():
    assert _value(tf.constant(7, shape=[2, 2])).tolist() == [[7, 7], [7, 7]]
    assert _value(tf.constant([1, 2, 3], shape=[2, 2])).tolist() == [[1, 2], [3, 3]]
    with pytest.raises(ValueError, match=r"^Too many elements provided. Needed at most 2, but received 3$"):
        tf.constant([1, 2, 3], shape=[2])
    with pytest.raises(TypeError, match=r"Expected Tensor's shape: \(3,\), got \(2,\)."):
        tf.constant([1, 2], shape=[3], verify_shape=True)


def test_shapes_and_dimensions_are_tensors():
    x = tf.zeros([2, 3])
    assert _value(tf.convert_to_tensor(x.shape)).tolist() == [2, 3]
    assert _value(tf.convert_to_tensor(x.shape[1])) == 3
    assert tf.convert_to_tensor(x.shape).name == "shape_as_tensor_2:0"


def test_lists_with_tensors_are_stacked():
    x = tf.placeholder(tf.float32, [])
    y = tf.convert_to_tensor([[x, 1], [2, x]])
    assert y.shape.as_list() == [2, 2] and y.name == "packed:0"
    assert tf.Session().run(y, {x: 5}).tolist() == [[5, 1], [2, 5]]


def test_tensors_in_a_list_are_cast_to_the_type_that_is_asked_for():
    whole, part = tf.placeholder(tf.int64, [], name="whole"), tf.constant(2.5)
    y = tf.convert_to_tensor([[whole, 1], [part, 2]], tf.int32)
    assert y.dtype is tf.int32 and tf.Session().run(y, {whole: 7}).tolist() == [[7, 1], [2, 2]]
    assert tf.Session().run(tf.ones([whole + 1]), {whole: 2}).tolist() == [1, 1, 1]
    with pytest.raises(TypeError) as caught:  # the first one has the type that is asked for
        tf.convert_to_tensor([part, whole], tf.float32)
    assert str(caught.value) == (
        "Cannot convert a list containing a tensor of dtype <dtype: 'int64'> to <dtype: 'float32'> "
        "(Tensor is: <tf.Tensor 'whole:0' shape=() dtype=int64>)"
    )


def test_sizes_of_several_types_are_those_of_the_usual_one():
    rows, columns = tf.placeholder(tf.int64, []), tf.placeholder(tf.int32, [])
    y = tf.reshape(tf.range(6), [rows, columns])
    assert y.op.inputs[1].dtype is tf.int32 and tf.Session().run(y, {rows: 2, columns: 3}).shape == (2, 3)
    assert tf.reshape(tf.range(6), [rows, 2]).op.inputs[1].dtype is tf.int64
    with pytest.raises(TypeError, match=r"^Cannot convert a list containing a tensor of dtype <dtype: 'int64'>"):
        tf.reshape(tf.range(6), [columns, rows])


def test_tensors_keep_their_type():
    x = tf.constant(1.0, name="x")
    assert tf.convert_to_tensor(x) is x and tf.convert_to_tensor(x, tf.float32) is x
    with pytest.raises(ValueError) as caught:
        tf.convert_to_tensor(x, tf.int32)
    assert str(caught.value) == (
        "Tensor conversion requested dtype int32 for Tensor with dtype float32: "
        "'Tensor(\"x:0\", shape=(), dtype=float32)'"
    )


def test_preferred_type_is_given_up_where_it_does_not_fit():
    assert tf.convert_to_tensor(1, preferred_dtype=tf.float32).dtype is tf.float32
    assert tf.convert_to_tensor(1.5, preferred_dtype=tf.int32).dtype is tf.float32


def test_registered_types():
    class Angle:
        pass

    tf.register_tensor_conversion_function(
        Angle, lambda value, dtype=None, name=None, as_ref=False: tf.constant(90.0, name=name)
    )
    assert _value(tf.constant(1.0) + Angle()) == 91


def test_changing_the_array_later_changes_nothing():
    array = np.ones(3, np.float32)
    x = tf.constant(array)
    array[:] = 5
    assert _value(x).tolist() == [1, 1, 1]


def test_no_promotion():
    floats, integers = tf.placeholder(tf.float32, [2]), tf.placeholder(tf.int32, [2])
    with pytest.raises(TypeError) as caught:
        _ = floats + integers
    assert str(caught.value) == (
        "Input 'y' of 'AddV2' Op has type int32 that does not match type float32 of argument 'x'."
    )
    with pytest.raises(TypeError) as caught:
        _ = integers + 1.5
    assert str(caught.value) == (
        "Input 'y' of 'AddV2' Op has type float32 that does not match type int32 of argument 'x'."
    )
    with pytest.raises(TypeError, match=r"^Expected int32, got 1.5 of type 'float' instead.$"):
        _ = 1.5 * integers
    assert (floats + np.arange(2)).dtype is tf.float32 and (integers + np.float64(1.5)).dtype is tf.int32


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: tf.exp(tf.constant([1])),
            "Value passed to parameter 'x' has DataType int32 not in list of allowed values: bfloat16, float16, "
            "float32, float64, complex64, complex128",
        ),
        (
            lambda: tf.concat([tf.zeros([2]), tf.zeros([2], tf.int32)], 0),
            "Tensors in list passed to 'values' of 'ConcatV2' Op have types [float32, int32] that don't all match.",
        ),
        (
            lambda: tf.one_hot([1, 2], 3.5),
            "Expected int32 passed to parameter 'depth' of op 'OneHot', got 3.5 of type 'float' instead. "
            "Error: Expected int32, got 3.5 of type 'float' instead.",
        ),
        (
            lambda: tf.assign(tf.zeros([2]), [1.0, 2.0]),
            "Input 'ref' of 'Assign' Op requires l-value input",
        ),
        (
            lambda: tf.one_hot([1], tf.constant(3.0)),
            "Input 'depth' of 'OneHot' Op has type float32 that does not match expected type of int32.",
        ),
    ],
)
def test_types_of_operations(make, message):
    with pytest.raises(TypeError) as caught:
        make()
    assert str(caught.value) == message
