"""`Join`: a block in which some processes have more to do than others. Who is through takes part in what the others
share, so that they need not wait."""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections.abc import Sequence
from types import TracebackType
from typing import Any, NamedTuple

_MANY = 1000  # rounds after which who is through says how far behind the others are
_EARLY = "Detected at least one rank that exhausted inputs. Throwing across all ranks."


class JoinHook:
    """What a process that is through does for one joinable."""

    def main_hook(self) -> None:
        """Takes part in what the others share in one round. It is called as long as there are any."""

    def post_hook(self, is_last_joiner: bool) -> None:
        """Is called once when all are through, with whether this process was among the last."""


class _Config(NamedTuple):
    """What a joinable knows of the block that it is in."""

    enable: bool = False
    throw_on_early_termination: bool = False
    is_first_joinable: bool = False


class Joinable(ABC):
    """What takes part in a `Join`. Before it shares anything in a round it calls `Join.notify_join_context(self)`."""

    @abstractmethod
    def __init__(self) -> None:
        super().__init__()
        self._join_config = _Config()

    @abstractmethod
    def join_hook(self, **kwargs: Any) -> JoinHook:
        """What is done for it where a process is through. `Join` hands on the arguments that are not its own."""

    @property
    @abstractmethod
    def join_device(self) -> Any:
        """The device of what the block itself shares; that of the first joinable is taken."""

    @property
    @abstractmethod
    def join_process_group(self) -> Any:
        """The processes that come together, the same of all joinables."""


class Join:
    """A block in which processes may have unlike numbers of rounds. The first of the `joinables` tells the others of
    each round. With `throw_on_early_termination` all raise RuntimeError once one is through, and others are not.

    Raises ValueError without joinables, and where they are of several process groups.
    """

    def __init__(
        self,
        joinables: Sequence[Joinable],
        enable: bool = True,
        throw_on_early_termination: bool = False,
        **kwargs: Any,
    ) -> None:
        from ... import distributed

        if len(joinables) == 0:
            raise ValueError("The join context manager requires at least one joinable")
        self._joinables = joinables
        self._hooks = [joinable.join_hook(**kwargs) for joinable in joinables]
        self._enable = enable
        self._throws = throw_on_early_termination
        for place, joinable in enumerate(joinables):
            joinable._join_config = _Config(enable, throw_on_early_termination, place == 0)
        self._group = joinables[0].join_process_group
        if any(joinable.join_process_group != self._group for joinable in joinables):
            raise ValueError("Using join context manager with multiple process groups")
        self._device = joinables[0].join_device
        self._rank = distributed.get_rank(self._group)

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._enable and kind is None:
                self._follow()
        finally:
            for joinable in self._joinables:
                joinable._join_config = _Config()

    def _follow(self) -> None:
        """Takes part in the rounds of others until nobody makes any."""
        rounds = 0
        while _count(0, self._group, self._device).item():
            if self._throws:
                raise RuntimeError(f"Rank {self._rank} exhausted all inputs.")
            if rounds > _MANY:
                warnings.warn(
                    f"Detected uneven input skew of greater than {_MANY}. This means that rank {self._rank} has at "
                    f"least {_MANY} fewer inputs than other currently-active ranks. This level of skew could lead to "
                    "performance degradation during training.",
                    stacklevel=3,
                )
            for hook in self._hooks:
                hook.main_hook()
            rounds += 1
        for hook in self._hooks:
            hook.post_hook(rounds == 0)

    @staticmethod
    def notify_join_context(joinable: Joinable) -> Any:
        """Tells those that are through that this process makes one more round, where `joinable` is the first one of its
        block: gives the Work of that, else None. Raises RuntimeError where another is through, if that is to be so."""
        if not hasattr(joinable, "_join_config"):
            raise AssertionError(f"Check that the {type(joinable)} constructor calls the ``Joinable`` constructor")
        config = joinable._join_config
        if not config.is_first_joinable or not config.enable:
            return None
        from ...distributed import Work, get_world_size

        group = joinable.join_process_group
        told = _count(1, group, joinable.join_device)
        if config.throw_on_early_termination and told.item() < get_world_size(group):
            raise RuntimeError(_EARLY)
        return Work([told])


def _count(own: int, group: Any, device: Any) -> Any:
    """How many processes make a round, of which this one is `own`."""
    from ...distributed import all_reduce
    from ...tensors.creation import full

    found = full((1,), float(own), device=device)
    all_reduce(found, group=group)
    return found
