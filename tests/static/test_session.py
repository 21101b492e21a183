"""Sessions: fetches, feeds, errors, defaults, threads, and the cache of programs."""

import collections
import threading

import diptych.static as tf
import numpy as np
import pytest
from diptych import backends
from diptych.backends.settings import configure
from diptych.ir import Unsupported
from diptych.static.running import numbers, stages


@pytest.fixture
def session():
    return tf.Session()


Point = collections.namedtuple("Point", "x y")


def test_nests_of_fetches(session):
    x = tf.placeholder(tf.float32, [2], name="x")
    y = x * 2
    step = tf.no_op("step")
    fed = {x: [1, 2]}
    assert session.run(y, fed).tolist() == [2, 4]
    assert session.run(step) is None and session.run([step, step]) == [None, None]
    assert session.run("mul:0", fed).tolist() == [2, 4] and session.run("step") is None
    assert session.run([], fed) == [] and session.run({}, fed) == {}
    found = session.run({"a": y, "b": [x, (y, step)], "c": Point(x, y)}, fed)
    assert found["a"].tolist() == [2, 4] and found["b"][0].tolist() == [1, 2]
    assert isinstance(found["b"][1], tuple) and found["b"][1][1] is None
    assert isinstance(found["c"], Point) and found["c"].y.tolist() == [2, 4]
    ordered = session.run(collections.OrderedDict([("z", x), ("a", y)]), fed)
    assert list(ordered) == ["z", "a"] and ordered["a"].tolist() == [2, 4]
    assert [v.tolist() for v in session.run([y, x, y], fed)] == [[2, 4], [1, 2], [2, 4]]


def test_scalars_are_numpys(session):
    found = session.run(tf.constant(1.5) + 1)
    assert type(found) is np.float32 and found == 2.5


@pytest.mark.parametrize(
    ("fetch", "error", "message"),
    [
        (None, TypeError, "Fetch argument None has invalid type <class 'NoneType'>"),
        (
            3,
            TypeError,
            "Fetch argument 3 has invalid type <class 'int'>, must be a string or Tensor. "
            "(Can not convert a int into a Tensor or Operation.)",
        ),
        (
            "q",
            ValueError,
            "Fetch argument 'q' cannot be interpreted as a Tensor. "
            "(\"The name 'q' refers to an Operation not in the graph.\")",
        ),
    ],
)
def test_fetches_refused(session, fetch, error, message):
    tf.no_op()
    with pytest.raises(error) as caught:
        session.run([fetch])
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("key", "value", "error", "message"),
    [
        ("x:0", [1, 2, 3], ValueError, "Cannot feed value of shape (3,) for Tensor 'x:0', which has shape '(?, 2)'"),
        (3, [1], TypeError, "Cannot interpret feed_dict key as Tensor: Can not convert a int into a Tensor."),
        (
            "y:0",
            [1],
            TypeError,
            "Cannot interpret feed_dict key as Tensor: The name 'y:0' refers to a Tensor which does not exist. "
            "The operation, 'y', does not exist in the graph.",
        ),
        ("x:0", "a", ValueError, "could not convert string to float: 'a'"),
        (
            "n:0",
            2**40,
            TypeError,
            "Type of feed value 1099511627776 with type <class 'int'> is not compatible with Tensor type "
            "<class 'numpy.int32'>. Try explicitly setting the type of the feed tensor to a larger type (e.g. int64).",
        ),
    ],
)
def test_feeds_refused(session, key, value, error, message):
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    tf.placeholder(tf.int32, [], name="n")
    with pytest.raises(error) as caught:
        session.run(x, {key: value})
    assert str(caught.value) == message


def test_feeding_a_tensor(session):
    x = tf.placeholder(tf.float32, [2], name="x")
    with pytest.raises(TypeError, match=r"^The value of a feed cannot be a tf.Tensor object."):
        session.run(x, {x: tf.zeros([2])})
    with pytest.raises(TypeError, match=r"^feed_dict must be a dictionary, but is list$"):
        session.run(x, [x])


def test_nests_may_be_fed(session):
    a, b, c = (tf.placeholder(tf.float32, [], name=name) for name in "abc")
    total = a + 10 * b + 100 * c
    assert session.run(total, {Point(a, b): Point(1, 2), c: 3}) == 321
    assert session.run(total, {(a, (b, c)): [1, (2, 3)]}) == 321 and session.run(total, {(a, (b, c)): (1, 2, 3)}) == 321
    for wrong in ((1,), 1):
        with pytest.raises(
            ValueError, match=r"^Could not flatten dictionary. Key had 2 elements, but value had 1 elem"
        ):
            session.run(total, {(a, b): wrong, c: 3})
    with pytest.raises(ValueError, match=r"^Cannot flatten dict because this key is not unique: Tensor\(\"a:0\""):
        session.run(total, {(a, b): (1, 2), a: 3})


def test_of_two_names_of_a_tensor_the_last_counts(session):
    a, b = tf.placeholder(tf.float32, [], name="a"), tf.placeholder(tf.float32, [])
    assert session.run([a, a + 10 * b], {a: 1, "a:0": 2, b: 3}) == [2, 32]


def test_feeds_are_cast_as_numpy_casts(session):
    n, flag = tf.placeholder(tf.int32, [None]), tf.placeholder(tf.bool, [])
    assert session.run(n, {n: [1.9, -1.9]}).tolist() == [1, -1] and session.run(flag, {flag: 3})
    x = tf.placeholder(tf.float32)
    assert session.run(x * 2, {x: np.arange(3)[::2]}).tolist() == [0, 4]


def test_any_tensor_may_be_fed(session):
    x = tf.placeholder(tf.float32, [], name="x")
    middle = x * 2
    end = middle + 1
    v = tf.Variable(5.0)
    sum_ = v + 1
    assert session.run(end, {middle: 10}) == 11
    assert session.run([end, middle], {middle: 10, x: 1}) == [11, 10]
    assert session.run(sum_, {v: 1.0}) == 2 and session.run(sum_, {v.value(): 3.0}) == 4
    assert session.run(tf.constant(3.0) + 1, {"Const:0": 7.0}) == 8
    with pytest.raises(ValueError, match=r"^Tensor Tensor\(.*\) may not be fed.$"):
        x.graph.prevent_feeding(end)
        session.run(end, {end: 1})


def test_fetching_what_is_fed(session):
    x = tf.placeholder(tf.float32, [None])
    fed = np.ones(2, np.float32)
    assert session.run([x, x + 1, x], {x: fed})[2].tolist() == [1, 1]


def test_placeholders_that_are_not_fed(session):
    x = tf.placeholder(tf.float32, [None, 784], name="x")
    y = tf.placeholder(tf.float64, name="y")
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        session.run(x * 2)
    assert str(caught.value).split("\n")[:2] == [
        "You must feed a value for placeholder tensor 'x' with dtype float and shape [?,784]",
        "\t [[{{node x}}]]",
    ]
    assert caught.value.op is x.op and caught.value.error_code == tf.errors.INVALID_ARGUMENT == 3
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        session.run(y)
    assert caught.value.message == "You must feed a value for placeholder tensor 'y' with dtype double"


def test_placeholder_with_default(session):
    x = tf.placeholder_with_default([1.0, 2.0], [None])
    assert session.run(x * 2).tolist() == [2, 4] and session.run(x * 2, {x: [5]}).tolist() == [10]
    assert x.shape.as_list() == [None]


def _rows():
    places = tf.placeholder(tf.int32, [None], name="places")
    return tf.gather(tf.constant([1.0, 2.0]), places, name="rows") * 2.0


@pytest.mark.numpy_alone("XLA raises nothing for an index that is out of range")
def test_errors_of_values_at_run_time():
    """They name the operation, also of an equal program that another graph had compiled before."""
    for number in range(2):
        with tf.Graph().as_default() as graph, tf.Session() as session:
            result = _rows()
            assert session.run(result, {"places:0": [1]}) == [4]
            with pytest.raises(tf.errors.InvalidArgumentError) as caught:
                session.run(result, {"places:0": [number + 5]})
            assert caught.value.op is graph.get_operation_by_name("rows") and caught.value.node_def.name == "rows"
            lines = str(caught.value).split("\n")
            wanted = f"gather: indices[0] is {number + 5} but must be from 0 to 1: axis 0 has size 2"
            assert lines[:2] == [wanted, "\t [[{{node rows}}]]"] and "tf.gather(" in lines[2] and len(lines) == 3


def test_errors_of_shapes_at_run_time(session):
    x, y = tf.placeholder(tf.float32, [None]), tf.placeholder(tf.float32, [None])
    sum_ = tf.add(x, y, name="sum")
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        session.run(sum_, {x: [1, 2], y: [1, 2, 3]})
    lines = str(caught.value).split("\n")
    assert lines[:2] == ["Incompatible shapes: [2] vs. [3]", "\t [[{{node sum}}]]"]
    assert lines[2].endswith('sum_ = tf.add(x, y, name="sum")')


def test_closed_and_empty(session):
    with pytest.raises(RuntimeError, match=r"^The Session graph is empty.  Add operations to the graph before"):
        session.run("x:0")
    x = tf.constant(1.0)
    session.run(x)
    session.close()
    with pytest.raises(RuntimeError, match=r"^Attempted to use a closed Session.$"):
        session.run(x)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"target": 3}, "target must be a string, but got <class 'int'>"),
        ({"graph": 3}, "graph must be a tf.Graph, but got <class 'int'>"),
        ({"config": 3}, "config must be a tf.ConfigProto, but got <class 'int'>"),
    ],
)
def test_arguments_refused(options, message):
    with pytest.raises(TypeError) as caught:
        tf.Session(**options)
    assert str(caught.value) == message


def test_servers_are_refused():
    with pytest.raises(Unsupported) as caught:
        tf.Session("grpc://localhost:2222")
    assert str(caught.value).splitlines()[0] == (
        "tf.Session: target is 'grpc://localhost:2222' but must be empty: there are no servers"
    )


def test_configurations_are_accepted():
    config = tf.ConfigProto(gpu_options=tf.GPUOptions(per_process_gpu_memory_fraction=0.5), log_device_placement=True)
    config.gpu_options.allow_growth = True
    config.graph_options.optimizer_options.opt_level = 1
    x = tf.constant(1.0)
    with tf.Session(config=config) as session:
        metadata = tf.RunMetadata()
        assert session.run(x, options=tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE), run_metadata=metadata) == 1


def test_default_sessions():
    x = tf.constant(2.0)
    with tf.Session() as session:
        assert tf.get_default_session() is session and x.eval() == 2
        x.op.run()
        with tf.Session() as inner:
            assert tf.get_default_session() is inner
        assert tf.get_default_session() is session
    assert tf.get_default_session() is None
    with pytest.raises(RuntimeError, match=r"closed"):
        session.run(x)
    kept = tf.Session()
    with kept.as_default():
        assert x.eval() == 2
    assert kept.run(x) == 2


def test_a_session_makes_its_graph_the_default():
    graph = tf.Graph()
    with graph.as_default():
        x = tf.constant(3.0)
    with tf.Session(graph=graph):
        assert tf.get_default_graph() is graph and (x + 1).eval() == 4


def test_interactive_session():
    session = tf.InteractiveSession()
    x = tf.placeholder(tf.float32, [])
    assert (x + 1).eval({x: 1}) == 2 and (x + 2).eval(feed_dict={x: 1}, session=session) == 3
    session.close()
    assert tf.get_default_session() is None


def test_make_callable(session):
    x, y = tf.placeholder(tf.float32, []), tf.placeholder(tf.float32, [])
    run = session.make_callable([x + y, x * y], [x, y])
    assert run(2, 3) == [5, 6]
    with pytest.raises(TypeError, match=r"^the callable takes 2 values but got 1$"):
        run(2)


def test_graphs_may_grow_between_runs(session):
    x = tf.placeholder(tf.float32, [])
    y = x + 1
    assert session.run(y, {x: 1}) == 2
    z = y * 10
    assert session.run([y, z], {x: 1}) == [2, 20]


def test_control_inputs_added_later_are_seen(session):
    v = tf.Variable(1.0)
    session.run(v.initializer)
    read = tf.identity(v)
    assert session.run(read) == 1
    read.op._add_control_input(v.assign(7.0).op)
    assert session.run(read) == 7


# -- programs ----


def _misses(run):
    before = backends.cache_statistics().misses
    run()
    return backends.cache_statistics().misses - before


@pytest.mark.numpy_alone("other backends compile each size")
def test_one_program_for_each_shape_that_comes_again(session):
    x = tf.placeholder(tf.float32, [None, 37])
    y = tf.reduce_sum(x * 41.5)
    assert _misses(lambda: [session.run(y, {x: np.ones((3, 37))}) for _ in range(3)]) == 1
    assert _misses(lambda: [session.run(y, {x: np.ones((n, 37))}) for n in (4, 5, 6)]) == 0
    assert _misses(lambda: session.run(y, {x: np.ones((4, 37))})) == 1
    assert _misses(lambda: session.run(y, {x: np.ones((3, 37))})) == 0
    assert _misses(lambda: tf.Session().run(y, {x: np.ones((3, 37))})) == 0


def test_sizes_that_are_fed(session):
    n = tf.placeholder(tf.int32, [])
    x = tf.zeros([n, 2]) + 1
    assert session.run(x, {n: 3}).shape == (3, 2) and session.run(x, {n: 4}).shape == (4, 2)
    assert _misses(lambda: session.run(x, {n: 3})) == 0
    assert session.run(tf.range(n), {n: 4}).tolist() == [0, 1, 2, 3]
    shape = tf.placeholder(tf.int32, [None])
    assert session.run(tf.reshape(tf.range(6), shape), {shape: [2, -1]}).shape == (2, 3)


@pytest.mark.numpy_alone("XLA raises nothing for an index that is out of range")
def test_indices_that_are_fed_make_no_new_program(session):
    i = tf.placeholder(tf.int32, [])
    x = tf.constant(np.arange(43.0))
    row, block = x[i], x[i : i + 3]
    session.run([row, block], {i: 0})
    assert _misses(lambda: session.run([row, block], {i: 5})) == 0
    found = session.run([row, block], {i: 7})
    assert found[0] == 7 and found[1].tolist() == [7, 8, 9] and session.run(x[i], {i: -1}) == 42
    with pytest.raises(tf.errors.InvalidArgumentError):
        session.run(row, {i: 43})


def test_threads_share_a_session(session):
    v = tf.Variable(0.0)
    x = tf.placeholder(tf.float32, [])
    step = v.assign_add(x)
    session.run(v.initializer)
    threads = [threading.Thread(target=lambda: [session.run(step, {x: 1.0}) for _ in range(50)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert session.run(v) == 200


def test_threads_find_that_a_loop_is_the_hosts(session, monkeypatch):
    """Two threads learn at once that a program cannot hold a loop: both go on with what the first one prepared."""
    n = tf.placeholder(tf.int32, [])
    grown = tf.while_loop(
        lambda i, _: i < n, lambda i, x: (i + 1, tf.concat([x, x], 0)), (0, tf.ones([1])),
        shape_invariants=(tf.TensorShape([]), tf.TensorShape([None])),
    )[1]  # fmt: skip
    both_tried, found, errors = threading.Barrier(2, timeout=60), [], []
    give = stages.Stages._give_to_host

    def later(self, *args):
        both_tried.wait()
        give(self, *args)

    def run():
        try:
            found.append(session.run(grown, {n: 3}).shape)
        except Exception as error:
            errors.append(error)

    monkeypatch.setattr(stages.Stages, "_give_to_host", later)
    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors and found == [(8,), (8,)]


def test_programs_are_kept_within_bounds(session, monkeypatch):
    monkeypatch.setattr(numbers, "MAX_KEPT", 3)
    x, n = tf.placeholder(tf.float32, [None]), tf.placeholder(tf.int32, [])
    y, z = x * 2, tf.zeros([n])
    for size in [1, 2, 2, 3, 3, 4, 4, 5, 5, 1]:
        assert session.run(y, {x: np.ones(size)}).shape == (size,) and session.run(z, {n: size}).shape == (size,)
    sizes = [len(plan.stages._parts.program._variants) for plan in session._plans.values()]
    elements = [
        len(v.programs) for plan in session._plans.values() for v in plan.stages._parts.program._variants.values()
    ]
    assert sorted(sizes) == [1, 3] and sorted(elements) == [1, 1, 1, 3]


def test_what_is_measured_before_a_run_is_told(session, capsys):
    x = tf.placeholder(tf.float32, [None])
    picked = tf.boolean_mask(x, x > 1.0)
    configure(log="sync")
    try:
        assert session.run(picked, {x: [0.0, 2.0, 3.0]}).tolist() == [2, 3]
    finally:
        configure(log=[])
    told = capsys.readouterr().err
    assert told.startswith("diptych: sync: boolean_mask/") and "tf.boolean_mask(x, x > 1.0)" in told
