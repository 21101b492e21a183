"""Which strategy is in force, and where functions of replicas are called: as TensorFlow has it for one replica."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import Any

import diptych.static as tf
import pytest

DISTRIBUTE = tf.distribute
NEEDS_CROSS = "Method requires being in cross-replica context, use get_replica_context().merge_call()"


@pytest.fixture
def strategy() -> Any:
    return DISTRIBUTE.MirroredStrategy()


def state() -> tuple[bool, bool, bool]:
    """(has a strategy, is between functions of replicas, is in such a function)."""
    replica = DISTRIBUTE.get_replica_context()
    return DISTRIBUTE.has_strategy(), DISTRIBUTE.in_cross_replica_context(), replica is not None


def test_outside_of_all_scopes() -> None:
    default = DISTRIBUTE.get_strategy()
    assert state() == (False, False, True) and DISTRIBUTE.get_strategy() is default
    context = DISTRIBUTE.get_replica_context()
    assert (context.replica_id_in_sync_group, context.num_replicas_in_sync, context.devices) == (0, 1, ("",))
    assert context.strategy is default and default.experimental_run_v2(state) == (False, False, True)
    assert context.merge_call(lambda found, x: (found is default, x), (3,)) == (True, 3)
    with default.scope() as found:
        assert found is default and state() == (False, False, True)
    dataset = tf.data.Dataset.range(3)
    assert default.experimental_distribute_dataset(dataset) is dataset


def test_in_a_scope(strategy: Any) -> None:
    with strategy.scope() as found:
        assert found is strategy is DISTRIBUTE.get_strategy() and state() == (True, True, False)
        with strategy.scope():
            assert state() == (True, True, False)
        again = strategy.scope()
        with again, again:
            assert state() == (True, True, False)
        assert tf.contrib.distribute.get_cross_replica_context() is strategy
        with tf.Graph().as_default():  # a strategy is one graph's
            assert state() == (False, False, True)
        others: list[Any] = []
        thread = Thread(target=lambda: others.append(state()))
        thread.start()
        thread.join()
        assert others == [(False, False, True)]
    assert state() == (False, False, True)


def test_the_function_of_a_replica(strategy: Any) -> None:
    def function(x: int, y: int = 2) -> Any:
        context = DISTRIBUTE.get_replica_context()
        assert context.strategy is strategy and context.num_replicas_in_sync == 1
        assert context.devices == strategy.extended.worker_devices
        number = context.replica_id_in_sync_group
        between = context.merge_call(lambda _, z: (state(), z), kwargs={"z": 5})
        return state(), x, y, between, number

    found, x, y, between, number = strategy.experimental_run_v2(function, (1,), {"y": 7})
    assert (found, x, y, between) == ((True, False, True), 1, 7, ((True, True, False), 5))
    with tf.Session() as session:
        assert session.run(number) == 0 and number.dtype == tf.int32
    assert strategy.run(lambda: 3) == 3 == strategy.extended.call_for_each_replica(lambda: 3)
    with strategy.scope(), DISTRIBUTE.ReplicaContext(strategy, 0) as context:
        assert DISTRIBUTE.get_replica_context() is context and state() == (True, False, True)


def test_a_strategy_that_is_set(strategy: Any) -> None:
    other = DISTRIBUTE.OneDeviceStrategy("/cpu:0")
    DISTRIBUTE.experimental_set_strategy(strategy)
    assert DISTRIBUTE.get_strategy() is strategy and state() == (True, True, False)
    DISTRIBUTE.experimental_set_strategy(other)
    assert DISTRIBUTE.get_strategy() is other
    DISTRIBUTE.experimental_set_strategy(None)
    assert state() == (False, False, True)


def _in_a_replica(strategy: Any, function: Callable[[], Any]) -> Any:
    with strategy.scope():
        return strategy.experimental_run_v2(function)


def _in_scope(strategy: Any, function: Callable[[], Any]) -> Any:
    with strategy.scope():
        return function()


def _variable_update(strategy: Any) -> Any:
    return strategy.extended.update(tf.Variable(1.0), lambda v: v)


def _minimized() -> Any:
    v = tf.get_variable("v", initializer=1.0)
    return tf.train.GradientDescentOptimizer(0.1).minimize(v * v)


OTHER = DISTRIBUTE.OneDeviceStrategy("/cpu:0")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda s: _in_a_replica(s, lambda: s.run(lambda: 1)), NEEDS_CROSS),
        (lambda s: _in_a_replica(s, lambda: s.reduce("SUM", 1.0, axis=None)), NEEDS_CROSS),
        (lambda s: _in_a_replica(s, lambda: s.scope().__enter__()), NEEDS_CROSS),
        (lambda s: _in_a_replica(s, lambda: s.extended.reduce_to("SUM", 1.0, None)), NEEDS_CROSS),
        (lambda s: _in_a_replica(s, lambda: s.extended.broadcast_to(1.0, None)), NEEDS_CROSS),
        (lambda s: _in_a_replica(s, lambda: _variable_update(s)), NEEDS_CROSS),
        (lambda s: _in_scope(s, OTHER.scope().__enter__),
         "Mixing different tf.distribute.Strategy objects: {0} is not {1}"),
        (lambda s: _in_scope(s, DEFAULT.scope().__enter__), "Must not nest tf.distribute.Strategy scopes."),
        (lambda s: _in_scope(s, lambda: DISTRIBUTE.experimental_set_strategy(OTHER)),
         "Must not be called inside a `tf.distribute.Strategy` scope."),
        (lambda s: _in_scope(s, lambda: DISTRIBUTE.ReplicaContext(s, 0).merge_call(print)),
         "Need to be inside `call_for_each_replica()`"),
        (lambda s: _in_a_replica(s, lambda: DISTRIBUTE.ReplicaContext(s, 0).merge_call(print)),
         "Mismatching ReplicaContext."),
        (lambda s: _in_a_replica(s, lambda: DISTRIBUTE.ReplicaContext(OTHER, 0).merge_call(print)),
         "Mismatching tf.distribute.Strategy objects: {0} is not {1}."),
        (lambda s: s.extended.colocate_vars_with(1), 'Need to be inside "with strategy.scope()" for {0}'),
        (lambda s: _in_scope(s, _minimized),
         "Use `_distributed_apply()` instead of `apply_gradients()` in a cross-replica context."),
        (lambda s: DEFAULT.extended.worker_devices,
         "worker_devices() method unsupported by default tf.distribute.Strategy."),
        (lambda s: DEFAULT.extended.parameter_devices,
         "parameter_devices() method unsupported by default tf.distribute.Strategy."),
    ],
    ids=map(str, range(16)),
)  # fmt: skip
def test_what_is_refused(strategy: Any, wrong: Callable[[Any], Any], words: str) -> None:
    with pytest.raises(RuntimeError) as caught:
        wrong(strategy)
    assert str(caught.value) == words.format(strategy, OTHER)
    assert state() == (False, False, True)


DEFAULT = DISTRIBUTE.get_strategy()
