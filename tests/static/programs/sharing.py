"""Programs with templates, cases by number, checks of a whole graph, and updates of batches."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.static.programs.notes import Note, described, worded


def _scaled(tf: Any) -> Any:
    def function(x: Any, name: str, size: int = 1) -> Any:
        weight = tf.get_variable(name, [size], initializer=tf.ones_initializer())
        counter = tf.get_local_variable("seen", [], initializer=tf.zeros_initializer())
        with tf.name_scope("inside"):
            return tf.multiply(x, weight, name="product") + counter

    return function


def templates(tf: Any, note: Note) -> None:
    scale = tf.make_template("scale", _scaled(tf), name="w")
    note("before", [scale.variables, scale.variable_scope, scale.name])
    first, second = scale(2.0), scale(3.0)
    other = tf.make_template("scale", _scaled(tf), name="v", size=2)
    third = other(4.0)
    note("tensors", described(first, second, third))
    for each in (scale, other):
        note("scope", [each.variable_scope.name, each.variable_scope_name, each.var_scope.name])
        note("all", [variable.name for variable in each.variables])
        note("trained", [variable.name for variable in each.trainable_variables])
        note("others", [variable.name for variable in each.non_trainable_variables])
        note("local", [variable.name for variable in each.local_variables])
    with tf.Session() as session:
        session.run([tf.global_variables_initializer(), tf.local_variables_initializer()])
        note("values", session.run([first, second, third]))


def templates_in_scopes(tf: Any, note: Note) -> None:
    with tf.variable_scope("outer") as outer:
        now = tf.make_template("now", _scaled(tf), create_scope_now_=True, name="w")
        note("at once", [now.variable_scope.name, now.variables])
        late = tf.make_template("late", _scaled(tf), name="w")
    with tf.variable_scope("elsewhere"):
        note("now", described(now(1.0), now(1.0)))
        note("late", described(late(1.0), late(1.0)))
    note("names", [variable.name for variable in tf.global_variables()])
    with tf.variable_scope(outer, reuse=True):
        again = tf.make_template("now", _scaled(tf), name="w")
        note("again", lambda: [variable.name for variable in (again(1.0), again)[1].variables])
    whole = tf.make_template("ignored", _scaled(tf), unique_name_="whole", name="w")
    note("whole", described(whole(1.0)))
    note("taken", lambda: tf.make_template("ignored", _scaled(tf), unique_name_="whole", name="w")(1.0))
    scaling = tf.make_template(
        "got", _scaled(tf), custom_getter_=lambda getter, *args, **more: getter(*args, **more), name="w"
    )
    note("got", described(scaling(1.0)))


def templates_that_are_wrong(tf: Any, note: Note) -> None:
    fresh = tf.make_template("fresh", lambda: tf.Variable(1.0))
    fresh()
    note("new variable", lambda: fresh())
    counting = tf.make_template("counting", lambda: tf.Variable(1.0, trainable=False))
    note("not trained", [counting().name, counting().name])
    by_name = tf.make_template("by_name", lambda name: tf.get_variable(name, []))
    by_name("a")
    note("another name", lambda: by_name("b"))
    note("no name", lambda: tf.make_template(None, lambda: None))


def cases_by_number(tf: Any, note: Note) -> None:
    number = tf.placeholder(tf.int32, [])
    x = tf.constant([1.0, 2.0])
    functions = [lambda: x + 1.0, lambda: x * 10.0, lambda: -x]
    made = tf.switch_case(number, functions)
    with_default = tf.switch_case(number, {1: functions[1], 0: functions[0]}, default=lambda: x * 0.0)
    pairs = tf.switch_case(number, [(0, lambda: (x, [x + 1.0])), (1, lambda: (x - 1.0, [x - 2.0]))])
    slope = tf.gradients(made, x)[0]
    with tf.Session() as session:
        for chosen in (0, 1, 2, 3, -1):
            note(f"at {chosen}", session.run([made, with_default, pairs, slope], {number: chosen}))
    words = worded(note)
    words("no tensor", lambda: tf.switch_case(1, functions))
    words("no integer", lambda: tf.switch_case(x[0], functions))
    words("nothing", lambda: tf.switch_case(number, []))
    words("gap", lambda: tf.switch_case(number, {0: functions[0], 2: functions[1]}))
    words("no function", lambda: tf.switch_case(number, [(0, 1)]))
    words("no number", lambda: tf.switch_case(number, [("a", functions[0])]))


def checks_of_a_graph(tf: Any, note: Note) -> None:
    x = tf.placeholder(tf.float32, [2], name="x")
    root = tf.sqrt(x, name="root")
    ratio = tf.divide(root, x, name="ratio")
    check = tf.add_check_numerics_ops()
    words = worded(note)
    with tf.Session() as session:
        words("fine", lambda: session.run([ratio, check], {x: [1.0, 4.0]})[0])
        words("root", lambda: session.run([ratio, check], {x: [-1.0, 4.0]}))
        words("ratio", lambda: session.run([ratio, check], {x: [0.0, 4.0]}))
    tf.cond(x[0] > 0, lambda: x + 1.0, lambda: x)
    note("a condition", lambda: tf.add_check_numerics_ops())


def checks_of_variables(tf: Any, note: Note) -> None:
    note("none", tf.assert_variables_initialized())
    one, two = tf.Variable(1.0), tf.Variable([2.0])
    both, single = tf.assert_variables_initialized(), tf.assert_variables_initialized([one])
    with tf.Session() as session:
        note("before", lambda: session.run(both))
        session.run(one.initializer)
        note("one", session.run(single))
        note("still", lambda: session.run(both))
        session.run(two.initializer)
        note("after", session.run(both))


def updates_of_batches(tf: Any, note: Note) -> None:
    table = tf.Variable(np.zeros((2, 3, 4), np.float32))
    rows = tf.Variable(np.arange(12, dtype=np.float32).reshape(3, 4))
    indices = np.array([[0, 2], [1, 1]])
    deep = tf.batch_scatter_update(table, indices, np.arange(16, dtype=np.float32).reshape(2, 2, 4) + [[[1]], [[2]]])
    flat = tf.batch_scatter_update(rows, [2, 0], -np.ones((2, 4), np.float32))
    last = tf.batch_scatter_update(rows, tf.constant([[1], [2], [3]], tf.int64), [[50.0], [51.0], [52.0]])
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        note("rows", session.run(flat))
        note("last axis", session.run(last))
        note("batch", session.run(deep)[0])
    note("unknown", lambda: tf.batch_scatter_update(rows, tf.placeholder(tf.int32), [1.0]))


def extremes_at_places(tf: Any, note: Note) -> None:
    for dtype in (tf.float32, tf.int32):
        x = tf.constant([1, 5, 3, 8], dtype)
        indices = [[0], [3], [0], [2]]
        updates = tf.constant([4, 2, 2, 9], dtype)
        high = tf.tensor_scatter_nd_max(x, indices, updates)
        low = tf.tensor_scatter_nd_min(x, indices, updates)
        with tf.Session() as session:
            note("values", session.run([high, low]))
    matrix = tf.tensor_scatter_nd_max(tf.zeros([2, 3]), [[1, 2], [0, 0]], [-1.0, 1.0])
    with tf.Session() as session:
        note("matrix", session.run(matrix))


def creators_of_variables(tf: Any, note: Note) -> None:
    asked: list[Any] = []

    def doubled(next_creator: Any, **options: Any) -> Any:
        asked.append(["doubled", options["name"], options["trainable"], str(options["dtype"])])
        value = options["initial_value"]
        options["initial_value"] = lambda: 2.0 * tf.convert_to_tensor(value() if callable(value) else value)
        return next_creator(**options)

    def frozen(next_creator: Any, **options: Any) -> Any:
        asked.append(["frozen", options["name"], options["trainable"], callable(options["initial_value"])])
        options["trainable"] = False
        options["collections"] = [tf.GraphKeys.LOCAL_VARIABLES]
        return next_creator(**options)

    with tf.variable_creator_scope(doubled):
        one = tf.Variable(3.0, name="one")
        with tf.variable_creator_scope(frozen):
            two = tf.Variable([1.0], name="two", trainable=True)
            three = tf.get_variable("three", [2], initializer=tf.ones_initializer())
        with tf.variable_creator_scope(lambda next_creator, **options: "another thing"):
            note("another", tf.Variable(1.0))
    four = tf.Variable(4.0, name="four")
    note("asked", asked)
    note("trained", [each.name for each in tf.trainable_variables()])
    note("local", [each.name for each in tf.local_variables()])
    with tf.Session() as session:
        session.run([tf.global_variables_initializer(), tf.local_variables_initializer()])
        note("values", session.run([one, two, three, four]))


def small_names(tf: Any, note: Note) -> None:
    note("names", [tf.data.AUTOTUNE, tf.data.UNKNOWN_CARDINALITY, tf.data.INFINITE_CARDINALITY])
    note("eager", tf.executing_eagerly_outside_functions())


PROGRAMS = [
    templates, templates_in_scopes, templates_that_are_wrong, cases_by_number, checks_of_a_graph, checks_of_variables,
    updates_of_batches, extremes_at_places, creators_of_variables,
    small_names,
]  # fmt: skip
