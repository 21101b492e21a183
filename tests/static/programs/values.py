"""Programs of values: what is fed and fetched, and arithmetic with its types."""

from __future__ import annotations

import collections
from collections.abc import Callable
from typing import Any

import numpy as np

from tests.static.programs.notes import Note, Pair


def feeding_anything(tf: Any, note: Note) -> None:
    a = tf.constant(2.0, name="a")
    b = a * 3
    c = b + 1
    v = tf.Variable(5.0, name="v")
    d, e = v * 2, v.value() * 3
    default = tf.placeholder_with_default([1.0, 2.0], [None], name="default")
    whole, flag = tf.placeholder(tf.int32), tf.placeholder(tf.bool)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        note("tensors", [session.run(c, {b: 10.0}), session.run(c, {a: 10.0}), session.run(c, {"mul:0": 4.0})])
        note("variables", [session.run(d, {v: 1.0}), session.run(e, {v: 1.0}), session.run([d, e], {v.value(): 1.0})])
        note("defaults", [session.run(default), session.run(default, {default: [1, 2, 3]})])
        note("fetched", session.run([a, b, c], {b: 7}))
        note("nests", session.run([a, b], {Pair(a, b): (1.0, 2.0)}))
        note("casts", [session.run(whole + 0, {whole: np.array([1.7, -1.7])}), session.run(flag, {flag: 1.0})])
        for label, feed in {
            "operation's name": {"mul": 4.0},
            "no such name": {"zzz:0": 4.0},
            "no such output": {"mul:1": 4.0},
            "operation": {b.op: 1.0},
            "number": {3: 1.0},
            "shape": {b: [1.0, 2.0]},
            "tensor": {b: a},
            "text": {b: "x"},
            "rank": {default: [[1.0]]},
            "nest": {(a, b): (1.0,)},
        }.items():
            note(label, lambda feed=feed: session.run([c, default], feed))
        note("out of range", lambda: session.run(whole, {whole: 2**40}))
        note("ragged", lambda: session.run(whole, {whole: [[1], [1, 2]]}))


def fetches(tf: Any, note: Note) -> None:
    a, b, v = tf.constant(1.0, name="a"), tf.constant([1, 2], name="b"), tf.Variable([[1.0, 2.0]], name="v")
    nothing, text = tf.no_op(name="nothing"), tf.constant("text")
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for label, fetch in {
            "one": a, "list": [a, b], "tuple": (a, b), "named tuple": Pair(a, b), "dictionary": {"k": a, "j": [b]},
            "ordered": collections.OrderedDict([("z", a), ("b", b)]), "nest": [a, [b, (a, {"x": v})], Pair([a], {"y": b})],
            "operation": nothing, "operations": [nothing, a], "empty list": [], "empty tuple": (), "empty dictionary": {}, "name": "a:0",
            "names": ["a:0", "v:0"], "operation's name": "nothing", "same": [a, a], "text": text, "bool": tf.constant(True),
            "none": None, "number": 3, "set": {a}, "array": np.ones(2), "shape": a.shape, "keys": {1: a, 0: b},
        }.items():  # fmt: skip
            note(label, lambda fetch=fetch: session.run(fetch))
        mine = session.run(v)
        session.run(tf.assign_add(v, [[1.0, 1.0]]))
        note("a copy", mine)
        mine[:] = 7
        note("not the variable", session.run(v))
        x, w = tf.placeholder(tf.float32, [3]), tf.Variable(tf.zeros([3]))
        fed = np.ones(3, np.float32)
        session.run(tf.assign(w, x), {x: fed})
        for out in (session.run(tf.reshape(x, [3, 1]), {x: fed}), session.run(b)):
            out[0] = 9
        note("not what is fed", [fed, session.run(b)])
        fed[0] = 42
        note("not what was fed", session.run(w))
        call = session.make_callable(x * 2, [x])
        note("callable", call(np.ones(3)))


def arithmetic(tf: Any, note: Note) -> None:
    def tensors() -> dict[str, Any]:
        return {
            "int32": tf.constant([7, -7]), "int64": tf.constant([7, -7], tf.int64), "float32": tf.constant([7.0, -7.0]),
            "float64": tf.constant([7.0, -7.0], tf.float64), "uint8": tf.constant([7, 3], tf.uint8), "bool": tf.constant([True, False]),
        }  # fmt: skip

    operators: dict[str, Callable[[Any, Any], Any]] = {
        "+": lambda x, y: x + y, "/": lambda x, y: x / y, "//": lambda x, y: x // y, "%": lambda x, y: x % y, "<": lambda x, y: x < y,
    }  # fmt: skip
    session = tf.Session()
    for left in tensors():
        for right in (*tensors(), 2, 2.5, True, [1, 2]):
            for sign, operator in operators.items():
                if sign != "+" and isinstance(right, str) and left != right:
                    continue
                note(
                    f"{left} {sign} {right}",
                    lambda left=left, right=right, operator=operator: session.run(
                        operator(tensors()[left], tensors()[right] if isinstance(right, str) else right)
                    ),
                )
    for function in (
        "negative",
        "square",
        "sqrt",
        "reduce_sum",
        "reduce_mean",
        "nn.relu",
        "argmax",
        "logical_not",
        "reduce_all",
    ):
        called = tf
        for part in function.split("."):
            called = getattr(called, part)
        for kind in tensors():
            note(f"{function} of {kind}", lambda called=called, kind=kind: session.run(called(tensors()[kind])))
    for label, call in {
        "div": lambda: tf.div([7, -7], 2), "truediv": lambda: tf.truediv([7, -7], 2), "div of floats": lambda: tf.div([7.0, -7.0], 2.0),
        "cut off": lambda: tf.cast([-1.7, 1.7], tf.int32), "saturated": lambda: tf.saturate_cast([300.0, -5.0], tf.uint8),
        "broadcast": lambda: tf.ones([2, 1]) + tf.ones([1, 3]), "not broadcast": lambda: tf.ones([2]) + tf.ones([3]),
        "ranks": lambda: tf.matmul([1.0], [1.0]), "product": lambda: tf.matmul([[1, 2]], [[3], [4]]),
        "batch": lambda: tf.matmul(tf.ones([2, 1, 3]), tf.ones([3, 1])), "mean of integers": lambda: tf.reduce_mean([1, 2, 4]),
        "types of a list": lambda: tf.stack([tf.constant(1), tf.constant(1.0)]), "range": lambda: tf.range(0, 3.0),
        "one hot": lambda: tf.one_hot([0, 2, -1, 5], 3, on_value=5, off_value=-1), "shape": lambda: tf.constant([1, 2, 3], shape=[2, 2]),
        "too many": lambda: tf.constant([1, 2, 3], shape=[2]), "tensor": lambda: tf.constant(tf.ones([2])),
        "complex": lambda: tf.squared_difference([1 + 2j], [1j]), "by zero": lambda: tf.div_no_nan([1.0], [0.0]),
    }.items():  # fmt: skip
        note(label, lambda call=call: session.run(call()))


PROGRAMS = [feeding_anything, fetches, arithmetic]
