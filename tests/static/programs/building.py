"""Programs that build graphs: names, scopes, collections, shapes, several graphs, threads."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

from tests.static.programs.notes import Note, described


def graphs_and_sessions(tf: Any, note: Note) -> None:
    graphs, made = [tf.Graph(), tf.Graph()], []
    for number, graph in enumerate(graphs):
        with graph.as_default():
            made.append(
                (tf.constant(1.0 + number, name="a"), tf.Variable(1.0, name="v"), tf.global_variables_initializer())
            )
    (a, v, init), (b, w, other_init) = made
    note("names", [a.name, b.name, v.name, w.name, init.name, other_init.name])
    note("mixed", lambda: a + b)
    one, two = (tf.Session(graph=graph) for graph in graphs)
    note("another graph's tensor", lambda: one.run(b))
    note("another graph's operation", lambda: one.run(other_init))
    note("no session", lambda: a.eval())
    note("another graph's session", lambda: a.eval(session=two))
    one.run(init)
    note("values", [one.run(v), one.run("a:0"), two.run("a:0")])
    note("each its own", lambda: tf.Session(graph=graphs[0]).run(v))
    with one.as_default():
        note("defaults", [tf.get_default_session() is one, tf.get_default_graph() is graphs[0], a.eval()])
    one.close()
    note("closed", lambda: one.run(v))
    with tf.Session(graph=graphs[1]) as session:
        note("entered", tf.get_default_graph() is graphs[1])
        note("another graph's feed", lambda: session.run(w, {a: 1.0}))
        graphs[1].finalize()
        note("finalized", lambda: tf.constant(1.0))
    with tf.Graph().as_default():
        note("reset inside", lambda: tf.reset_default_graph())
    interactive = tf.InteractiveSession()
    c = tf.constant(5.0)
    note("interactive", c.eval())
    interactive.close()
    note("after it", lambda: c.eval())


def threads(tf: Any, note: Note) -> None:
    graph = tf.get_default_graph()
    count = tf.Variable(0)
    more = count.assign_add(1)
    x = tf.placeholder(tf.float32, [None])
    y = x * 2
    session = tf.Session()
    session.run(tf.global_variables_initializer())
    wrong: list[int] = []

    def work(number: int) -> None:
        for size in range(1, 20):
            session.run(more)
            if not (session.run(y, {x: [number] * size}) == 2 * number).all():
                wrong.append(number)

    def build() -> None:
        seen.append(tf.get_default_graph() is graph)
        with graph.as_default():
            seen.append([tf.no_op(name="free").name, tf.get_variable_scope().name, tf.get_default_session()])

    workers = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    note("results", wrong)
    seen: list[Any] = []
    with tf.name_scope("outer"), tf.variable_scope("scope"), session.as_default():
        builder = threading.Thread(target=build)
        builder.start()
        builder.join()
    note("scopes", seen)


def names(tf: Any, note: Note) -> None:
    def made(name: str | None = None) -> str:
        return tf.no_op(name).name

    with tf.name_scope("a") as scope:
        note("scope", [scope, made(), made()])
        with tf.name_scope("b"):
            note("inner", [made("x"), tf.Variable(1.0).name, tf.get_variable("got", []).name])
        for again in ("b", "", None, scope):
            with tf.name_scope(again):
                note(f"in {again!r}", made("x"))
    for again in ("a", "A"):
        with tf.name_scope(again):
            note(f"again {again}", made())
    note("slashes", [made("q/"), made("q/r")])
    note("taken", lambda: made("q/"))
    for bad in ("a b", "_x", "-x", "x:0", "/x"):
        note(f"name {bad}", lambda bad=bad: made(bad))
        for outer in (None, "ok"):
            note(f"scope {bad} in {outer}", lambda bad=bad, outer=outer: _in_scopes(tf, outer, bad))
    x, y = tf.ones([2]), tf.ones([3])
    note("refused", lambda: tf.multiply(x, y))
    note("after that", tf.multiply(x, x).name)
    note("refused operator", lambda: x * [1.0, 2.0, 3.0])
    note("after that operator", (x * 2).name)
    tested = tf.placeholder(tf.float32, [None, 3], name="tested")
    for label, tensor in {
        "add": tested + y, "radd": 1 + tested, "rsub": 1 - tested, "div": tested / 2, "rdiv": 1 / tested, "floordiv": tested // 2,
        "mod": tested % 2, "pow": tested**2, "neg": -tested, "abs": abs(tested), "lt": tested < 1, "item": tested[0],
        "new axis": tested[..., None], "matmul": tested @ tf.ones([3, 2]), "and": (tested > 1) & (tested < 2),
        "not": ~(tested > 1), "xor": (tested > 1) ^ (tested < 2), "concat of one": tf.concat([tested], 0),
        "softmax": tf.nn.softmax(tested), "mean": tf.reduce_mean(tested), "cast": tf.to_float(tested > 1),
        "random": tf.random_uniform([2], -1, 1), "zeros": tf.zeros([100, 100]), "squeeze": tf.squeeze(tested, [0]),
    }.items():  # fmt: skip
        note(f"operator {label}", [tensor.name, tensor.op.type, [source.name for source in tensor.op.inputs]])


def _in_scopes(tf: Any, outer: str | None, inner: str) -> str:
    with tf.name_scope(outer or ""), tf.name_scope(inner):
        return tf.no_op().name


def finding(tf: Any, note: Note) -> None:
    graph = tf.get_default_graph()
    a, v = tf.constant(1.0, name="a"), tf.Variable(2.0, name="v")
    for name in ("a:0", "a", "a:1", "b:0", "b", "a:x", "", "v:0", "v/read:0", ":0"):
        note(f"tensor {name}", lambda name=name: graph.get_tensor_by_name(name).name)
        note(f"operation {name}", lambda name=name: graph.get_operation_by_name(name).name)
        note(f"element {name}", lambda name=name: repr(graph.as_graph_element(name)))
    note("others", [graph.as_graph_element(v).name, graph.as_graph_element(b"a:0").name])
    note("number", lambda: graph.as_graph_element(3))
    note("operations", [[operation.name, operation.type] for operation in graph.get_operations()])
    note("unique", [graph.unique_name(name) for name in ("z", "z", "a", "Z")])
    note("attribute", [repr(a.op.get_attr("dtype")), a.op.device, a.value_index, a.op.outputs == [a]])
    note("no attribute", lambda: a.op.get_attr("none"))
    note("equality", [a == a, a == 1.0, a != v, {a: 1}[a], a in [v, a]])
    for label, use in {"bool": bool, "list": list, "len": len, "float": float, "array": np.array}.items():
        note(label, lambda use=use: use(a))
    note("numpy's first", [repr(np.ones(3, np.float32) + a), repr(np.float32(2) * v)])


def collections_of_a_graph(tf: Any, note: Note) -> None:
    tf.Variable(1.0, name="net/v")
    tf.Variable(1.0, name="net2/w", trainable=False, collections=[tf.GraphKeys.LOCAL_VARIABLES, "mine"])
    with tf.variable_scope("net"):
        tf.get_variable("q", [2], regularizer=lambda value: tf.reduce_sum(value))
    for key in ("variables", "trainable_variables", "local_variables", "mine", "none", "regularization_losses"):
        note(key, [thing.name for thing in tf.get_collection(key)])
    for scope in ("net", "net/", ".*q"):
        note(f"scope {scope}", [thing.name for thing in tf.get_collection("variables", scope=scope)])
    tf.add_to_collection("losses", 1)
    tf.get_collection_ref("losses").append(2)
    tf.get_collection("losses").append(3)
    tf.add_to_collections(["losses", "other"], 4)
    note("losses", [tf.get_collection("losses"), tf.get_collection("losses", scope="x"), tf.get_collection("other")])
    note("keys", sorted(tf.get_default_graph().get_all_collection_keys()))


def unknown_shapes(tf: Any, note: Note) -> None:
    fixed = tf.placeholder(tf.float32, [2, 3])
    for label, x in {
        "rank": tf.placeholder(tf.float32),
        "size": tf.placeholder(tf.float32, [None, 3]),
        "sizes": tf.placeholder(tf.float32, [None, None]),
        "nothing": fixed,
    }.items():
        shape = x.shape
        note(f"{label}: shape", [str(shape), repr(shape), shape.ndims, shape.is_fully_defined(), repr(x)])
        note(
            f"{label}: sizes",
            lambda shape=shape: [shape.as_list(), shape.num_elements(), repr(shape[0]), shape[1].value],
        )
        note(f"{label}: merged", lambda shape=shape: str(shape.merge_with([2, 3])))
        note(f"{label}: merged wrongly", lambda shape=shape: str(shape.merge_with([2, 4])))
        for function, call in {
            "add": lambda x: x + tf.ones([3]), "add wrongly": lambda x: x + tf.ones([4]), "matmul": lambda x: tf.matmul(x, tf.ones([3, 5])),
            "matmul wrongly": lambda x: tf.matmul(x, tf.ones([4, 5])), "sum": tf.reduce_sum, "sum 0": lambda x: tf.reduce_sum(x, 0),
            "kept": lambda x: tf.reduce_sum(x, 1, keepdims=True), "reshape": lambda x: tf.reshape(x, [-1, 3]),
            "reshape to shape": lambda x: tf.reshape(x, [tf.shape(x)[0], 3]), "reshape wrongly": lambda x: tf.reshape(x, [4, -1]),
            "transpose": lambda x: tf.transpose(x, [1, 0]), "concat": lambda x: tf.concat([x, fixed], 1), "stack": lambda x: tf.stack([x, fixed]),
            "argmax": lambda x: tf.argmax(x, 1), "expand": lambda x: tf.expand_dims(x, 1), "squeeze": tf.squeeze, "first": lambda x: x[0],
            "column": lambda x: x[:, 0], "head": lambda x: x[:1], "part": lambda x: x[:, 1:2], "tile": lambda x: tf.tile(x, [2, 1]),
            "pad": lambda x: tf.pad(x, [[1, 1], [0, 0]]), "one hot": lambda x: tf.one_hot(tf.argmax(x, 1), 7), "zeros": tf.zeros_like,
            "cross entropy": lambda x: tf.nn.softmax_cross_entropy_with_logits_v2(labels=x, logits=x), "sizes": lambda x: tf.zeros([tf.shape(x)[0], 4]),
            "gradient": lambda x: tf.gradients(x * x, x)[0], "merged": lambda x: tf.add_n([x, fixed]), "variable": tf.Variable,
        }.items():  # fmt: skip
            note(f"{label}: {function}", lambda call=call, x=x: str(call(x).shape))


def variable_scopes(tf: Any, note: Note) -> None:
    got = tf.get_variable
    note("plain", described(got("a", [2]), got("i", [2], tf.int32), got("n", initializer=np.ones(3)), got("s", [])))
    note("twice", lambda: got("a", [2]))
    note("no shape", lambda: got("b"))
    note("shape of a constant", lambda: got("b", [2], initializer=[1.0, 2.0]))
    with tf.variable_scope("vs") as scope:
        note("scope", [scope.name, scope.original_name_scope, scope.reuse, got("a", [2]).name, tf.Variable(1.0).name])
        for _ in range(2):
            with tf.variable_scope("in") as inner:
                note("inner", [inner.name, inner.original_name_scope, tf.no_op().name])
    with tf.variable_scope("vs", reuse=True) as scope:
        note(
            "reuse",
            [got("a").name, scope.reuse, scope.original_name_scope, tf.no_op().name, got("a", [2]) is got("a", [2])],
        )
        note("reuse of none", lambda: got("none", [1]))
        note("reuse, shape", lambda: got("a", [3]))
        note("reuse, type", lambda: got("a", [2], tf.int32))
    with tf.variable_scope(scope, reuse=True):
        note("again", [got("a", [2]).name, tf.no_op().name])
    with tf.variable_scope("auto", reuse=tf.AUTO_REUSE):
        note("auto", got("x", [1]) is got("x", [1]))

    def dense() -> list[str]:
        with tf.variable_scope(None, default_name="dense"):
            return [got("kernel", [1]).name, tf.no_op().name]

    note("default names", [dense(), dense(), dense()])
    with tf.variable_scope("outer"):
        note("default names inside", [dense(), dense()])
    with tf.variable_scope("outer", reuse=True):
        note("default names again", dense())
    with tf.variable_scope("d", initializer=tf.constant_initializer(3.0), dtype=tf.float64):
        first, second = got("k", [2]), got("l", [2], initializer=tf.ones_initializer())
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        note("defaults", [described(first, second), session.run([first, second])])
    with tf.variable_scope(
        "g", custom_getter=lambda getter, name, *args, **options: getter(name + "_x", *args, **options)
    ):
        note("getter", got("a", [1]).name)
    with tf.name_scope("names"), tf.variable_scope("v"):
        note("name scope", [got("a", [1]).name, tf.no_op().name, tf.Variable(1.0, name="b").name])
    for label, call in {
        "nothing": lambda: tf.variable_scope(None),
        "number": lambda: tf.variable_scope(3),
        "reuse of a default": lambda: tf.variable_scope(None, "x", reuse=True),
    }.items():
        note(label, lambda call=call: call().__enter__())


PROGRAMS = [graphs_and_sessions, threads, names, finding, collections_of_a_graph, unknown_shapes, variable_scopes]
