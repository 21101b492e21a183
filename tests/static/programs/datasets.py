"""Programs of tf.data: what datasets give, in which order, and what iterators say."""

from __future__ import annotations

import collections
from typing import Any

import numpy as np

from tests.static.programs.notes import Note

Point = collections.namedtuple("Point", "x y")
ROWS = np.arange(10, dtype=np.float32).reshape(5, 2)


def elements(tf: Any, dataset: Any, count: int = 30) -> list[Any]:
    """The elements, as many at most, then the class of the error that ended them."""
    iterator = tf.data.make_initializable_iterator(dataset)
    following = iterator.get_next()
    found: list[Any] = [[str(tf.data.get_output_shapes(dataset)), str(tf.data.get_output_types(dataset))]]
    with tf.Session() as session:
        session.run(iterator.initializer)
        try:
            while len(found) <= count:
                found.append(plain(session.run(following)))
        except tf.errors.OpError as error:
            found.append(type(error).__name__)
    return found


def plain(value: Any) -> Any:
    """An element without bytes, which notes do not hold, and scalars as arrays."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, tuple):
        return type(value)(*map(plain, value)) if hasattr(value, "_fields") else tuple(map(plain, value))
    array = np.asarray(value)
    return [text.decode() for text in array.reshape(-1)] if array.dtype.kind in "OS" else array


def sources(tf: Any, note: Note) -> None:
    data = tf.data.Dataset
    made = {
        "tensors": data.from_tensors((ROWS, "a")),
        "slices": data.from_tensor_slices((ROWS, ["a", "b", "c", "d", "e"])),
        "dictionary": data.from_tensor_slices({"b": [1, 2], "a": (ROWS[:2], [True, False])}),
        "named": data.from_tensor_slices(Point([1, 2], [3.0, 4.0])),
        "list is a tensor": data.from_tensor_slices([[1, 2], [3, 4]]),
        "range": data.range(4),
        "range by step": data.range(10, 1, -3),
        "zip": data.zip((data.range(3), {"x": data.range(5, 9)})),
        "concatenate": data.range(2).concatenate(data.range(7, 9)),
        "concatenate of shapes": data.from_tensors([1]).concatenate(data.from_tensors([2, 3])),
    }
    for label, dataset in made.items():
        note(label, elements(tf, dataset))
    note("scalars", lambda: data.from_tensor_slices(3))
    note("other lengths", lambda: data.from_tensor_slices(([1, 2], [1])))
    note("other types", lambda: data.range(2).concatenate(data.from_tensors(1.0)))
    note("zip of a list", lambda: data.zip([data.range(3)]))
    note("range of nothing", lambda: data.range())
    note("iterated", lambda: iter(data.range(3)))


def orders(tf: Any, note: Note) -> None:
    data = tf.data.Dataset
    for label, dataset in {
        "repeat": data.range(3).repeat(2),
        "repeat for ever": data.range(2).repeat().take(5),
        "repeat of nothing": data.range(0).repeat(),
        "repeat none": data.range(3).repeat(0),
        "take": data.range(3).take(2),
        "take all": data.range(3).take(-1),
        "skip": data.range(3).skip(2),
        "skip all": data.range(3).skip(-1),
        "shard": data.range(7).shard(3, 1),
        "cache": data.range(3).cache().repeat(2),
        "prefetch": data.range(3).prefetch(1),
        "enumerate": data.from_tensor_slices(["a", "b"]).enumerate(5),
        "rows in parts": data.from_tensor_slices(ROWS).skip(1).repeat(2).take(5).batch(2),
    }.items():
        note(label, elements(tf, dataset))
    for label, wrong in {
        "shard of none": lambda: data.range(3).shard(0, 0),
        "shard beyond": lambda: data.range(3).shard(2, 2),
        "buffer of none": lambda: data.range(3).shuffle(0),
    }.items():
        note(label, lambda wrong=wrong: elements(tf, wrong()))
    shuffled = elements(tf, data.range(20).shuffle(5, seed=1), 20)[1:]
    note("shuffled", sorted(int(each) for each in shuffled))
    note("within the buffer", all(int(each) <= place + 4 for place, each in enumerate(shuffled)))


def batches(tf: Any, note: Note) -> None:
    data = tf.data.Dataset
    ragged = data.range(1, 5).map(lambda x: tf.fill([x], x))
    for label, dataset in {
        "batch": data.range(5).batch(2),
        "whole ones": data.range(5).batch(2, drop_remainder=True),
        "of strings": data.from_tensor_slices((["a", "bc", "d"], ROWS[:3])).batch(2),
        "of batches": data.range(8).batch(2).batch(2),
        "padded": ragged.padded_batch(2, [None]),
        "padded to a size": ragged.padded_batch(3, [5], tf.constant(9, tf.int64)),
        "padded whole": ragged.padded_batch(3, [None], drop_remainder=True),
        "padded nest": data.zip((ragged, data.from_tensor_slices(["a", "b", "c"]))).padded_batch(2, ([-1], [])),
        "padded strings": data.from_tensor_slices([["a"], ["b"]]).padded_batch(2, [3], "x"),
        "unbatched": data.from_tensor_slices(ROWS[:2]).unbatch(),
        "windows": data.range(7).window(3, 2, 2).flat_map(lambda window: window.batch(3)),
        "whole windows": data.range(7).window(3, 1, drop_remainder=True).flat_map(lambda window: window.batch(3)),
        "windows of pairs": data.zip((data.range(4), data.range(4, 8)))
        .window(2)
        .flat_map(lambda left, right: data.zip((left.batch(2), right.batch(2)))),
    }.items():
        note(label, elements(tf, dataset))
    note("ragged", elements(tf, ragged.batch(2)))
    note("padded too small", elements(tf, ragged.padded_batch(4, [2])))
    note("batch of none", lambda: elements(tf, data.range(3).batch(0)))
    note("shape that cannot be", lambda: data.from_tensors([1, 2]).padded_batch(2, [1]))
    note("padding of another type", lambda: data.from_tensors([1, 2]).padded_batch(2, [3], 1.0))
    note("unbatched scalars", lambda: data.range(3).unbatch())


def functions(tf: Any, note: Note) -> None:
    data = tf.data.Dataset
    offset, scale = tf.constant(3, tf.int64), tf.placeholder_with_default(tf.constant(2, tf.int64), [])
    for label, dataset in {
        "map": data.range(3).map(lambda x: x * scale + offset),
        "map to a nest": data.range(2).map(lambda x: {"a": x, "b": (x + 1, tf.as_string(x))}),
        "map of a pair": data.zip((data.range(3), data.range(3))).map(lambda a, b: a * b),
        "map of a dictionary": data.from_tensor_slices({"a": [1, 2]}).map(lambda d: d["a"] + 1),
        "map of a named tuple": data.from_tensor_slices(Point([1, 2], [3, 4])).map(lambda p: p.x + p.y),
        "map to a list": data.range(2).map(lambda x: [x, x + 1]),
        "map in parallel": data.range(4).map(lambda x: x + 1, num_parallel_calls=2),
        "map by Python": data.range(3).map(lambda x: tf.py_func(lambda a: a * 2, [x], tf.int64)),
        "condition in a map": data.range(4).map(lambda x: tf.cond(x > 1, lambda: x * 10, lambda: x)),
        "filter": data.range(6).filter(lambda x: tf.equal(x % 2, 0)),
        "filter of a pair": data.zip((data.range(4), data.range(4, 8))).filter(lambda a, b: a + b > 7),
        "flat map": data.range(4).flat_map(lambda x: data.range(x)),
        "interleave": data.range(1, 5).interleave(
            lambda x: data.from_tensors(x).repeat(x), cycle_length=2, block_length=2
        ),
        "interleave of three": data.range(1, 6).interleave(lambda x: data.range(x), cycle_length=3, block_length=1),
    }.items():
        note(label, elements(tf, dataset))
    with tf.Session() as session:
        note("reduce", session.run(data.range(5).reduce(np.int64(0), lambda total, x: total + x)))
        pairs = data.zip((data.range(3), data.from_tensor_slices([1.0, 2.0, 3.0])))
        last = pairs.reduce({"n": np.int64(0), "x": 0.5}, lambda s, p: {"n": s["n"] + p[0], "x": s["x"] * p[1]})
        note("reduce of pairs", session.run(last))
    note("reduce to another type", lambda: data.range(3).reduce(np.int64(0), lambda total, x: 1.0))
    note("predicate of numbers", lambda: data.range(3).filter(lambda x: x))
    note("apply", elements(tf, data.range(3).apply(lambda dataset: dataset.skip(1))))
    note("apply of another thing", lambda: data.range(3).apply(lambda dataset: 3))
    failing = data.from_tensor_slices([1.0, 0.0, 2.0]).map(lambda x: tf.check_numerics(1.0 / x, "bad"))
    note("failing", elements(tf, failing))
    note("ignored", elements(tf, failing.apply(tf.data.experimental.ignore_errors())))


def generators(tf: Any, note: Note) -> None:
    data = tf.data.Dataset

    def counting(stop: Any = 3) -> Any:
        for number in range(int(stop)):
            yield number, [float(number)] * number

    types, shapes = (tf.int32, tf.float32), ([], [None])
    note("generator", elements(tf, data.from_generator(counting, types, shapes).repeat(2)))
    note("with arguments", elements(tf, data.from_generator(counting, types, shapes, args=(2,))))
    note("of strings", elements(tf, data.from_generator(lambda: iter(["a", "b"]), tf.string)))
    note("of a dictionary", elements(tf, data.from_generator(lambda: iter([{"a": 1}]), {"a": tf.int64})))
    note("another shape", elements(tf, data.from_generator(lambda: iter([[1, 2]]), tf.int32, [3])))
    note("no call", lambda: data.from_generator([1, 2], tf.int32))


def iterators(tf: Any, note: Note) -> None:
    data, placeholder = tf.data.Dataset, tf.placeholder(tf.int64, [])
    sized = tf.data.make_initializable_iterator(data.range(placeholder))
    following = sized.get_next()
    note("names", [following.name, following.op.type, sized.initializer.name, sized.initializer.type])
    one = tf.data.make_one_shot_iterator(data.range(3))
    pair = (one.get_next(), one.get_next("another"))
    switched = tf.data.Iterator.from_structure(tf.int64, [])
    value = switched.get_next()
    first, second = switched.make_initializer(data.range(2)), switched.make_initializer(data.range(5, 9), name="second")
    handle = tf.placeholder(tf.string, [])
    feedable = tf.data.Iterator.from_string_handle(handle, tf.int64, []).get_next() * 10
    with tf.Session() as session:
        note("not begun", lambda: session.run(following))
        for stop in (2, 3):
            session.run(sized.initializer, {placeholder: stop})
            note("sized", [int(session.run(following + 1)) for _ in range(stop)])
            note("at the end", lambda: session.run(following))
        note("two a run", sorted(int(each) for each in session.run(pair)))
        note("one left", lambda: session.run(pair))
        for begin in (first, second, first):
            session.run(begin)
            note("switched", [int(session.run(value)) for _ in range(2)])
        session.run(sized.initializer, {placeholder: 4})
        name = session.run(sized.string_handle())
        note("by handle", [int(session.run(feedable, {handle: name})), int(session.run(following))])
        note("once a run", [int(each) for each in session.run([following + 0, following * 1])])
    with tf.Session() as session:
        note("another session", int(session.run(pair[0])))
    note("no initializer", lambda: one.initializer)
    note("another type", lambda: switched.make_initializer(data.from_tensors(1.0)))
    note("another shape", lambda: switched.make_initializer(data.range(3).batch(2)))


def experimental(tf: Any, note: Note) -> None:
    data, more = tf.data.Dataset, tf.data.experimental
    lengths = data.from_tensor_slices([1, 3, 2, 5, 1, 4]).map(lambda n: tf.fill([n], n))
    for label, dataset in {
        "map and batch": data.range(5).apply(more.map_and_batch(lambda x: x * 2, 2)),
        "group": data.range(7).apply(
            more.group_by_window(lambda x: x % 2, lambda key, group: group.batch(3), window_size=3)
        ),
        "buckets": lengths.apply(more.bucket_by_sequence_length(tf.size, [3], [2, 2])),
        "scan": data.range(4).apply(more.scan(np.int64(1), lambda state, x: (state + x, state * 10 + x))),
        "take while": data.range(9).apply(more.take_while(lambda x: x < 3)),
        "unique": data.from_tensor_slices([1, 2, 1, 3, 2]).apply(more.unique()),
        "choose": more.choose_from_datasets(
            [data.range(3), data.range(10, 12)], data.from_tensor_slices(np.array([0, 1, 1, 0, 1, 0], np.int64))
        ),
        "counter": more.Counter(3, 2).take(3),
    }.items():
        note(label, elements(tf, dataset))
    sampled = elements(tf, more.sample_from_datasets([data.range(3), data.range(10, 13)], seed=1))[1:]
    note("sampled", sorted(int(each) for each in sampled if not isinstance(each, str)))
    with tf.Session() as session:
        note("single", int(session.run(more.get_single_element(data.range(1)))))
        note("single of several", lambda: session.run(more.get_single_element(data.range(2))))


PROGRAMS = [sources, orders, batches, functions, generators, iterators, experimental]
