"""tf.Dimension and tf.TensorShape."""

import diptych.static as tf
import pytest
from diptych.static.graphs import shapes


def test_dimension_arithmetic():
    two, unknown = tf.Dimension(2), tf.Dimension(None)
    assert (two + 3).value == 5 and (3 - two).value == 1 and (two * two).value == 4 and (7 // two).value == 3
    assert (7 % two).value == 1 and (two + unknown).value is None
    assert int(two) == 2 and list(range(two)) == [0, 1]
    with pytest.raises(TypeError, match=r"please use // instead"):
        _ = two / 2


def test_dimension_comparisons():
    assert tf.Dimension(2) == 2 and tf.Dimension(2) != 3 and (tf.Dimension(None) == 2) is None
    assert (tf.Dimension(None) < 2) is None and tf.Dimension(1) < 2 <= tf.Dimension(2)
    assert tf.Dimension(3).merge_with(None).value == 3
    with pytest.raises(ValueError, match=r"Dimensions 3 and 4 are not compatible"):
        tf.Dimension(3).merge_with(4)
    with pytest.raises(ValueError, match=r"Dimension -1 must be >= 0"):
        tf.Dimension(-1)


def test_texts():
    assert str(tf.TensorShape([None, 784])) == "(?, 784)" and str(tf.TensorShape([3])) == "(3,)"
    assert repr(tf.TensorShape([None, 2])) == "TensorShape([Dimension(None), Dimension(2)])"
    assert str(tf.TensorShape(None)) == "<unknown>" and str(tf.TensorShape([])) == "()"


def test_reading():
    shape = tf.TensorShape([None, 3, 4])
    assert shape.as_list() == [None, 3, 4] and shape.ndims == 3 and len(shape) == 3
    assert shape[1].value == 3 and shape[1:].as_list() == [3, 4] and [size.value for size in shape] == [None, 3, 4]
    assert shape.num_elements() is None and tf.TensorShape([2, 3]).num_elements() == 6
    assert not shape.is_fully_defined() and tf.TensorShape([]).is_fully_defined()


def test_unknown_rank():
    shape = tf.TensorShape(None)
    assert shape.ndims is None and not shape and shape[0].value is None and shape[1:3].ndims == 2
    with pytest.raises(ValueError, match=r"as_list\(\) is not defined on an unknown TensorShape."):
        shape.as_list()
    with pytest.raises(ValueError, match=r"Cannot take the length of Shape with unknown rank."):
        len(shape)
    with pytest.raises(ValueError, match=r"Cannot iterate over a shape with unknown rank."):
        iter(shape)


def test_combining():
    shape = tf.TensorShape([None, 3])
    assert shape.merge_with([2, None]).as_list() == [2, 3]
    assert shape.concatenate([4]).as_list() == [None, 3, 4] and shape.__add__([1]).ndims == 3
    assert shape.is_compatible_with([5, 3]) and not shape.is_compatible_with([5, 4])
    assert tf.TensorShape(None).with_rank(2).as_list() == [None, None]
    assert shape == [None, 3] and shape != [1, 3]
    with pytest.raises(ValueError, match=r"Shapes \(\?, 3\) and \(4, 4\) are not compatible"):
        shape.merge_with([4, 4])
    with pytest.raises(ValueError, match=r"Shape \(\?, 3\) must have rank 3"):
        shape.with_rank(3)
    with pytest.raises(ValueError, match=r"Shape \(\?, 3\) must have rank at least 3"):
        shape.with_rank_at_least(3)
    with pytest.raises(ValueError, match=r"Shape \(\?, 3\) must have rank at most 1"):
        shape.with_rank_at_most(1)


def test_shapes_by_their_rank():
    assert [str(shapes.scalar()), str(shapes.vector(3)), str(shapes.matrix(None, 2))] == ["()", "(3,)", "(?, 2)"]


def test_known_elements_are_told_of_tensors_alone():
    known = tf.contrib.util.constant_value
    assert known(tf.constant([1, 2])).tolist() == [1, 2]
    assert known(tf.placeholder(tf.int32, [2])) is None
    with pytest.raises(TypeError, match=r"^3 is not a Tensor, has type <class 'int'>$"):
        known(3)
