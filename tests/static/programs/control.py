"""Programs whose graphs branch and go round: cond, case, while_loop, tensor arrays, scan and its kin."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.static.programs.notes import Note

X = np.array([1.0, 2.0, 4.0], np.float32)
ROWS = np.arange(6, dtype=np.float32).reshape(3, 2) / 4 + 0.5


def branches(tf: Any, note: Note) -> None:
    x, flag = tf.placeholder(tf.float32, [None]), tf.placeholder(tf.bool, [])
    w, count = tf.Variable(2.0), tf.Variable(0)

    def counted() -> Any:
        with tf.control_dependencies([count.assign_add(1)]):
            return tf.reduce_sum(x * w)

    fed = tf.cond(flag, counted, lambda: tf.reduce_sum(x) - w)
    computed = tf.cond(tf.reduce_sum(x) > 5.0, lambda: x * w * w, lambda: -x)
    nest = tf.cond(flag, lambda: [x, (w * 3, 1)], lambda: [-x, (w, 2)])
    note("tensors", [fed.name, str(fed.shape), computed.name, str(computed.shape)])
    gradients = [tf.gradients(fed, [x, w]), tf.gradients(tf.reduce_sum(computed), [x, w])]
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for chosen in (True, False):
            note("fed", session.run([fed, gradients[0]], {x: X, flag: chosen}))
            note("nest", session.run(nest, {x: X, flag: chosen}))
            note("count", session.run(count))
        for scale in (1.0, -1.0):
            note("computed", session.run([computed, gradients[1]], {x: scale * X}))


def what_branches_may_be(tf: Any, note: Note) -> None:
    p = tf.placeholder(tf.bool, [])
    note("python bool", lambda: tf.cond(True, lambda: 1, lambda: 2))
    note("no function", lambda: tf.cond(p, 1, lambda: 2))
    note("one function", lambda: tf.cond(p, lambda: 1))
    note("nothing", lambda: tf.cond(p, lambda: None, lambda: 2))
    note("dtypes", lambda: tf.cond(p, lambda: 1, lambda: 2.0))
    note("counts", lambda: tf.cond(p, lambda: [1, 2], lambda: [1]))
    note("structures", lambda: tf.cond(p, lambda: [1, 2], lambda: (1, 2)))
    note("ranks", str(tf.cond(p, lambda: tf.zeros([2]), lambda: tf.zeros([2, 2])).shape))
    note("sizes", str(tf.cond(p, lambda: tf.zeros([2, 3]), lambda: tf.zeros([2, 4])).shape))
    single = tf.cond(p, lambda: [1], lambda: [2])
    note("list of one", str(single.shape))
    note("strict", [each.dtype.name for each in tf.cond(p, lambda: [1], lambda: [2], strict=True)])
    with tf.Session() as session:
        note(
            "sizes run",
            session.run(tf.shape(tf.cond(p, lambda: tf.zeros([2, 3]), lambda: tf.zeros([2, 4]))), {p: False}),
        )
        note("old names", session.run(tf.cond(p, fn1=lambda: tf.constant(1), fn2=lambda: tf.constant(2)), {p: True}))


def branches_that_change_state(tf: Any, note: Note) -> None:
    x = tf.placeholder(tf.float32, [])
    v, w = tf.Variable(1.0), tf.Variable(10.0)
    both = tf.cond(x > 0, lambda: tf.group(v.assign_add(x), w.assign(0.0)), lambda: tf.group(w.assign_sub(1.0)))
    after = tf.cond(x > 0, lambda: v.assign(v * 2) + w, lambda: w)
    loss = tf.square(v - 3.0)
    train = tf.cond(x > 0, lambda: tf.train.GradientDescentOptimizer(0.25).minimize(loss), lambda: tf.no_op())
    with tf.control_dependencies([v.assign(5.0)]):
        ordered = tf.cond(x > 0, lambda: v + 1, lambda: v + 2)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for value in (2.0, -1.0, 3.0):
            session.run(both, {x: value})
            note("both", session.run([v, w]))
            note("after", session.run(after, {x: value}))
            session.run(train, {x: value})
            note("trained", session.run(v))
        note("ordered", [session.run(ordered, {x: 1.0}), session.run(ordered, {x: -1.0})])


def cases(tf: Any, note: Note) -> None:
    x = tf.placeholder(tf.float32, [])
    pairs = [(x < 1, lambda: tf.constant(17)), (x < 2, lambda: tf.constant(23))]
    three = tf.case(pairs, default=lambda: tf.constant(31))
    named = tf.case({x > 5: lambda: x * 2, x < -5: lambda: x * 3}, default=lambda: x, exclusive=True)
    with tf.Session() as session:
        note("three", [session.run(three, {x: value}) for value in (0.0, 1.5, 9.0)])
        note("named", [session.run(named, {x: value}) for value in (6.0, -6.0, 0.0)])
    note("no pairs", lambda: tf.case([x < 1, lambda: 1], default=lambda: 2))
    note("no function", lambda: tf.case([(x < 1, 1)], default=lambda: 2))
    note("no default", lambda: tf.case(pairs, default=3))


def loops(tf: Any, note: Note) -> None:
    x, n = tf.placeholder(tf.float32, [3]), tf.placeholder(tf.int32, [])
    w = tf.Variable(2.0)
    rounds, y = tf.while_loop(lambda i, y: i < n, lambda i, y: (i + 1, y * w + x), [tf.constant(0), x])
    large = tf.while_loop(lambda z: tf.reduce_sum(z) < 100.0, lambda z: z * w, [x], maximum_iterations=5)
    inner = tf.while_loop(
        lambda i, s: i < 4,
        lambda i, s: (i + 1, s + tf.while_loop(lambda j, t: j < i, lambda j, t: (j + 1, t * w + 1.0), [0, 0.0])[1]),
        [0, 0.0],
    )
    note("tensors", [y.dtype.name, str(y.shape), str(large.shape)])
    found = [tf.gradients(tf.reduce_sum(y), [x, w]), tf.gradients(large, [x, w]), tf.gradients(inner[1], w)]
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for count in (3, 1, 0):
            note("rounds", session.run([rounds, y, found[0]], {x: X, n: count}))
        note("large", session.run([large, found[1]], {x: X}))
        note("inner", session.run([inner, found[2]]))


def loops_of_structures(tf: Any, note: Note) -> None:
    first = {"a": tf.constant(1), "b": (tf.constant(2.0), [tf.constant([1.0, 2.0])])}

    def body(i: Any, state: Any) -> Any:
        return i + 1, {"a": state["a"] * 2, "b": (state["b"][0] + 1, [state["b"][1][0] * 2])}

    last = tf.while_loop(lambda i, state: i < 3, body, [0, first])
    one = tf.while_loop(lambda i: i < 3, lambda i: i + 1, [0])
    kept = tf.while_loop(lambda i: i < 3, lambda i: [i + 1], [0], return_same_structure=True)
    with tf.Session() as session:
        note("structure", session.run(last))
        note("one", session.run(one))
        note("kept", session.run(kept))


def what_loops_may_be(tf: Any, note: Note) -> None:
    x = tf.placeholder(tf.float32, [None, 2])
    note("no condition", lambda: tf.while_loop(1, lambda i: i, [0]))
    note("no body", lambda: tf.while_loop(lambda i: i < 1, 1, [0]))
    note("no variables", lambda: tf.while_loop(lambda: True, lambda: 1, []))
    note("parallel", lambda: tf.while_loop(lambda i: i < 1, lambda i: i + 1, [0], parallel_iterations=0))
    note("grows", lambda: tf.while_loop(lambda i: tf.size(i) < 9, lambda i: tf.concat([i, i], 0), [tf.zeros([2])]))
    note("count", lambda: tf.while_loop(lambda i, j: i < 1, lambda i, j: i + 1, [0, 1]))
    note("invariant", str(tf.while_loop(lambda i: tf.reduce_sum(i) < 9, lambda i: i * 2, [x],
                                        shape_invariants=[tf.TensorShape([None, None])]).shape))  # fmt: skip
    note("wrong invariant", lambda: tf.while_loop(lambda i: i[0, 0] < 9, lambda i: i * 2, [x],
                                                  shape_invariants=[tf.TensorShape([3, 2])]))  # fmt: skip


def loops_that_change_state(tf: Any, note: Note) -> None:
    v, count = tf.Variable([1.0, 2.0]), tf.Variable(0)

    def body(i: Any) -> Any:
        with tf.control_dependencies([v.assign(v * 2), count.assign_add(2)]):
            return i + 1

    done = tf.while_loop(lambda i: i < 3, body, [0])
    until = tf.while_loop(lambda i: count < 20, body, [0])
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        note("done", session.run(done))
        note("state", session.run([v, count]))
        note("until", session.run(until))
        note("state", session.run([v, count]))


def tensor_arrays(tf: Any, note: Note) -> None:
    x = tf.placeholder(tf.float32, [None, 2])
    w = tf.Variable(1.5)
    rows = tf.TensorArray(tf.float32, size=tf.shape(x)[0]).unstack(x)
    results = tf.TensorArray(tf.float32, size=tf.shape(x)[0], clear_after_read=False)

    def body(i: Any, last: Any, results: Any) -> Any:
        last = last * w + rows.read(i)
        return i + 1, last, results.write(i, last)

    _, last, results = tf.while_loop(lambda i, *_: i < tf.shape(x)[0], body, [0, tf.zeros([2]), results])
    y = results.stack()
    note("tensors", [str(y.shape), str(last.shape), str(results.read(0).shape), results.dtype.name])
    found = tf.gradients(tf.reduce_sum(y * y), [x, w])
    unrolled = tf.TensorArray(tf.int32, size=0, dynamic_size=True, clear_after_read=False)
    for place in range(4):
        unrolled = unrolled.write(place, place * place)
    parts = tf.TensorArray(tf.float32, size=2, clear_after_read=False).split(tf.range(4.0), [2, 2])
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        note("stacked", session.run([y, last, found], {x: ROWS}))
        note(
            "read", session.run([results.read(1), results.size(), results.gather([2, 0]), results.concat()], {x: ROWS})
        )
        note("unrolled", session.run([unrolled.stack(), unrolled.size()]))
        note("parts", session.run([parts.read(1), parts.concat()]))
        scattered = tf.TensorArray(tf.float32, size=3, element_shape=[2]).scatter([2, 0], x[:2])
        note("scattered", session.run(scattered.read(2), {x: ROWS}))
        note("outside", lambda: session.run(results.read(7), {x: ROWS}))
    note("shape", lambda: results.write(0, tf.constant([1.0, 2.0, 3.0])))
    note("no size", lambda: tf.TensorArray(tf.float32))


def scans(tf: Any, note: Note) -> None:
    x = tf.placeholder(tf.float32, [None, 2])
    w = tf.Variable(2.0)
    results = [
        tf.map_fn(lambda row: row * w + tf.reduce_sum(row), x),
        tf.map_fn(
            lambda pair: (pair[0] * pair[1], tf.cast(pair[0], tf.int32)), (x, x * 2), dtype=(tf.float32, tf.int32)
        ),
        tf.scan(lambda a, row: a * w + row, x),
        tf.scan(lambda a, row: a * w + row, x, initializer=tf.ones([2])),
        tf.scan(lambda a, row: a * w + row, x, reverse=True),
        tf.scan(lambda a, row: (a[0] + 1, a[1] * row), x, initializer=(0, tf.ones([2]))),
        tf.foldl(lambda a, row: a * w + row, x),
        tf.foldr(lambda a, row: a * w + row, x, initializer=tf.zeros([2])),
        tf.foldl(lambda a, row: a + tf.cond(row[0] > 1.0, lambda: row[0], lambda: row[1]), x, initializer=0.0),
    ]
    wanted = [results[0], results[1][0], *results[2:5], *results[6:]]
    found = [tf.gradients(tf.reduce_sum(result * result), [x, w]) for result in wanted]
    note("shapes", [str(result.shape) for result in wanted])
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        note("values", session.run(results, {x: ROWS}))
        note("gradients", session.run([[each for each in pair if each is not None] for pair in found], {x: ROWS}))
        note("one row", session.run(results, {x: ROWS[:1]}))
        note("no rows", session.run([results[0], results[3], results[7]], {x: ROWS[:0]}))
    note("scalar", lambda: tf.map_fn(lambda x: x, tf.constant(1.0)))


def gradients_inside(tf: Any, note: Note) -> None:
    x = tf.placeholder(tf.float32, [])
    w = tf.Variable(3.0)
    y = w * w * x
    slope = tf.cond(x > 0, lambda: tf.gradients(y, w)[0], lambda: tf.constant(0.0))
    descended = tf.while_loop(
        lambda i, p: i < 5, lambda i, p: (i + 1, p - 0.1 * tf.gradients((p - x) * (p - x), p)[0]), [0, w * 1.0]
    )[1]
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        note("slope", [session.run(slope, {x: value}) for value in (2.0, -2.0)])
        note("descended", session.run(descended, {x: 1.0}))


def loops_whose_variables_grow(tf: Any, note: Note) -> None:
    x, w = tf.placeholder(tf.float32, [None, 2]), tf.Variable(1.5)
    shapes = [tf.TensorShape([]), tf.TensorShape([None, 2])]
    _, grown = tf.while_loop(
        lambda i, y: i < 4, lambda i, y: (i + 1, tf.concat([y, y[-1:] * w], 0)), [0, x], shape_invariants=shapes
    )
    total = tf.reduce_sum(grown * w)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for rows in (ROWS, ROWS[:1]):
            note("grown", session.run([grown, total, tf.shape(grown)], {x: rows}))
        note("not run at all", session.run(tf.while_loop(lambda y: False, lambda y: (y,), [x]), {x: ROWS}))


def python_functions_inside(tf: Any, note: Note) -> None:
    seen: list[float] = []

    def doubled(value: Any) -> Any:
        seen.append(float(value))
        return np.float32(value * 2)

    def called(tensor: Any) -> Any:
        return tf.reshape(tf.py_func(doubled, [tensor], tf.float32), [])

    x, w, total = tf.placeholder(tf.float32, [None]), tf.Variable(1.5), tf.Variable(0.0)
    _, looped = tf.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, called(y)), [0, tf.constant(1.0)])
    branch = tf.cond(tf.reduce_sum(x) > 3.0, lambda: called(w), lambda: tf.constant(-1.0))
    mapped = tf.map_fn(called, x)
    _, folded = tf.scan(lambda carried, each: (carried[0] + 1.0, called(each)), x, (0.0, 0.0))
    array = tf.TensorArray(tf.float32, size=3)
    _, written = tf.while_loop(
        lambda i, rows: i < 3, lambda i, rows: (i + 1, rows.write(i, called(tf.cast(i, tf.float32)))), [0, array]
    )

    def counted(i: Any) -> Any:
        with tf.control_dependencies([total.assign_add(called(total + 1.0))]):
            return i + 1

    counting = tf.while_loop(lambda i: i < 3, counted, [0])
    stacked = written.stack()
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        note("loop", session.run(looped))
        note("taken", session.run(branch, {x: X}))
        note("not taken", session.run(branch, {x: -X}))
        note("seen", list(seen))
        note("rows", session.run([mapped, folded], {x: X}))
        note("array", session.run(stacked))
        note("state", [session.run(counting), session.run(total)])
        note("calls", sorted(seen))


def sizes_that_are_computed_inside(tf: Any, note: Note) -> None:
    x, count = tf.placeholder(tf.float32, [None]), tf.placeholder(tf.int32, [])

    def longer(i: Any, total: Any) -> Any:
        picked = tf.boolean_mask(x, x > tf.cast(i, tf.float32))
        return i + 1, total + tf.reduce_sum(tf.ones([i + 1])) + 10 * tf.reduce_sum(picked)

    looped = tf.while_loop(lambda i, total: i < count, longer, [0, 0.0])
    is_large = tf.reduce_sum(x) > 3
    picked = tf.cond(is_large, lambda: tf.reduce_sum(tf.boolean_mask(x, x > 1.0) ** 2), lambda: 0.0)
    total = tf.reduce_sum(tf.cast(x, tf.int32))
    sized = tf.cond(is_large, lambda: tf.ones([total]), lambda: tf.zeros([count]))

    def inner(i: Any, total: Any) -> Any:
        _, found = tf.while_loop(
            lambda j, _: j < 2, lambda j, sum: (j + 1, sum + tf.reduce_sum(tf.ones([i + j]))), [0, 0.0]
        )
        return i + 1, total + found

    nested = tf.while_loop(lambda i, _: i < 2, inner, [0, 0.0])
    gradient = tf.gradients(picked, x)[0]
    with tf.Session() as session:
        note("nested", session.run(nested))
        for rows in (X, X[:2] / 2):
            note("all", session.run([looped, picked, sized, gradient], {x: rows, count: 3}))


def strings_inside(tf: Any, note: Note) -> None:
    words, flag, count = tf.placeholder(tf.string, [None]), tf.placeholder(tf.bool, []), tf.placeholder(tf.int32, [])
    branch = tf.cond(flag, lambda: words[0], lambda: tf.constant("none"))
    mapped = tf.map_fn(lambda word: tf.where(tf.equal(word, "b"), "found", word), words)
    _, last = tf.while_loop(lambda i, _: i < count, lambda i, _: (i + 1, words[i]), [0, ""])
    kept = tf.Variable("first", name="kept")
    keep = tf.assign(kept, words[1])
    moved = [
        tf.concat([words, ["end"]], 0),
        tf.reshape(tf.stack([words, words]), [-1]),
        tf.gather(words, [1, 0, 1]),
        tf.boolean_mask(words, tf.not_equal(words, "a")),
        tf.pad(words, [[1, 0]]),
        tf.zeros_like(words),
        tf.tile(words[:1], [3]),
        tf.fill([2], "x"),
    ]
    sized = tf.cond(tf.equal(words[0], "a"), lambda: tf.zeros([2]), lambda: tf.zeros([3]))
    note("static", [str(branch.shape), str(mapped.shape), branch.dtype.name])
    note("cast", lambda: tf.nn.relu(words))
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        note("variable", session.run(kept).decode())
        for fed in (["a", "b"], ["c", "\u00e9", ""]):
            for chosen in (True, False):
                note("branch", session.run(branch, {words: fed, flag: chosen}).decode())
            note("mapped", [each.decode() for each in session.run(mapped, {words: fed})])
            note("last", session.run(last, {words: fed, count: 2}).decode())
            note("moved", [[text.decode() for text in each] for each in session.run(moved, {words: fed})])
            note("sized", session.run(sized, {words: fed}))
            session.run(keep, {words: fed})
            note("kept", session.run(kept).decode())


PROGRAMS = [
    branches,
    what_branches_may_be,
    branches_that_change_state,
    cases,
    loops,
    loops_of_structures,
    what_loops_may_be,
    loops_that_change_state,
    tensor_arrays,
    scans,
    gradients_inside,
    loops_whose_variables_grow,
    python_functions_inside,
    sizes_that_are_computed_inside,
    strings_inside,
]
