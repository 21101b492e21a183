"""What operations refuse in a run, in the words of TensorFlow, whose graph knows nothing of these shapes."""

import diptych.static as tf
import numpy as np
import pytest

ONE, TWO, THREE = [1.0], [1.0, 2.0], [1.0, 2.0, 3.0]
SAME = "must have the same size and shape.  Input 0: [2] != input"

CASES = {
    "add": (lambda a, b: a + b, (TWO, [THREE]), "Incompatible shapes: [2] vs. [1,3]"),
    "less": (lambda a, b: a < b, (TWO, THREE), "Incompatible shapes: [2] vs. [3]"),
    "clip": (lambda a, b: tf.clip_by_value(a, b, b), (TWO, THREE), "Incompatible shapes: [2] vs. [3]"),
    "matmul": (tf.matmul, ([TWO], [ONE]), "Matrix size-incompatible: In[0]: [1,2], In[1]: [1,1]"),
    "matmul batch": (
        tf.matmul,
        (np.ones((2, 1, 2)), np.ones((2, 3, 1))),
        "Matrix size-incompatible: In[0]: [2,1,2], In[1]: [2,3,1]",
    ),
    "matmul rank": (tf.matmul, (TWO, [ONE]), "In[0] ndims must be >= 2: 1"),
    "matmul of matrices": (
        lambda a, b: tf.matmul(_matrix(a), _matrix(b), transpose_a=True),
        ([TWO], [ONE, ONE]),
        "Matrix size-incompatible: In[0]: [1,2], In[1]: [2,1]",
    ),
    "concat": (
        lambda a, b: tf.concat([a, b], 0),
        ([TWO], [THREE]),
        "ConcatOp : Dimensions of inputs should match: shape[0] = [1,2] vs. shape[1] = [1,3]",
    ),
    "concat ranks": (
        lambda a, b: tf.concat([a, b], 0),
        ([TWO], TWO),
        "ConcatOp : Ranks of all input tensors should match: shape[0] = [1,2] vs. shape[1] = [2]",
    ),
    "concat axis": (
        lambda a, b: tf.concat([a, b], 3),
        ([TWO], [TWO]),
        "ConcatOp : Expected concatenating dimensions in the range [-2, 2), but got 3",
    ),
    "stack": (
        lambda a, b: tf.stack([a, b]),
        (TWO, THREE),
        "Shapes of all inputs must match: values[0].shape = [2] != values[1].shape = [3]",
    ),
    "add_n": (
        lambda a, b: tf.add_n([a, b]),
        (TWO, THREE),
        f"Inputs to operation AddN of type AddN {SAME} 1: [3]",
    ),
    "where": (
        lambda a, b: tf.where(a > 0, a, b, name="w"),
        (TWO, THREE),
        f"Inputs to operation w of type Select {SAME} 2: [3]",
    ),
    "where condition": (
        lambda a, b: tf.where(a > 0, b, b, name="w"),
        (TWO, THREE),
        f"Inputs to operation w of type Select {SAME} 1: [3]",
    ),
    "bias": (
        tf.nn.bias_add,
        ([TWO], THREE),
        "Must provide as many biases as the last dimension of the input tensor: [3] vs. [1,2]",
    ),
    "bias rank": (tf.nn.bias_add, (TWO, TWO), "Input tensor must be at least 2D: [2]"),
    "split": (
        lambda a, b: tf.split(a, 2, 0),
        (THREE, ONE),
        "Number of ways to split should evenly divide the split dimension, but got split_dim 0 (size = 3) and "
        "num_split 2",
    ),
    "unstack": (lambda a, b: tf.unstack(a, 2), (THREE, ONE), "Input shape axis 0 must equal 2, got shape [3]"),
    "tile": (
        lambda a, b: tf.tile(a, [1, 2]),
        (TWO, ONE),
        "Expected multiples argument to be a vector of length 1 but got length 2",
    ),
    "transpose": (
        lambda a, b: tf.transpose(a, [1, 0]),
        (TWO, ONE),
        "transpose expects a vector of size 1. But input(1) is a vector of size 2",
    ),
    "reshape": (
        lambda a, b: tf.reshape(a, [2, 2]),
        (THREE, ONE),
        "Input to reshape is a tensor with 3 values, but the requested shape has 4",
    ),
    "reshape with -1": (
        lambda a, b: tf.reshape(a, [2, -1]),
        (THREE, ONE),
        "Input to reshape is a tensor with 3 values, but the requested shape requires a multiple of 2",
    ),
    "expand_dims": (
        lambda a, b: tf.expand_dims(a, 3),
        (ONE, ONE),
        "Tried to expand dim index 3 for tensor with 1 dimensions.",
    ),
    "squeeze": (
        lambda a, b: tf.squeeze(a, [0]),
        (TWO, ONE),
        "Can not squeeze dim[0], expected a dimension of 1, got 2",
    ),
    "reduce_sum": (
        lambda a, b: tf.reduce_sum(a, 3),
        (TWO, ONE),
        "Invalid reduction dimension (3 for input with 1 dimension(s)",
    ),
    "argmax": (lambda a, b: tf.argmax(a, 3), (TWO, ONE), "Expected dimension in the range [-1, 1), but got 3"),
    "argmax of nothing": (
        lambda a, b: tf.argmax(a, 0),
        (np.zeros((0, 2)), ONE),
        "Reduction axis 0 is empty in shape [0,2]",
    ),
    "cross entropy": (
        lambda a, b: tf.nn.softmax_cross_entropy_with_logits_v2(labels=a, logits=b),
        ([TWO], [THREE]),
        "logits and labels must be broadcastable: logits_size=[1,3] labels_size=[1,2]",
    ),
    "sparse cross entropy": (
        lambda a, b: tf.nn.sparse_softmax_cross_entropy_with_logits(
            labels=tf.reshape(tf.cast(a, tf.int32), [-1]), logits=_matrix(b)
        ),
        (THREE, [TWO]),
        "logits and labels must have the same first dimension, got logits shape [1,2] and labels shape [3]",
    ),
    "sigmoid cross entropy": (
        lambda a, b: tf.nn.sigmoid_cross_entropy_with_logits(labels=b, logits=a),
        (TWO, THREE),
        "Incompatible shapes: [2] vs. [3]",
    ),
    "zeros": (lambda a, b: tf.zeros(tf.cast(a, tf.int32)), ([-1.0], ONE), "Dimension -1 must be >= 0"),
    "random": (lambda a, b: tf.random_normal(tf.cast(a, tf.int32)), ([-1.0], ONE), "Dimension -1 must be >= 0"),
    "fill": (
        lambda a, b: tf.fill(tf.cast(a, tf.int32), 1.0),
        ([ONE], ONE),
        "dims must represent a vector, got shape [1,1]",
    ),
    "assign": (
        lambda a, b: tf.assign(tf.get_variable("v", [2]), a),
        (THREE, ONE),
        "Assign requires shapes of both tensors to match. lhs shape= [2] rhs shape= [3]",
    ),
    "assign_add": (
        lambda a, b: tf.assign_add(tf.get_variable("v", [2]), a),
        (THREE, ONE),
        "Parameters and update must be the same size",
    ),
    "apply_gradients": (
        lambda a, b: tf.train.GradientDescentOptimizer(1.0).apply_gradients([(a, tf.get_variable("v", [2]))]),
        (THREE, ONE),
        "var and delta do not have the same shape[2] [3]",
    ),
    "apply_gradients of Adam": (
        lambda a, b: tf.train.AdamOptimizer(1.0).apply_gradients([(a, tf.get_variable("v", [2]))]),
        (THREE, ONE),
        "var and grad do not have the same shape[2] [3]",
    ),
    "learning rate": (
        lambda a, b: tf.train.GradientDescentOptimizer(a).apply_gradients([(b, tf.get_variable("v", [2]))]),
        (TWO, TWO),
        "alpha is not a scalar: [2]",
    ),
}


def _matrix(x):
    return tf.placeholder_with_default(x, [None, None])


@pytest.mark.parametrize("name", CASES)
def test_refusals_in_a_run(name):
    make, values, message = CASES[name]
    a, b = tf.placeholder(tf.float32), tf.placeholder(tf.float32)
    target = make(a, b)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        with pytest.raises(tf.errors.InvalidArgumentError) as caught:
            session.run(target, dict(zip((a, b), values, strict=True)))
    assert caught.value.message == message
    assert caught.value.op is not None and caught.value.node_def.name == caught.value.op.name
