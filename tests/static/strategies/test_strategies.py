"""What strategies make of values, variables and datasets; what they refuse, and how."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import diptych.static as tf
import numpy as np
import pytest
from diptych.ir import Unsupported

DISTRIBUTE, CONTRIB = tf.distribute, tf.contrib.distribute
SUM, MEAN = DISTRIBUTE.ReduceOp.SUM, DISTRIBUTE.ReduceOp.MEAN
ROWS = [[1.0, 2.0], [3.0, 5.0]]


@pytest.fixture(params=["mirrored", "one device", "central", "workers", "tpu"])
def strategy(request: Any) -> Any:
    return {
        "mirrored": DISTRIBUTE.MirroredStrategy,
        "one device": lambda: DISTRIBUTE.OneDeviceStrategy("/cpu:0"),
        "central": DISTRIBUTE.experimental.CentralStorageStrategy,
        "workers": DISTRIBUTE.experimental.MultiWorkerMirroredStrategy,
        "tpu": DISTRIBUTE.experimental.TPUStrategy,
    }[request.param]()


def test_what_it_is(strategy: Any) -> None:
    extended = strategy.extended
    assert strategy.num_replicas_in_sync == 1 and copy.deepcopy(strategy) is strategy
    assert extended.worker_devices == extended.parameter_devices == ("/replica:0/task:0/device:CPU:0",)
    assert extended.non_slot_devices([]) == extended.parameter_devices
    assert extended.should_checkpoint and extended.should_save_summary and extended.experimental_should_init
    assert not extended.experimental_require_static_shapes
    assert strategy.experimental_local_results(3) == strategy.unwrap(3) == (3,) and extended.value_container(3) == 3
    config = tf.ConfigProto()
    assert strategy.update_config_proto(config) is config and strategy.configure(config) is None
    done = tf.no_op()
    assert strategy.group(done) is done and strategy.group([tf.constant(1)]).type == "Const"
    assert strategy.group({"a": done, "b": tf.constant(1)}).type == "NoOp" and strategy.group(None) is None
    assert strategy.group(done, name="all").name == "all"
    assert DISTRIBUTE.get_loss_reduction() is SUM and DISTRIBUTE.Server is tf.train.Server


@pytest.mark.parametrize(
    ("op", "axis", "wanted"),
    [
        (SUM, None, ROWS),
        (MEAN, None, ROWS),
        ("sum", 0, [4.0, 7.0]),
        (SUM, 1, [3.0, 8.0]),
        (MEAN, 0, [2.0, 3.5]),
        ("mean", -1, [1.5, 4.0]),
        (SUM, (0, 1), 11.0),
        (MEAN, (0, 1), 2.75),
    ],
)
def test_reductions(op: Any, axis: Any, wanted: Any) -> None:
    strategy = DISTRIBUTE.MirroredStrategy()
    fed = tf.placeholder(tf.float32)  # whose shape is not known
    with tf.Session() as session:
        for value in (tf.constant(ROWS), fed):
            np.testing.assert_array_equal(session.run(strategy.reduce(op, value, axis=axis), {fed: ROWS}), wanted)
        mean = strategy.reduce(MEAN, tf.constant([1, 2, 4]), axis=0)
        assert mean.dtype == tf.float64 and session.run(mean) == 7 / 3
        nest = strategy.reduce(SUM, {"a": 1.0, "b": (tf.constant(2),)}, axis=None)
        assert session.run(nest) == {"a": 1.0, "b": (2,)}


def test_all_reductions(strategy: Any) -> None:
    def function() -> Any:
        x = tf.constant([1.0, 2.0])
        context = DISTRIBUTE.get_replica_context()
        found = context.all_reduce(SUM, {"a": x, "b": [context.all_reduce("mean", 3.0)]})
        return found, tf.gradients(found["a"], x)

    found, gradients = strategy.run(function)
    with tf.Session() as session:
        found, (gradient,) = session.run((found, gradients))
    assert found["a"].tolist() == [1.0, 2.0] and found["b"] == [3.0] and gradient.tolist() == [1.0, 1.0]


def test_variables(strategy: Any) -> None:
    extended = strategy.extended
    with strategy.scope(), tf.Session() as session:
        v = tf.get_variable("v", initializer=1.0)
        assert isinstance(v, tf.Variable) and v.name == "v:0"
        with extended.colocate_vars_with(v):
            w = tf.get_variable("w", initializer=2.0)
        session.run(tf.global_variables_initializer())
        assert session.run(extended.update(v, lambda v, x: v.assign_add(x), (2.0,))) == 3.0
        assert extended.update(v, lambda v: DISTRIBUTE.in_cross_replica_context(), group=False) == (True,)
        assert extended.update_non_slot(extended.non_slot_devices([v]), lambda x: x, (4,)) == 4
        sums = extended.batch_reduce_to(SUM, [(w, v), (extended.read_var(v), w)])
        assert session.run([extended.reduce_to(SUM, w, v), *sums]) == [2.0, 2.0, 3.0]
        assert session.run([extended.broadcast_to(5.0, v), extended.read_var(tf.constant(6.0))]) == [5.0, 6.0]
        loss = strategy.run(lambda: tf.train.GradientDescentOptimizer(0.5).minimize(v * w, var_list=[w]))
        session.run(strategy.experimental_local_results(loss))
        assert session.run(w) == 0.5


def test_in_which_scope_a_variable_was_made(strategy: Any) -> None:
    other, default = DISTRIBUTE.MirroredStrategy(), DISTRIBUTE.get_strategy()
    outside = tf.Variable(1.0)
    with strategy.scope():
        inside = [tf.Variable(1.0), tf.get_variable("v", [2]), strategy.run(lambda: tf.Variable(2.0))]
    for variable in inside:
        assert strategy.extended.variable_created_in_scope(variable)
        assert not other.extended.variable_created_in_scope(variable)
        assert not default.extended.variable_created_in_scope(variable)
    assert default.extended.variable_created_in_scope(outside)
    assert not strategy.extended.variable_created_in_scope(outside)


def test_a_loop_over_a_finished_graph(strategy: Any) -> None:
    with strategy.scope():
        v, step = tf.get_variable("v", initializer=1.0), tf.train.get_or_create_global_step()
        optimizer = tf.train.GradientDescentOptimizer(0.25)
        train = strategy.experimental_run_v2(lambda: optimizer.minimize(v * v, global_step=step))
        with tf.train.MonitoredTrainingSession(hooks=[tf.train.StopAtStepHook(2)]) as session:
            while not session.should_stop():
                session.run(strategy.group(train))


def test_variables_of_several_replicas() -> None:
    read = tf.VariableSynchronization.ON_READ
    with DISTRIBUTE.MirroredStrategy().scope():
        options = {"synchronization": read, "aggregation": tf.VariableAggregation.SUM}
        v = tf.get_variable("v", [2], **options)
        layer = tf.keras.layers.Dense(2)
        kept = layer.add_weight("kept", (2,), **options)
        assert tf.trainable_variables() == [] and layer.non_trainable_weights == [kept] and not v.trainable
        with pytest.raises(ValueError) as caught:
            tf.get_variable("w", [2], trainable=True, **options)
    assert str(caught.value) == (
        "Synchronization value can be set to VariableSynchronization.ON_READ only for non-trainable variables. You have "
        "specified trainable=True and synchronization=VariableSynchronization.ON_READ."
    )
    assert DISTRIBUTE.ReduceOp.from_variable_aggregation(tf.VariableAggregation.MEAN) is MEAN
    with pytest.raises(
        ValueError, match=r"^Could not convert from `tf\.VariableAggregation` VariableAggregation\.NONE"
    ):
        DISTRIBUTE.ReduceOp.from_variable_aggregation(tf.VariableAggregation.NONE)


def test_datasets(strategy: Any) -> None:
    dataset = tf.data.Dataset.range(6).batch(2, drop_remainder=True)
    told: list[Any] = []

    def input_fn(context: Any) -> Any:
        told.append((context.num_input_pipelines, context.input_pipeline_id, context.num_replicas_in_sync))
        return dataset

    with strategy.scope(), tf.Session() as session:
        shared = strategy.experimental_distribute_dataset(dataset)
        assert isinstance(shared, tf.data.Dataset) and shared.element_spec == dataset.element_spec
        assert strategy.experimental_distribute_dataset(shared) is shared
        iterators = [
            strategy.make_dataset_iterator(dataset), shared.make_initializable_iterator(),
            tf.data.make_initializable_iterator(shared), strategy.make_input_fn_iterator(input_fn),
            strategy.experimental_distribute_datasets_from_function(input_fn).make_initializable_iterator(),
        ]  # fmt: skip
        for number, iterator in enumerate(iterators):
            element = iterator.get_next()
            assert element.shape.as_list() == [2] and iterator.output_types == tf.int64
            session.run(iterator.initializer if number % 2 or number == 4 else iterator.initialize())
            assert [session.run(element).tolist() for _ in range(3)] == [[0, 1], [2, 3], [4, 5]]
            with pytest.raises(tf.errors.OutOfRangeError):
                session.run(element)
        called = strategy.make_input_fn_iterator(lambda _: lambda: tf.constant(3))
        session.run([called.initializer, called.initialize()])
        assert session.run(strategy.experimental_run(lambda x: x + 1, called)) == 4
        assert session.run(strategy.experimental_run(lambda: tf.constant(5))) == 5
        rows = strategy.experimental_make_numpy_dataset((np.arange(4.0), np.arange(4)), session)
        assert session.run(rows.batch(4).make_one_shot_iterator().get_next())[1].tolist() == [0, 1, 2, 3]
    assert told == [(1, 0, 1)] * 2


def test_input_contexts() -> None:
    context = DISTRIBUTE.InputContext(3, 1, 6)
    assert context.get_per_replica_batch_size(12) == 2
    assert str(context) == "tf.distribute.InputContext(input pipeline id 1, total: 3)"
    assert DISTRIBUTE.InputContext().num_replicas_in_sync == 1
    with pytest.raises(AttributeError):
        context.input_pipeline_id = 2


def test_devices() -> None:
    mirrored = DISTRIBUTE.MirroredStrategy(["/gpu:0", "/job:w/task:1/gpu:1"], DISTRIBUTE.NcclAllReduce(2))
    assert mirrored.num_replicas_in_sync == 1 and mirrored.extended.worker_devices == (
        "/replica:0/task:0/device:GPU:0",
    )
    assert DISTRIBUTE.OneDeviceStrategy("/job:w/task:1/device:gpu:2").extended.worker_devices == (
        "/job:w/replica:0/task:1/device:GPU:2",
    )
    assert DISTRIBUTE.OneDeviceStrategy("").extended.worker_devices == ("/replica:0/task:0/device:CPU:0",)
    assert CONTRIB.MirroredStrategy(num_gpus=2).extended.worker_devices == ("/replica:0/task:0/device:GPU:0",)
    assert CONTRIB.MirroredStrategy(num_gpus_per_worker=0).extended.worker_devices == (
        "/replica:0/task:0/device:CPU:0",
    )
    assert CONTRIB.CollectiveAllReduceStrategy(2).num_replicas_in_sync == 1
    assert CONTRIB.TPUStrategy(steps_per_run=3).steps_per_run == 3
    assert CONTRIB.OneDeviceStrategy is DISTRIBUTE.OneDeviceStrategy
    for accepted in (DISTRIBUTE.ReductionToOneDevice("/cpu:0"), CONTRIB.AllReduceCrossDeviceOps("nccl")):
        assert isinstance(accepted, DISTRIBUTE.CrossDeviceOps)


def test_tpus() -> None:
    with tf.Session(tf.contrib.cluster_resolver.TPUClusterResolver("local").get_master()) as session:
        assert session.run(tf.contrib.tpu.initialize_system()) == b""
        assert session.run(tf.tpu.shutdown_system()) is None
    tf.tpu.experimental.initialize_tpu_system()
    assert DISTRIBUTE.experimental.TPUStrategy().extended.num_hosts == 1


MIRRORED = DISTRIBUTE.MirroredStrategy()


def _in_scope(function: Callable[[], Any]) -> Any:
    with MIRRORED.scope():
        return function()


@pytest.mark.parametrize(
    ("wrong", "kind", "words"),
    [
        (lambda: MIRRORED.reduce("bad", 1.0, axis=None), ValueError, "'BAD' is not a valid ReduceOp"),
        (lambda: MIRRORED.reduce(None, 1.0, axis=0), TypeError,
         "Expected `reduce_op` to be a `tf.distribute.ReduceOp`, not: None"),
        (lambda: DISTRIBUTE.get_replica_context().all_reduce("bad", 1.0), ValueError, "'BAD' is not a valid ReduceOp"),
        (lambda: MIRRORED.extended.reduce_to("bad", 1.0, None), ValueError, "'BAD' is not a valid ReduceOp"),
        (lambda: _in_scope(lambda: MIRRORED.colocate_vars_with(3)), ValueError,
         "`colocate_vars_with` must only be passed a variable created in this tf.distribute.Strategy.scope(), not: 3"),
        (lambda: MIRRORED.make_dataset_iterator(3), TypeError,
         "Invalid `dataset`. Expected a `tf.data.Dataset` object but got <class 'int'>."),
        (lambda: MIRRORED.make_input_fn_iterator(lambda _: tf.constant(1.0)), ValueError,
         "input_fn must return a tf.data.Dataset or a callable."),
        (lambda: DISTRIBUTE.InputContext(3, 1, 6).get_per_replica_batch_size(13), ValueError,
         "The `global_batch_size` 13 is not divisible by `num_replicas_in_sync` 6 "),
        (lambda: DISTRIBUTE.MirroredStrategy(["/cpu:0", "cpu:0"]), AssertionError,
         "No duplicates allowed in `devices` argument: ('/replica:0/task:0/device:CPU:0', "
         "'/replica:0/task:0/device:CPU:0')"),
        (lambda: DISTRIBUTE.OneDeviceStrategy("/quick:0"), ValueError,
         "Unknown attribute 'quick:0' is encountered while parsing the device spec: '/quick:0'."),
        (lambda: DISTRIBUTE.OneDeviceStrategy("/gpu:x"), ValueError,
         "invalid literal for int() with base 10: 'x'"),
        (lambda: DISTRIBUTE.NcclAllReduce(-1), ValueError,
         "NCCL all-reduce requires num_packs >= 0, but -1 is specified"),
        (lambda: DISTRIBUTE.HierarchicalCopyAllReduce(-1), ValueError,
         "HierarchicalCopy all-reduce requires num_packs >= 0, but -1 is specified"),
        (lambda: CONTRIB.MirroredStrategy(num_gpus=1, num_gpus_per_worker=1), ValueError,
         "You cannot specify both `num_gpus` and `num_gpus_per_worker`."),
        (lambda: CONTRIB.MirroredStrategy(["/gpu:0"], num_gpus=1), ValueError,
         "Must only specify one of `devices` and `num_gpus`."),
        (lambda: DISTRIBUTE.experimental.MultiWorkerMirroredStrategy(3), ValueError,
         "Argument `communication` must be instance of `tf.distribute.experimental.CollectiveCommunication`."),
        (lambda: CONTRIB.ParameterServerStrategy(num_gpus_per_worker=1), Unsupported,
         "tf.distribute.experimental.ParameterServerStrategy is not supported: there are no parameter servers"),
        (lambda: DISTRIBUTE.experimental.TPUStrategy(device_assignment=3), Unsupported,
         "tf.distribute.experimental.TPUStrategy: device_assignment is not supported"),
        (lambda: MIRRORED.extended.experimental_run_steps_on_iterator(print, 3), Unsupported,
         "tf.distribute.StrategyExtended.experimental_run_steps_on_iterator is not supported"),
        (lambda: tf.estimator.RunConfig(
            train_distribute=MIRRORED, experimental_distribute=CONTRIB.DistributeConfig(MIRRORED)), ValueError,
         "Either `train_distribute` or `experimental_distribute.train_distribute` can be set."),
        (lambda: tf.estimator.RunConfig(experimental_distribute=CONTRIB.DistributeConfig(remote_cluster={"a": []})),
         Unsupported, "tf.contrib.distribute.DistributeConfig: remote_cluster is not supported"),
    ],
    ids=map(str, range(21)),
)  # fmt: skip
def test_what_is_refused(wrong: Callable[[], Any], kind: type[Exception], words: str) -> None:
    with pytest.raises(kind) as caught:
        wrong()
    assert str(caught.value).splitlines()[0] == words


def test_names_that_are_not_there() -> None:
    with pytest.raises(Unsupported, match=r"^tensorflow\.contrib\.distribute\.Monitor: is not there yet"):
        _ = CONTRIB.Monitor
    with pytest.raises(AttributeError, match=r"has no attribute 'Mirrors'"):
        _ = CONTRIB.Mirrors


def test_estimators_have_strategies() -> None:
    config = tf.estimator.RunConfig(experimental_distribute=CONTRIB.DistributeConfig(MIRRORED, MIRRORED))
    assert config.train_distribute is config.eval_distribute is MIRRORED
    asked: list[Any] = []

    def input_fn(mode: str, input_context: Any = None) -> Any:
        asked.append((mode, input_context and input_context.num_input_pipelines, DISTRIBUTE.has_strategy()))
        return tf.data.Dataset.from_tensor_slices(([[1.0], [2.0]], [1, 2])).batch(1)

    def model_fn(features: Any, labels: Any, mode: str) -> Any:
        asked.append((mode, DISTRIBUTE.has_strategy(), DISTRIBUTE.in_cross_replica_context()))
        loss = tf.reduce_mean(features) * tf.get_variable("v", initializer=1.0)
        step = tf.train.get_or_create_global_step()
        train = tf.train.GradientDescentOptimizer(0.1).minimize(loss, step)
        return tf.estimator.EstimatorSpec(mode, features, loss, train)

    made = tf.estimator.Estimator(model_fn, config=config)
    made.train(input_fn, steps=2)
    made.evaluate(input_fn)
    assert len(list(made.predict(input_fn))) == 2
    assert asked == [
        ("train", 1, True), ("train", True, False), ("eval", 1, True), ("eval", True, False),
        ("infer", None, False), ("infer", False, False),
    ]  # fmt: skip
    with pytest.raises(ValueError, match=r"^input_fn must return a tf\.data\.Dataset or a callable\.$"):
        made.train(lambda: (tf.constant([[1.0]]), tf.constant([1])), steps=1)
    asked.clear()
    made.train(lambda: lambda: (tf.constant([[1.0]]), tf.constant([1])), steps=1)
    assert asked == [("train", True, False)]
