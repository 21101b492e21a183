"""Which strategy is in force, and whether a replica's function is being called: of a graph, in a thread."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from ..exports import export
from ..graphs.defaults import get_default_graph

if TYPE_CHECKING:
    from .replica import ReplicaContext
    from .strategy import Strategy

NEEDS_CROSS = "Method requires being in cross-replica context, use get_replica_context().merge_call()"


class Mode(NamedTuple):
    """A strategy, and the context of the replica whose function is being called; None between such calls."""

    strategy: Strategy
    replica: ReplicaContext | None


class _Modes(threading.local):
    """Those entered, the innermost last: each thread's own."""

    def __init__(self) -> None:
        self.entered: list[Mode] = []


def _entered() -> list[Mode]:
    stores = get_default_graph().stores
    found = stores.get("strategies")
    if found is None:
        found = stores["strategies"] = _Modes()
    return found.entered


def mode() -> Mode:
    """The innermost, by default that of no strategy."""
    entered = _entered()
    if entered:
        return entered[-1]
    return _no_strategy()


def _no_strategy() -> Mode:
    from .default import no_strategy

    return no_strategy()


@contextmanager
def entered(strategy: Strategy, replica: ReplicaContext | None) -> Iterator[None]:
    """A mode is in force within the block."""
    modes = _entered()
    modes.append(Mode(strategy, replica))
    try:
        yield
    finally:
        modes.pop()


@export("distribute.get_strategy", "contrib.distribute.get_strategy", "contrib.distribute.get_distribution_strategy")
def get_strategy() -> Strategy:
    """The strategy whose scope this is; the default one, of a single replica, outside all scopes."""
    return mode().strategy


@export("distribute.has_strategy", "contrib.distribute.has_strategy", "contrib.distribute.has_distribution_strategy")
def has_strategy() -> bool:
    """Whether this is the scope of a strategy."""
    found = _entered()
    return bool(found) and found[-1].strategy is not _no_strategy().strategy


def made_under(variable: Any) -> Strategy:
    """The strategy in whose scope a variable was made; the default one outside of all."""
    return variable._strategy or _no_strategy().strategy


def strategy_here() -> Strategy | None:
    """The strategy whose scope this is; None outside of all."""
    found = _entered()
    return found[-1].strategy if found else None


@export("distribute.get_replica_context", "contrib.distribute.get_replica_context")
def get_replica_context() -> ReplicaContext | None:
    """The context of the replica whose function is being called; None between such calls. Outside all scopes it is that
    of the default strategy."""
    return mode().replica


@export("distribute.in_cross_replica_context", "contrib.distribute.in_cross_replica_context")
def in_cross_replica_context() -> bool:
    """Whether this is the scope of a strategy, but no replica's function."""
    return mode().replica is None


@export("contrib.distribute.get_cross_replica_context")
def get_cross_replica_context() -> Strategy | None:
    """The strategy whose scope this is; None in a replica's function, and outside all scopes."""
    found = mode()
    return found.strategy if found.replica is None else None


def require_cross_or_default(strategy: Strategy) -> None:
    """Raises RuntimeError in a replica's function, and in the scope of another strategy."""
    found = mode()
    if found.replica is not None and has_strategy():
        raise RuntimeError(NEEDS_CROSS)
    if has_strategy():
        check_same(found.strategy, strategy)


def require_scope(strategy: Strategy) -> None:
    """Raises RuntimeError outside the scope of a strategy."""
    if not has_strategy():
        raise RuntimeError(f'Need to be inside "with strategy.scope()" for {strategy}')
    check_same(get_strategy(), strategy)


def check_same(found: Strategy, wanted: Strategy) -> None:
    """Raises RuntimeError where one strategy is another one."""
    if found is not wanted:
        raise RuntimeError(f"Mixing different tf.distribute.Strategy objects: {found} is not {wanted}")


@export("contrib.distribute.require_replica_context")
def require_replica_context(replica_ctx: ReplicaContext) -> None:
    """Raises RuntimeError unless this is the function of the replica that has this context."""
    found = mode()
    if found.replica is replica_ctx:
        return
    if found.replica is None:
        raise RuntimeError("Need to be inside `call_for_each_replica()`")
    if found.strategy is replica_ctx.strategy:
        raise RuntimeError("Mismatching ReplicaContext.")
    raise RuntimeError(
        f"Mismatching tf.distribute.Strategy objects: {found.strategy} is not {replica_ctx.strategy}."
    )  # fmt: skip


@export("distribute.experimental_set_strategy")
def experimental_set_strategy(strategy: Strategy | None) -> None:
    """A strategy in force from here on, in place of the one that was set before; None ends that. Raises RuntimeError
    inside a scope."""
    stores = get_default_graph().stores
    before = stores.pop("strategy set", None)
    if before is not None:
        before.__exit__(None, None, None)
    if has_strategy():
        raise RuntimeError("Must not be called inside a `tf.distribute.Strategy` scope.")
    if strategy is not None:
        scope = strategy.scope()
        scope.__enter__()
        stores["strategy set"] = scope
