"""What operations on arrays and matrices refuse in a run, in TensorFlow's words."""

import diptych.static as tf
import numpy as np
import pytest

OPEN = [None]


def fed(value, shape=None):
    """A tensor whose shape, or elements, only a run knows."""
    return tf.placeholder_with_default(tf.constant(value), shape)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: tf.dynamic_partition([1, 2], fed([0, 5], OPEN), 2), "partitions[1] = 5 is not in [0, 2)"),
        (lambda: tf.segment_sum([1.0, 2.0], fed([1, 0], OPEN)), "segment ids are not increasing"),
        (lambda: tf.where(fed(True)), "WhereOp : Unhandled input dimensions: 0"),
        (lambda: tf.matrix_inverse(tf.zeros([2, 2])), "Input matrix is not invertible."),
        (lambda: tf.matrix_solve(tf.zeros([2, 2]), tf.ones([2, 1])), "Input matrix is not invertible."),
        (lambda: tf.matrix_triangular_solve(tf.zeros([2, 2]), tf.ones([2, 1])), "Input matrix is not invertible."),
        (
            lambda: tf.cholesky([[-1.0]]),
            "Cholesky decomposition was not successful. The input might not be valid.",
        ),
        (lambda: tf.check_numerics([1.0, np.inf], "loss"), "loss : Tensor had Inf values"),
        (lambda: tf.check_numerics([1.0, np.nan], "loss"), "loss : Tensor had NaN values"),
        (lambda: tf.check_numerics([np.inf, np.nan], "loss"), "loss : Tensor had Inf and NaN values"),
        (
            lambda: tf.ensure_shape(fed([1.0, 2.0]), [3]),
            "Shape of tensor EnsureShape [2] is not compatible with expected shape [3].",
        ),
        (
            lambda: tf.nn.top_k(fed([1.0, 2.0]), 3),
            "input must have at least k columns. Had 2, needed 3",
        ),
        (
            lambda: tf.pad([1, 2], fed([[2, 0]], [1, 2]), "REFLECT"),
            "paddings must be less than the dimension size: 2, 0 not less than 2",
        ),
        (
            lambda: tf.gather_nd([1.0], fed([[0, 0]])),
            "index innermost dimension length must be <= params rank; saw: 2 vs. 1",
        ),
        (
            lambda: tf.scatter_nd(fed([[1]]), [1.0, 2.0], [5]),
            "Outer dimensions of indices and update must match. Indices shape: [1,1], updates shape:[2]",
        ),
        (lambda: tf.string_to_number(["x"]), "StringToNumberOp could not correctly convert string: x"),
        (lambda: tf.substr("abc", 4, 1), "pos 4 out of range for string b'abc' at index 0"),
        (
            lambda: tf.assert_less(fed([1.0, 2.0], OPEN), 2.0, message="no"),
            "assertion failed: [no] [Condition x < y did not hold element-wise:] [x (PlaceholderWithDefault:0) = ] [1 2] "
            "[y (assert_less/y:0) = ] [2]",
        ),
    ],
)
def test_a_run_refuses(make, message):
    made = make()
    with pytest.raises(tf.errors.InvalidArgumentError) as caught, tf.Session() as session:
        session.run(made)
    assert str(caught.value).split("\n")[0] == message


@pytest.mark.parametrize(
    ("make", "kind", "message"),
    [
        (lambda: tf.boolean_mask([1, 2], True), ValueError, "mask cannot be scalar."),
        (lambda: tf.sequence_mask([1], [2]), ValueError, "maxlen must be scalar for sequence_mask"),
        (
            lambda: tf.scatter_nd([[1]], [1.0, 2.0], [5]),
            ValueError,
            "The outer 1 dimensions of indices.shape=[1,1] must match the outer 1 dimensions of updates.shape=[2]: "
            "Dimension 0 in both shapes must be equal, but are 1 and 2. Shapes are [1] and [2]. for 'ScatterNd' (op: "
            "'ScatterNd') with input shapes: [1,1], [2], [1] and with computed input tensors: input[0] = <1>, input[2] = "
            "<5>.",
        ),
        (lambda: tf.pad([1], [[1, 1]], "X"), ValueError, "Unknown padding mode: X"),
        (lambda: tf.norm([1.0], "fro"), ValueError, "'ord' must be a supported vector norm, got fro"),
        (
            lambda: tf.searchsorted([1], [1], side="up"),
            ValueError,
            "side must be either 'right' or 'left'.  Saw: up.",
        ),
        (lambda: tf.clip_by_global_norm(tf.zeros([2]), 1.0), TypeError, "t_list should be a sequence"),
        (lambda: tf.meshgrid([1], indexing="yx"), ValueError, "indexing parameter must be either 'xy' or 'ij'"),
        (
            lambda: tf.assert_rank([1.0], 2),
            ValueError,
            ".  Tensor assert_rank/x:0 must have rank 2.  Received rank 1, shape (1,)",
        ),
        (
            lambda: tf.assert_integer([1.0]),
            TypeError,
            "  Expected \"x\" to be integer type.  Found: assert_integer/x:0 of dtype <dtype: 'float32'>",
        ),
        (
            lambda: tf.einsum("ij,jk->il", tf.ones([1, 1]), tf.ones([1, 1])),
            ValueError,
            "Unknown output label 'l': it is in no input of ij,jk->il",
        ),
        (
            lambda: tf.sparse_tensor_to_dense(3),
            TypeError,
            "Input must be a SparseTensor. Received: 3",
        ),
        (
            lambda: tf.custom_gradient(lambda x: (tf.Variable(1.0) * x, lambda dy: dy))(1.0),
            TypeError,
            "All variables used by a function wrapped with @custom_gradient must be `ResourceVariable`s. Ensure that no "
            "`variable_scope` is created with `use_resource=False`.",
        ),
    ],
)
def test_a_graph_refuses(make, kind, message):
    with pytest.raises(kind) as caught:
        make()
    assert str(caught.value) == message


def test_a_known_condition_is_refused_while_the_graph_is_built():
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        tf.assert_equal([1], [2])
    lines = [
        "Condition x == y did not hold element-wise:", "x (assert_equal/x:0) = ", "[1]", "y (assert_equal/y:0) = ", "[2]",
    ]  # fmt: skip
    assert str(caught.value) == "\n".join(lines)


def test_feeding_a_part_of_a_sparse_tensor():
    x = tf.sparse_placeholder(tf.float32)
    with pytest.raises(ValueError, match=r"has 2 parts but must have 3$"), tf.Session() as session:
        session.run(x, {x: ([[0, 0]], [1.0])})
