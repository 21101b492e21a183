"""Programs of variables: counters, averages, initial values, the order of reads and assignments."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.static.programs.notes import Note, described


def counters(tf: Any, note: Note) -> None:
    count = tf.Variable(0, name="count")
    more, double = tf.assign_add(count, 1), tf.assign(count, count * 2)
    with tf.control_dependencies([more]):
        late = [tf.identity(count), count.read_value(), tf.identity(count.value())]
    with tf.Session() as session:
        for label, target in {"read": count, "add": more, "late": late[1], "double": double}.items():
            note(f"no value: {label}", lambda target=target: session.run(target))
        note("initialized", session.run(tf.is_variable_initialized(count)))
        session.run(count.initializer)
        note("initialized then", session.run(tf.is_variable_initialized(count)))
        note("add", [session.run(more), session.run(more.op), session.run(count)])
        note("late", [session.run(target) for target in late[:2]])
        note("double", [session.run(double), session.run([more.op, more.op]), session.run(count)])
        note("group", [session.run(tf.group(more)), count.eval()])
        note("load", [count.load(7), count.eval(), session.run(more)])
        note("float", lambda: tf.assign(count, 1.5))
        note("shape", lambda: tf.assign(count, [1, 2]))
        note("no check", session.run(tf.assign(count, [1, 2], validate_shape=False)))
        note("kept", [count.eval(), session.run(count + 1), str(count.shape)])


def moving_averages(tf: Any, note: Note) -> None:
    x = tf.placeholder(tf.float32, [3])
    mean = tf.Variable(tf.zeros([3]), trainable=False, name="mean")
    update = tf.assign(mean, mean * 0.9 + x * 0.1)
    with tf.control_dependencies([update]):
        out = tf.identity(mean)
    other = tf.assign_sub(mean, (mean - x) * 0.1)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for target in (out, other):
            note(f"through {target.op.type}", [session.run(target, {x: [i, 2 * i, 3]}) for i in range(3)])


def order_of_execution(tf: Any, note: Note) -> None:
    v, w = tf.Variable(1.0, name="v"), tf.Variable(10.0, name="w")
    second = tf.assign(v, 2.0)
    with tf.control_dependencies([second]):
        late, sum_ = v.read_value(), v + 0.0
        third = tf.assign(w, v.read_value() * 100.0)
        gate = tf.no_op(name="gate")
        with tf.control_dependencies(None):
            free = tf.constant(1.0)
        with tf.control_dependencies([third]):
            both = tf.add(v.read_value(), w.read_value())
    note("waits", [[c.name for c in tensor.op.control_inputs] for tensor in (late, sum_, third, free, both)])
    with tf.control_dependencies([v.value(), gate]):
        note("waits for a read", [c.name for c in tf.constant(3.0).op.control_inputs])
    with tf.Session() as session:
        for label, target in {"late": late, "both": both, "gate": gate, "free": free, "third": third}.items():
            session.run(tf.global_variables_initializer())
            note(label, [session.run(target), session.run([v, w])])
        last: Any = None
        for number in range(5):
            with tf.control_dependencies([] if last is None else [last]):
                last = tf.assign(v, v.read_value() * 2.0 + number)
        session.run(tf.global_variables_initializer())
        note("chain", [session.run(last), session.run(v)])
        old = tf.identity(v * 1.0), tf.identity(w * 1.0)
        with tf.control_dependencies(old):
            swap = tf.group(tf.assign(v, old[1]), tf.assign(w, old[0]))
        session.run([v.initializer, w.initializer])
        note("swap", [session.run(swap), session.run([v, w])])
        step = tf.train.GradientDescentOptimizer(1.0).minimize(v * v)
        with tf.control_dependencies([step]):
            after = v.read_value() * 1.0
        session.run(v.initializer)
        note("after a step", session.run(after))
        count = tf.Variable(0)
        session.run(count.initializer)
        session.run([count.assign_add(1).op for _ in range(3)])
        note("three additions", session.run(count))
    note("number", lambda: tf.control_dependencies([1]).__enter__())
    note("no list", lambda: tf.control_dependencies(second).__enter__())


def initial_values(tf: Any, note: Note) -> None:
    a = tf.Variable(tf.ones([2]), name="a")
    b = tf.Variable(a.initialized_value() * 2, name="b")
    c = tf.Variable(lambda: tf.zeros([2]) + 5.0, name="c")
    note("things", described(a, b, c, a.initial_value, a.initializer, c.initial_value))
    with tf.Session() as session:
        session.run([a.initializer, b.initializer])
        note("values", session.run([a, b]))
        note("not that one", lambda: session.run(c))
        session.run(tf.variables_initializer([c]))
        note("that one", session.run(c))
        drawn = tf.Variable(tf.random_normal([3]))
        session.run(drawn.initializer)
        first = session.run(drawn)
        note("stays", np.array_equal(session.run(drawn), first))
        session.run(drawn.initializer)
        note("drawn anew", bool((session.run(drawn) != first).any()))
    for label, value in {
        "int": 1, "float": 1.0, "ints": [1, 2], "bool": True, "float64": np.ones(2), "float32": np.float32(3), "text": "x", "nothing": [],
        "none": None, "int8": np.int8(3), "mixed": [1, 2.5], "complex": 1j, "float16": np.float16(1),
    }.items():  # fmt: skip
        note(f"variable of {label}", lambda value=value: described(tf.Variable(value, name="made"))[0][1:])
        for dtype in (None, "float32", "int32", "bool", "float64", "string"):
            note(f"{label} as {dtype}", lambda value=value, dtype=dtype: described(tf.constant(value, dtype))[0][1:])
    note("long", described(tf.constant(2**40))[0][1:])
    note("no value", lambda: tf.Variable())
    note("no shape", lambda: tf.Variable(tf.placeholder(tf.float32)))
    note("any shape", str(tf.Variable(tf.placeholder(tf.float32), validate_shape=False).shape))
    note("type asked for", repr(tf.Variable(1, dtype=tf.float32).dtype))


PROGRAMS = [counters, moving_averages, order_of_execution, initial_values]
