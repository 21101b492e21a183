"""Names of operations, as TensorFlow 1.15 makes them."""

import diptych.static as tf
import pytest
from diptych.static.graphs.names import NameTable


def names():
    return [operation.name for operation in tf.get_default_graph().get_operations()]


def test_unique_names():
    table = NameTable()
    assert [table.unique(name) for name in ("a", "a", "A", "a_1", "a", "b")] == ["a", "a_1", "A_2", "a_1_1", "a_3", "b"]
    assert table.unique("b", mark=False) == table.unique("b", mark=False) == "b_1"


def test_operations_and_tensors():
    x = tf.placeholder(tf.float32, [2, 2])
    y = tf.matmul(x, x)
    z = tf.matmul(x, x)
    assert (y.name, z.name, z.op.name) == ("MatMul:0", "MatMul_1:0", "MatMul_1")


def test_operators_and_their_constants():
    x = tf.placeholder(tf.float32, [2], name="x")
    _ = [x + 1, 2 * x, x / 3, -x, x[0], abs(x), x < 1]
    assert names() == [
        "x", "add/y", "add", "mul/x", "mul", "truediv/y", "truediv", "Neg", "strided_slice/stack",
        "strided_slice/stack_1", "strided_slice/stack_2", "strided_slice", "Abs", "Less/y", "Less",
    ]  # fmt: skip


def test_reductions_and_arrangement():
    x = tf.placeholder(tf.float32, [None, 4], name="x")
    tf.reduce_mean(x)
    tf.reduce_sum(x, 1)
    tf.argmax(x, 1)
    tf.reshape(x, [-1, 2, 2])
    tf.transpose(x)
    tf.concat([x, x], 1)
    assert names()[1:] == [
        "Const", "Mean", "Sum/reduction_indices", "Sum", "ArgMax/dimension", "ArgMax", "Reshape/shape", "Reshape",
        "transpose/perm", "transpose", "concat/axis", "concat",
    ]  # fmt: skip


def test_variables():
    tf.Variable([1.0, 2.0])
    tf.Variable(tf.zeros([3]), name="W")
    assert names() == [
        "Variable/initial_value", "Variable", "Variable/Assign", "Variable/read", "zeros", "W", "W/Assign", "W/read",
    ]  # fmt: skip


def test_random_numbers():
    assert tf.random_normal([2, 3]).name == "random_normal:0"
    assert tf.random_uniform([2]).name == "random_uniform/RandomUniform:0"
    assert tf.random_uniform([2], -1.0, 1.0).name == "random_uniform_1:0"
    assert "random_normal/RandomStandardNormal" in names()


def test_losses():
    x, y = tf.placeholder(tf.float32, [None, 10]), tf.placeholder(tf.float32, [None, 10])
    loss = tf.nn.softmax_cross_entropy_with_logits(labels=y, logits=x)
    assert loss.name == "softmax_cross_entropy_with_logits_sg/Reshape_2:0"
    loss = tf.nn.softmax_cross_entropy_with_logits_v2(labels=y, logits=x)
    assert loss.name == "softmax_cross_entropy_with_logits/Reshape_2:0"
    labels = tf.placeholder(tf.int32, [None])
    loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=x)
    assert loss.name == "SparseSoftmaxCrossEntropyWithLogits/SparseSoftmaxCrossEntropyWithLogits:0"


def test_a_refused_operation_has_used_its_name_up():
    x, y = tf.ones([2]), tf.ones([3])
    for number in ("", "_1"):
        with pytest.raises(ValueError, match=rf"^Dimensions must be equal, but are 2 and 3 for 'Mul{number}' "):
            tf.multiply(x, y)
    with pytest.raises(ValueError, match=r"^Dimensions must be equal, but are 2 and 3 for 'mul_2' "):
        x * [1.0, 2.0, 3.0]
    assert (x * x).name == "mul_3:0"


def test_an_empty_name_is_none():
    x = tf.ones([2])
    assert tf.add(x, x, name="").name == "Add:0" and tf.add(x, 1.0, name="").name == "Add_1:0"


def test_scopes():
    with tf.name_scope("a") as scope:
        assert scope == "a/" and tf.no_op().name == "a/NoOp"
        with tf.name_scope("b"):
            assert tf.no_op("x").name == "a/b/x"
    with tf.name_scope("a"):
        assert tf.no_op().name == "a_1/NoOp"
    with tf.name_scope("a/"):
        assert tf.no_op().name == "a/NoOp_1"
    with tf.name_scope(None), tf.name_scope(""):
        assert tf.no_op().name == "NoOp"


def test_a_name_that_ends_in_a_slash_is_taken_as_it_is():
    with tf.name_scope("layer") as scope:
        assert tf.identity(1.0, name=scope).name == "layer:0"


def test_default_name_and_values():
    with tf.name_scope(None, "default", [tf.constant(1.0)]) as scope:
        assert scope == "default/"
    other = tf.Graph()
    with other.as_default():
        x = tf.constant(1.0)
    with tf.name_scope("here", values=[x]):
        assert tf.get_default_graph() is other
    assert tf.get_default_graph() is not other


@pytest.mark.parametrize("name", ["a b", "_a", "-"])
def test_names_refused(name):
    with pytest.raises(ValueError, match=f"^'{name}' is not a valid node name$"):
        tf.placeholder(tf.float32, name=name)
    with pytest.raises(ValueError, match=f"^'{name}' is not a valid scope name$"), tf.name_scope(name):
        pass


@pytest.mark.parametrize("name", ["a b", "é", "x:0"])
def test_names_refused_in_a_scope(name):
    with tf.name_scope("outer"), pytest.raises(ValueError, match=f"^'outer/{name}' is not a valid node name$"):
        tf.placeholder(tf.float32, name=name)


def test_operators_of_several_operations_have_a_scope():
    x = tf.constant([True, False])
    assert (x ^ x).op.inputs[0].name == "xor/LogicalOr:0"
    assert tf.logical_xor(x, x).op.inputs[0].name == "LogicalOr:0"


def test_concat_of_one():
    x = tf.ones([2])
    assert tf.concat([x], 0).name == "concat/concat:0" and tf.concat([x], 0, name="c").name == "c/c:0"


def test_optimizer_names():
    weights = tf.Variable(1.0, name="W")
    step = tf.Variable(0, trainable=False, name="step")
    first = tf.train.AdamOptimizer().minimize(weights * weights, global_step=step)
    second = tf.train.MomentumOptimizer(0.1, 0.9).minimize(weights * weights)
    assert (first.name, first.type, second.name, second.type) == ("Adam", "AssignAdd", "Momentum", "NoOp")
    assert [operation.name for operation in second.control_inputs] == ["Momentum/update_W/ApplyMomentum"]
    assert [variable.name for variable in tf.global_variables()] == [
        "W:0", "step:0", "beta1_power:0", "beta2_power:0", "W/Adam:0", "W/Adam_1:0", "W/Momentum:0",
    ]  # fmt: skip


def test_slots_under_scopes():
    with tf.name_scope("train"):
        weights = tf.Variable(1.0, name="W")
    with tf.name_scope("opt"), tf.variable_scope("vs"):
        first = tf.train.AdamOptimizer().minimize(weights * weights)
    second = tf.train.AdamOptimizer().minimize(weights * weights)
    assert (first.name, second.name) == ("opt/vs/Adam", "Adam")
    assert [variable.name for variable in tf.global_variables()] == [
        "train/W:0", "opt/vs/beta1_power:0", "opt/vs/beta2_power:0", "vs/train/W/Adam:0", "vs/train/W/Adam_1:0",
        "beta1_power:0", "beta2_power:0", "train/W/Adam:0", "train/W/Adam_1:0",
    ]  # fmt: skip
