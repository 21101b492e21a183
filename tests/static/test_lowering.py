"""From graphs to functions of the IR."""

import diptych.static as tf
import numpy as np
from diptych.ir import TensorType, dtypes, parse, verify
from diptych.static.running.lowering import COUNTER, KEY, lower
from diptych.static.running.schedule import needed, ordered


def _lowered(targets, feeds=None, types=None):
    run = lower(targets, feeds or {}, lambda key: (types or {}).get(key))
    verify(run.function)
    return run


def _operations(run):
    return [equation.op.name for equation in run.function.equations]


def test_a_linear_model():
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    w = tf.Variable(tf.zeros([3, 2]), name="W")
    b = tf.Variable(tf.zeros([2]), name="b")
    y = tf.nn.relu(tf.matmul(x, w) + b, name="y")
    types = {
        ("variable", w.op): TensorType(dtypes.f32, (3, 2)),
        ("variable", b.op): TensorType(dtypes.f32, (2,)),
    }
    run = _lowered([y], {x: np.zeros((5, 3), np.float32)}, types)
    assert str(run.function) == (
        "func @run(%x: f32[5,3], %W: f32[3,2], %b: f32[2]) -> (f32[5,2]) {\n"
        "  %MatMul: f32[5,2] = matmul %x, %W\n"
        "  %0: f32[5,2]      = broadcast %b {shape=[5, 2], axes=[1]}\n"
        "  %add: f32[5,2]    = add %MatMul, %0\n"
        "  %1: f32[]         = constant {value=f32[] 0.0}\n"
        "  %2: f32[5,2]      = broadcast %1 {shape=[5, 2], axes=[]}\n"
        "  %3: bool[5,2]     = le %add, %2\n"
        "  %y: f32[5,2]      = select %3, %2, %add\n"
        "  return %y\n"
        "}"
    )
    assert run.reads == (("variable", w.op), ("variable", b.op)) and run.writes == () and run.feeds == (0,)
    assert {equation.location.file for equation in run.function.equations} == {__file__}
    assert parse(str(run.function)) == run.function


def test_only_what_fetches_need():
    x, unused = tf.placeholder(tf.float32, [2]), tf.placeholder(tf.float32, [2])
    y = x * 2
    tf.exp(unused)
    run = _lowered([y], {x: np.zeros(2, np.float32), unused: np.zeros(2, np.float32)})
    assert run.feeds == (0,) and "exp" not in _operations(run)


def test_a_fed_tensor_cuts_the_graph():
    x = tf.placeholder(tf.float32, [2])
    middle = tf.exp(x)
    run = _lowered([middle + 1], {middle: np.zeros(2, np.float32)})
    assert "exp" not in _operations(run) and run.function.parameters[0].type == TensorType(dtypes.f32, (2,))


def test_state_comes_in_and_goes_out():
    v = tf.Variable(tf.zeros([2]), name="v")
    other = tf.Variable(tf.zeros([2]), name="other")
    types = {("variable", v.op): TensorType(dtypes.f32, (2,))}
    run = _lowered([v.assign_add([1.0, 1.0]).op, other.initializer], types=types)
    assert run.reads == (("variable", v.op),) and run.fetches == ()
    assert set(run.writes) == {("variable", v.op), ("variable", other.op)}
    assert [result.name for result in run.function.results] == [f"{key[1].name}.next" for key in run.writes]
    assert all(maker.op.name == "stop_gradient" for maker in run.function.equations[-1:])


def test_every_tensor_is_a_value_of_its_own():
    x = tf.placeholder(tf.float32, [2])
    same = [tf.identity(x), tf.cast(tf.identity(x), tf.float32), tf.reshape(x, [2]), tf.reduce_sum(x, [])]
    run = _lowered([x + 0.0, *same], {x: np.zeros(2, np.float32)})
    assert len(set(run.function.results)) == len(run.function.results)


def test_uniform_constants_are_broadcast():
    big = tf.constant(np.full((50, 50), 3.0, np.float32))
    run = _lowered([big * 2])
    constants = [e.attributes["value"].type.shape for e in run.function.equations if e.op.name == "constant"]
    assert constants == [(), ()]


def test_random_numbers_have_a_key_and_a_counter():
    x = tf.random_normal([3], name="r")
    drawing = x.graph.get_operation_by_name("r/RandomStandardNormal")
    run = _lowered([x], types={("key", drawing): KEY, ("counter", drawing): COUNTER})
    assert run.reads == (("key", drawing), ("counter", drawing)) and run.writes == (("counter", drawing),)


def test_order_of_operations():
    v = tf.Variable(1.0)
    first = v.assign(2.0)
    second = v + 1
    with tf.control_dependencies([first]):
        third = v + 2
    operations = ordered(needed([third, second], ()))
    names = [operation.name for operation in operations]
    assert names.index(second.op.name) < names.index(first.op.name) < names.index(third.op.name)


def test_a_graph_100_000_deep():
    x = tf.placeholder(tf.float32, [2])
    h = middle = x
    for depth in range(100_000):
        h = tf.tanh(h)
        middle = h if depth == 20_000 else middle
    (gradient,) = tf.gradients(middle, x)
    fed = {x: np.zeros(2, np.float32)}
    assert len(lower([h], fed, lambda key: None).function.equations) == 100_000
    assert len(lower([gradient], fed, lambda key: None).function.equations) > 20_000


def test_every_equation_has_a_line():
    x = tf.placeholder(tf.float32, [3])
    (gradient,) = tf.gradients(tf.reduce_sum(tf.one_hot(tf.argmax(x), 3) * x), x)
    run = _lowered([gradient], {x: np.zeros(3, np.float32)})
    assert {e.location.file for e in run.function.equations} == {__file__}
