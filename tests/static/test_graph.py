"""Graphs: finding things, collections, control dependencies, default stacks, finalising."""

import threading

import diptych.static as tf
import pytest


@pytest.fixture
def x():
    return tf.placeholder(tf.float32, [None, 3], name="x")


def test_finding(x):
    graph = tf.get_default_graph()
    assert graph.get_tensor_by_name("x:0") is x and graph.get_operation_by_name("x") is x.op
    assert graph.as_graph_element("x") is x.op and graph.as_graph_element(x) is x
    assert graph.as_graph_element(tf.Variable(1.0, name="v")).name == "v:0"


@pytest.mark.parametrize(
    ("find", "error", "message"),
    [
        (
            lambda g: g.get_tensor_by_name("y:0"),
            KeyError,
            "The name 'y:0' refers to a Tensor which does not exist. The operation, 'y', does not exist in the graph.",
        ),
        (
            lambda g: g.get_tensor_by_name("x:1"),
            KeyError,
            "The name 'x:1' refers to a Tensor which does not exist. "
            "The operation, 'x', exists but only has 1 outputs.",
        ),
        (
            lambda g: g.get_tensor_by_name("x"),
            ValueError,
            "The name 'x' refers to an Operation, not a Tensor. "
            'Tensor names must be of the form "<op_name>:<output_index>".',
        ),
        (
            lambda g: g.get_tensor_by_name("x:0:1"),
            ValueError,
            "The name 'x:0:1' looks a like a Tensor name, but is not a valid one. "
            'Tensor names must be of the form "<op_name>:<output_index>".',
        ),
        (
            lambda g: g.get_operation_by_name("x:0"),
            ValueError,
            "Name 'x:0' appears to refer to a Tensor, not a Operation.",
        ),
        (lambda g: g.get_operation_by_name("y"), KeyError, "The name 'y' refers to an Operation not in the graph."),
        (lambda g: g.get_tensor_by_name(3), TypeError, "Tensor names are strings (or similar), not int."),
        (lambda g: g.as_graph_element(None), TypeError, "Can not convert a NoneType into a Tensor or Operation."),
    ],
)
def test_finding_nothing(x, find, error, message):
    with pytest.raises(error) as caught:
        find(tf.get_default_graph())
    assert caught.value.args[0] == message


def test_things_of_another_graph(x):
    with pytest.raises(ValueError) as caught:
        tf.Graph().as_graph_element(x)
    assert str(caught.value) == ('Tensor Tensor("x:0", shape=(?, 3), dtype=float32) is not an element of this graph.')
    with tf.Graph().as_default():
        y = tf.constant(1.0)
        with pytest.raises(ValueError, match=r"must be from the same graph as"):
            tf.add(x, y)


def test_operation_says_what_it_is(x):
    y = tf.reduce_sum(x, 1, keepdims=True)
    operation = y.op
    assert operation.type == "Sum" and operation.inputs[0] is x and operation.outputs[0] is y
    assert operation.get_attr("keep_dims") is True and x.consumers() == [operation]
    assert operation.node_def.input == ["x", "Sum/reduction_indices"]
    assert repr(operation) == "<tf.Operation 'Sum' type=Sum>" and operation.location.file == __file__
    with pytest.raises(ValueError, match=r"Operation 'Sum' has no attr named 'axis'."):
        operation.get_attr("axis")


def test_collections():
    tf.add_to_collection("a", 1)
    tf.add_to_collections(["a", "b", "b"], 2)
    assert tf.get_collection("a") == [1, 2] and tf.get_collection("b") == [2] and tf.get_collection("c") == []
    tf.get_collection("a").append(3)
    assert tf.get_collection("a") == [1, 2]
    tf.get_collection_ref("a").append(3)
    assert tf.get_collection("a") == [1, 2, 3]
    assert tf.get_default_graph().get_all_collection_keys() == ["a", "b"]


def test_collections_by_scope():
    for name in ("net/a", "network/a", "net"):
        tf.Variable(1.0, name=name)
    found = tf.get_collection(tf.GraphKeys.GLOBAL_VARIABLES, scope="net/")
    assert [variable.name for variable in found] == ["net/a:0"]
    assert len(tf.trainable_variables("net")) == 3


def test_control_dependencies(x):
    first, second = tf.no_op("first"), tf.no_op("second")
    with tf.control_dependencies([first]):
        with tf.control_dependencies([second, x]):
            inner = tf.no_op()
        with tf.control_dependencies(None):
            free = tf.no_op()
        outer = tf.no_op()
    assert [operation.name for operation in inner.control_inputs] == ["second", "x", "first"]
    assert free.control_inputs == [] and outer.control_inputs == [first]


def test_control_dependencies_that_an_input_has_are_not_repeated(x):
    gate = tf.no_op("gate")
    with tf.control_dependencies([gate]):
        y = tf.identity(x)
        z = tf.identity(y)
    assert y.op.control_inputs == [gate] and z.op.control_inputs == []


def test_the_version_grows(x):
    graph = tf.get_default_graph()
    before = graph.version
    assert x.op.outputs == [x] and x.op.values() == (x,)
    tf.no_op()
    assert graph.version == before + 1


def test_control_dependencies_refuse():
    with pytest.raises(TypeError, match=r"^Can not convert a int into a Tensor or Operation.$"):
        tf.control_dependencies([3]).__enter__()


def test_default_graphs_nest():
    outer = tf.get_default_graph()
    graph = tf.Graph()
    with graph.as_default():
        assert tf.get_default_graph() is graph and tf.no_op().graph is graph
        with pytest.raises(AssertionError, match=r"Do not use tf.reset_default_graph"):
            tf.reset_default_graph()
    assert tf.get_default_graph() is outer
    tf.reset_default_graph()
    assert tf.get_default_graph() is not outer


def in_a_thread(function):
    seen = []
    thread = threading.Thread(target=lambda: seen.append(function()))
    thread.start()
    thread.join()
    return seen[0]


def test_every_thread_has_a_default_graph_of_its_own(x):
    graph = tf.get_default_graph()
    assert in_a_thread(tf.get_default_graph) is not graph
    with graph.as_default():
        assert in_a_thread(tf.get_default_graph) is not graph
    assert tf.get_default_graph() is graph


def test_every_thread_has_scopes_of_its_own():
    graph = tf.get_default_graph()

    def build():
        with graph.as_default():
            before = tf.no_op("free").name, tf.get_variable_scope().name
            with tf.variable_scope("theirs"), tf.variable_scope(None, default_name="dense"):
                return [*before, tf.no_op("x").name, tf.get_variable("v", [1]).name]

    with tf.name_scope("ours"), tf.variable_scope("scope"), tf.variable_scope(None, default_name="dense"):
        assert in_a_thread(build) == ["free", "", "theirs/dense/x", "theirs/dense/v:0"]
        assert tf.no_op("y").name == "ours/scope/dense/y"


def test_threads_take_no_name_twice():
    graph = tf.get_default_graph()

    def build():
        with graph.as_default():
            for _ in range(50):
                tf.constant(1.0, name="same")

    threads = [threading.Thread(target=build) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(graph.get_operations()) == 200


def test_finalized_graphs_refuse_changes(x):
    tf.get_default_graph().finalize()
    with pytest.raises(RuntimeError, match=r"^Graph is finalized and cannot be modified.$"):
        tf.no_op()
    assert tf.get_default_graph().finalized


def test_device_scopes_are_accepted(x):
    with tf.device("/gpu:0"), tf.get_default_graph().colocate_with(x):
        assert tf.no_op().device == "/device:GPU:0"


def test_import_scope_of_names_is_case_insensitive():
    assert tf.no_op("Foo").name == "Foo" and tf.no_op("foo").name == "foo_1"
