"""The strategy that there is outside of all scopes."""

from __future__ import annotations

from functools import cache
from typing import Any

from .contexts import Mode, require_cross_or_default
from .extended import Unshared
from .replica import ReplicaContext
from .scope import NoScope
from .strategy import Strategy


class _Extended(Unshared):
    @property
    def worker_devices(self) -> tuple[str, ...]:
        raise RuntimeError("worker_devices() method unsupported by default tf.distribute.Strategy.")

    @property
    def parameter_devices(self) -> tuple[str, ...]:
        raise RuntimeError("parameter_devices() method unsupported by default tf.distribute.Strategy.")

    def call_for_each_replica(self, fn: Any, args: Any = (), kwargs: Any = None) -> Any:
        require_cross_or_default(self._strategy)
        return fn(*args, **kwargs or {})


class DefaultStrategy(Strategy):
    """One replica, and datasets as they are."""

    def __init__(self) -> None:
        super().__init__(_Extended(self))

    def scope(self) -> Any:
        """A block that changes nothing. Raises RuntimeError in the scope of a strategy."""
        return NoScope(self)

    def experimental_distribute_dataset(self, dataset: Any) -> Any:
        """The dataset."""
        return dataset


class _DefaultContext(ReplicaContext):
    """In it, a function of the replica may be called: it is one itself."""

    @property
    def devices(self) -> tuple[str, ...]:
        return ("",)


@cache
def no_strategy() -> Mode:
    """The mode outside of all scopes."""
    strategy = DefaultStrategy()
    return Mode(strategy, _DefaultContext(strategy, 0))
