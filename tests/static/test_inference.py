"""Static shapes, inferred by lowering operations alone."""

import diptych.static as tf
import numpy as np
import pytest
from diptych.static.graphs import inference, probe


def P(*shape, dtype=tf.float32):
    return tf.placeholder(dtype, shape)


def unknown_rank(dtype=tf.float32):
    return tf.placeholder(dtype)


def shape(tensor):
    known = tensor.shape
    return None if known.ndims is None else known.as_list()


CASES = [
    # broadcasting: an unknown size takes the other's, unless that is 1
    (lambda: P(None, 3) + P(5, 1), [5, 3]),
    (lambda: P(None, 1) + P(None), [None, None]),
    (lambda: P(None, 784) + P(784), [None, 784]),
    (lambda: P(None) + P(None), [None]),
    (lambda: P(2, None, 1) * P(None, 4), [2, None, 4]),
    (lambda: tf.equal(P(None, 3), 1.0), [None, 3]),
    # products
    (lambda: tf.matmul(P(None, 784), P(784, 10)), [None, 10]),
    (lambda: tf.matmul(P(None, None), P(3, 4)), [None, 4]),
    (lambda: tf.matmul(P(None, 3), P(None, 4), transpose_a=True), [3, 4]),
    (lambda: tf.matmul(P(5, None, 2), P(5, 2, 4)), [5, None, 4]),
    # reductions
    (lambda: tf.reduce_sum(P(None, 3)), []),
    (lambda: tf.reduce_sum(P(None, 3), 0), [3]),
    (lambda: tf.reduce_mean(P(None, 3), axis=-1), [None]),
    (lambda: tf.reduce_max(P(None, 3), axis=[0, 1], keepdims=True), [1, 1]),
    (lambda: tf.argmax(P(None, 3), 1), [None]),
    (lambda: tf.reduce_sum(P(None, 3), tf.placeholder(tf.int32, [])), None),
    # arrangement
    (lambda: tf.reshape(P(None, 784), [-1, 28, 28, 1]), [None, 28, 28, 1]),
    (lambda: tf.reshape(P(None, 6), [-1, 4]), [None, 4]),
    (lambda: tf.reshape(P(2, 3, 4), [2, -1]), [2, 12]),
    (lambda: tf.reshape(P(None, 3), tf.placeholder(tf.int32, [2])), [None, None]),
    (lambda: tf.reshape(P(None, 3), tf.placeholder(tf.int32, [None])), None),
    (lambda: tf.reshape(P(None, 3), tf.stack([tf.placeholder(tf.int32, []), 3])), [None, 3]),
    (lambda: tf.reshape(unknown_rank(), [2, -1]), [2, None]),
    (lambda: tf.transpose(P(None, 3, 4)), [4, 3, None]),
    (lambda: tf.transpose(P(None, 3, 4), [1, 0, 2]), [3, None, 4]),
    (lambda: tf.concat([P(None, 3), P(4, 3)], 0), [None, 3]),
    (lambda: tf.concat([P(None, 3), P(4, None)], 0), [None, 3]),
    (lambda: tf.concat([P(None, 3), P(None, 4)], -1), [None, 7]),
    (lambda: tf.stack([P(None), P(3)]), [2, 3]),
    (lambda: tf.stack([P(None), P(3)], axis=-1), [3, 2]),
    (lambda: tf.expand_dims(P(None, 3), -1), [None, 3, 1]),
    (lambda: tf.squeeze(P(None, 1, 3), [1]), [None, 3]),
    (lambda: tf.squeeze(P(None, 1)), None),
    (lambda: tf.squeeze(P(3, 1)), [3]),
    (lambda: tf.where(P(None, None) > 0, P(None, None), P(2, 3)), [2, 3]),
    (lambda: tf.where(P(None, None, None) > 0, P(None, None, 4), P(2, None, None)), [2, None, 4]),
    (lambda: tf.add_n([P(None, None, None), P(None, 3, None), P(2, None, None)]), [2, 3, None]),
    (lambda: tf.concat([P(None, None)] * 4 + [P(2, 3)], 0), [None, 3]),
    (lambda: tf.tile(P(None, 3), [2, 2]), [None, 6]),
    (lambda: tf.split(P(None, 6), 3, 1)[0], [None, 2]),
    (lambda: tf.split(P(None, 6), 3)[2], [None, 6]),
    (lambda: tf.split(P(6, 2), [1, -1, 2])[1], [3, 2]),
    (lambda: tf.unstack(P(None, 3), axis=1)[0], [None]),
    # slices: a bound may cut an unknown size off, or not
    (lambda: P(None, 5)[0], [5]),
    (lambda: P(None, 5)[:1], [None, 5]),
    (lambda: P(None)[3:5], [None]),
    (lambda: P(None, None)[0, 1:2], [None]),
    (lambda: tf.strided_slice(P(None, 3), [0], [1]), [None, 3]),
    (lambda: P(None, 5)[:, 1:3], [None, 2]),
    (lambda: P(None, 5)[:100], [None, 5]),
    (lambda: P(None, 5)[-100:, None, ..., 0], [None, 1]),
    (lambda: P(None, 5)[::2, ::-2], [None, 3]),
    (lambda: P(7, 5)[tf.placeholder(tf.int32, [])], [5]),
    (lambda: P(7, 5)[: tf.placeholder(tf.int32, [])], [None, 5]),
    (lambda: (lambda i: P(7, 5)[i : i + 3])(tf.placeholder(tf.int32, [])), [None, 5]),
    (lambda: tf.slice(P(None, 5), [0, 1], [-1, 2]), [None, 2]),
    (lambda: tf.gather(P(None, 5), [0, 1, 2]), [3, 5]),
    (lambda: tf.gather(P(None, 5), P(4, None, dtype=tf.int32), axis=1), [None, 4, None]),
    (lambda: tf.pad(P(None, 5), [[1, 2], [0, 1]]), [None, 6]),
    # shapes that are computed
    (lambda: tf.shape(P(None, 3)), [2]),
    (lambda: tf.shape(unknown_rank()), [None]),
    (lambda: tf.zeros(tf.shape(P(None, 3))), [None, 3]),
    (lambda: tf.zeros([tf.shape(P(None, 3))[0], 7]), [None, 7]),
    (lambda: tf.zeros(tf.stack([tf.shape(P(None, 3))[1] * 2, 7])), [6, 7]),
    (lambda: tf.zeros([tf.shape(P(None))[0] - tf.shape(P(None))[0], 7]), [None, 7]),
    (lambda: tf.fill([2, 3], 1.0), [2, 3]),
    (lambda: tf.ones([tf.placeholder(tf.int32, []), 3]), [None, 3]),
    (lambda: tf.zeros(tf.concat([tf.shape(P(4, 5))[:1], [9]], 0)), [4, 9]),
    (lambda: tf.zeros([tf.cast(tf.reduce_max(P(3)), tf.int32)]), [None]),
    (lambda: tf.random_normal(tf.shape(P(None, 3))), [None, 3]),
    (lambda: tf.range(tf.shape(P(None, 3))[1]), [3]),
    (lambda: tf.range(tf.placeholder(tf.int32, [])), [None]),
    (lambda: tf.range(1.0, 5.0, 0.5), [8]),
    (lambda: tf.one_hot(P(None, dtype=tf.int32), 10), [None, 10]),
    (lambda: tf.one_hot(P(4, dtype=tf.int32), tf.placeholder(tf.int32, []), axis=0), [None, 4]),
    (lambda: tf.linspace(0.0, 1.0, 5), [5]),
    # layers and losses
    (lambda: tf.nn.relu(P(None, 3)), [None, 3]),
    (lambda: tf.nn.softmax(P(None, 3)), [None, 3]),
    (lambda: tf.nn.bias_add(P(None, 5, 3), P(3)), [None, 5, 3]),
    (lambda: tf.nn.softmax_cross_entropy_with_logits_v2(labels=P(None, 10), logits=P(None, 10)), [None]),
    (lambda: tf.nn.softmax_cross_entropy_with_logits_v2(labels=P(None, 5, 10), logits=P(None, 5, 10)), [None, 5]),
    (
        lambda: tf.nn.sparse_softmax_cross_entropy_with_logits(
            labels=P(None, None, dtype=tf.int32), logits=P(None, None, 10)
        ),
        [None, None],
    ),
    # unknown rank
    (lambda: unknown_rank() + P(3), None),
    (lambda: tf.transpose(unknown_rank(), [1, 0]), [None, None]),
    (lambda: tf.concat([unknown_rank(), P(2, 3)], 1), [2, None]),
    (lambda: tf.concat([unknown_rank(), unknown_rank()], 1), None),
    (lambda: tf.stack([unknown_rank(), P(2, 3)]), [2, 2, 3]),
    (lambda: tf.add_n([unknown_rank(), unknown_rank(), unknown_rank(), P(2, 3)]), None),
    (lambda: tf.tile(unknown_rank(), [2, 1]), [None, None]),
    (lambda: tf.pad(unknown_rank(), [[1, 1], [0, 0]]), [None, None]),
    (lambda: (lambda u: tf.where(u > 0, u, P(2, 3)))(unknown_rank()), [2, 3]),
    (lambda: tf.matmul(unknown_rank(), P(3, 4)), None),
    (lambda: tf.matmul(P(5, None, 2), P(2, 4)), [5, None, 4]),
    (lambda: tf.nn.bias_add(unknown_rank(), P(3)), None),
    (lambda: (lambda u: u / u)(unknown_rank()), None),
    (lambda: tf.one_hot(unknown_rank(tf.int32), 10), None),
    (lambda: tf.reduce_sum(unknown_rank()), []),
    (lambda: tf.reduce_sum(unknown_rank(), 1), None),
    (lambda: tf.rank(unknown_rank()), []),
    (lambda: tf.nn.softmax(unknown_rank()), None),
    (lambda: tf.identity(unknown_rank()), None),
]


@pytest.mark.parametrize(("make", "wanted"), CASES, ids=[str(number) for number in range(len(CASES))])
def test_shapes(make, wanted):
    assert shape(make()) == wanted


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: tf.add(P(2), P(3)),
            "Dimensions must be equal, but are 2 and 3 for 'Add' (op: 'Add') with input shapes: [2], [3].",
        ),
        (
            lambda: tf.matmul(P(2, 3), P(4, 5)),
            "Dimensions must be equal, but are 3 and 4 for 'MatMul' (op: 'MatMul') with input shapes: [2,3], [4,5].",
        ),
        (
            lambda: tf.matmul(P(None, 3), P(4, None)),
            "Dimensions must be equal, but are 3 and 4 for 'MatMul' (op: 'MatMul') with input shapes: [?,3], [4,?].",
        ),
        (
            lambda: tf.transpose(unknown_rank(), [[1], [0]]),
            "Shape must be rank 1 but is rank 2 for 'transpose' (op: 'Transpose') with input shapes: ?, [2,1] and with "
            "computed input tensors: input[1] = <1 0>.",
        ),
        (
            lambda: tf.matmul(P(2, 3), P(3)),
            "Shape must be rank 2 but is rank 1 for 'MatMul' (op: 'MatMul') with input shapes: [2,3], [3].",
        ),
        (
            lambda: tf.reshape(P(2, 3), [4]),
            "Cannot reshape a tensor with 6 elements to shape [4] (4 elements) for 'Reshape' (op: 'Reshape') with "
            "input shapes: [2,3], [1] and with computed input tensors: input[1] = <4>.",
        ),
        (
            lambda: tf.reshape(P(2, 3), [-1, 4]),
            "Dimension size must be evenly divisible by 4 but is 6 for 'Reshape' (op: 'Reshape') with input shapes: "
            "[2,3], [2] and with computed input tensors: input[1] = <-1 4>.",
        ),
        (
            lambda: tf.concat([P(2, 3), P(3, 3)], 1),
            "Dimension 0 in both shapes must be equal, but are 2 and 3. Shapes are [2] and [3]. for 'concat' "
            "(op: 'ConcatV2') with input shapes: [2,3], [3,3], [] and with computed input tensors: input[2] = <1>.",
        ),
        (
            lambda: tf.reduce_sum(P(2, 3), 2),
            "Invalid reduction dimension 2 for input with 2 dimensions. for 'Sum' (op: 'Sum') with input shapes: "
            "[2,3], [] and with computed input tensors: input[1] = <2>.",
        ),
        (
            lambda: tf.transpose(P(2, 3), [0, 2]),
            "perm dim 2 is out of range of input rank 2 for 'transpose' (op: 'Transpose') with input shapes: [2,3], "
            "[2] and with computed input tensors: input[1] = <0 2>.",
        ),
        (
            lambda: tf.squeeze(P(2, 3), [0]),
            "Can not squeeze dim[0], expected a dimension of 1, got 2 for 'Squeeze' (op: 'Squeeze') with input shapes: "
            "[2,3].",
        ),
        (
            lambda: tf.expand_dims(P(2, 3), 5),
            "dim 5 not in the interval [-3, 2]. for 'ExpandDims' (op: 'ExpandDims') with input shapes: [2,3], [] and "
            "with computed input tensors: input[1] = <5>.",
        ),
        (
            lambda: tf.argmax(P(2, 3), 2),
            "Dimension (2) must be in the range [-2, 2), where 2 is the number of dimensions in the input. for "
            "'ArgMax' (op: 'ArgMax') with input shapes: [2,3], [] and with computed input tensors: input[1] = <2>.",
        ),
        (
            lambda: P(2, 3)[2],
            "slice index 2 of dimension 0 out of bounds. for 'strided_slice' (op: 'StridedSlice') with input shapes: "
            "[2,3], [1], [1], [1] and with computed input tensors: input[1] = <2>, input[2] = <3>, input[3] = <1>.",
        ),
        (
            lambda: tf.stack([P(2), P(3)], axis=1),
            "Dimension 0 in both shapes must be equal, but are 2 and 3. Shapes are [2] and [3].\n"
            "\tFrom merging shape 0 with other shapes. for 'stack' (op: 'Pack') with input shapes: [2], [3].",
        ),
        (
            lambda: tf.assign(tf.Variable(1.0), [1.0, 2.0]),
            "Shapes must be equal rank, but are 0 and 1 for 'Assign' (op: 'Assign') with input shapes: [], [2].",
        ),
    ],
)
def test_refusals(make, message):
    with pytest.raises(ValueError) as caught:
        make()
    assert str(caught.value) == message


def test_scopes_stand_in_messages():
    with tf.name_scope("net"), pytest.raises(ValueError, match=r"for 'net/MatMul' \(op: 'MatMul'\)"):
        tf.matmul(P(2, 3), P(4, 5))


def test_what_cannot_be_inferred_is_no_error():
    """The sizes are only known to a run: nothing may be refused."""
    n = tf.placeholder(tf.int32, [])
    assert shape(tf.zeros([n]) + P(3)) == [3]
    assert shape(tf.reshape(P(None, 100), [n, 784])) == [None, 784]
    assert shape(tf.concat([tf.zeros([n, 2]), P(None, 2)], 0)) == [None, 2]


def test_elements_known_while_the_graph_is_built():
    x = P(None, 3, 4)
    size = tf.shape(x)
    assert probe.constant_value(size[1] * size[2] + 1) == 13
    assert probe.constant_value(size[0]) is None
    assert probe.constant_value(tf.reduce_prod(size[1:])) == 12
    assert probe.constant_value(tf.placeholder_with_default(3, [])) is None
    assert probe.constant_value(tf.Variable(3).value()) is None
    assert probe.constant_value(tf.cast(tf.ceil(tf.constant(2.5)), tf.int32)) == 3


def test_long_chains_of_sizes():
    n = tf.placeholder(tf.int32, [])
    size = n
    for _ in range(3_000):
        size = size + 1
    assert shape(tf.zeros([size, 2])) == [None, 2]
    assert shape(tf.zeros([size - n, 2])) == [3000, 2]


def test_answers_are_remembered(monkeypatch):
    def make():
        return tf.reduce_sum(tf.matmul(P(None, 17), P(17, 19)), 1)

    make()
    runs = []
    lowered = probe.Probe.lowered
    monkeypatch.setattr(probe.Probe, "lowered", lambda *args: runs.append(1) or lowered(*args))
    assert shape(make()) == [None] and runs == []


def test_many_unknown_sizes_are_searched_within_bounds():
    assert shape(tf.concat([P(*[None] * 6, 3), P(*[None] * 6, 4), P(2, 3, 4, 5, 6, 7, 8)], 0)) is None
    assert inference.MAX_TRIALS <= 1000


def test_big_constants_are_not_looked_into():
    x = tf.constant(np.zeros((2000, 2), np.int32))
    assert probe.static_value(x) is None
