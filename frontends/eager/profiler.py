"""`torch.profiler`: blocks and steps are accepted, and nothing is measured.

Calls are recorded and run together later, so that a time for each would not be true.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from enum import Enum
from typing import Any

from diptych.names import limited


class ProfilerActivity(Enum):
    """What may be watched."""

    CPU = 0
    XPU = 1
    MTIA = 2
    CUDA = 3
    HPU = 4
    PrivateUse1 = 5


class ProfilerAction(Enum):
    """What a profiler does at a step."""

    NONE = 0
    WARMUP = 1
    RECORD = 2
    RECORD_AND_SAVE = 3


class _Block:
    """A block, and a decorator that makes one of each call."""

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def called(*arguments: Any, **options: Any) -> Any:
            with self:
                return function(*arguments, **options)

        return called


class _Averages(list[Any]):
    """No measurements."""

    def table(self, **options: Any) -> str:
        """A table without rows."""
        return ""


@limited("nothing is measured")
class profile(_Block):
    """Takes what PyTorch's takes; `on_trace_ready` is called where the schedule says so, at the latest at the end."""

    def __init__(
        self,
        *,
        activities: Iterable[ProfilerActivity] | None = None,
        schedule: Callable[[int], ProfilerAction] | None = None,
        on_trace_ready: Callable[..., Any] | None = None,
        **options: Any,
    ) -> None:
        self.schedule = schedule
        self.on_trace_ready = on_trace_ready
        self.step_num = 0

    def start(self) -> None:
        """Begins."""

    def stop(self) -> None:
        """Ends."""
        if self.schedule is None and self.on_trace_ready is not None:
            self.on_trace_ready(self)

    def __exit__(self, *error: object) -> None:
        self.stop()

    def step(self) -> None:
        """One more step is done."""
        if self.schedule is not None and self.schedule(self.step_num) is ProfilerAction.RECORD_AND_SAVE:
            if self.on_trace_ready is not None:
                self.on_trace_ready(self)
        self.step_num += 1

    def key_averages(self, *arguments: Any, **options: Any) -> _Averages:
        """No rows."""
        return _Averages()

    def events(self) -> list[Any]:
        """None."""
        return []

    def export_chrome_trace(self, path: str) -> None:
        """Writes a trace without events."""
        with open(path, "w", encoding="utf-8") as file:
            file.write('{"traceEvents": []}')


class record_function(_Block):
    """A named block."""

    def __init__(self, name: str, args: str | None = None) -> None:
        self.name, self.args = name, args


def schedule(
    *, wait: int, warmup: int, active: int, repeat: int = 0, skip_first: int = 0, **options: Any
) -> Callable[[int], ProfilerAction]:
    """What to do at which step: nothing for `wait` steps, then warm up, then record `active` ones; `repeat` times, or
    for ever."""

    def action(step: int) -> ProfilerAction:
        step -= skip_first
        length = wait + warmup + active
        if step < 0 or (repeat > 0 and step >= repeat * length):
            return ProfilerAction.NONE
        place = step % length
        if place < wait:
            return ProfilerAction.NONE
        if place < wait + warmup:
            return ProfilerAction.WARMUP
        return ProfilerAction.RECORD if place < length - 1 else ProfilerAction.RECORD_AND_SAVE

    return action


def tensorboard_trace_handler(dir_name: str, worker_name: str | None = None, use_gzip: bool = False) -> Any:
    """What to give as `on_trace_ready`: it writes nothing, since nothing was measured."""

    def handler(profiler: profile) -> None:
        pass

    return handler


def supported_activities() -> set[ProfilerActivity]:
    """The CPU."""
    return {ProfilerActivity.CPU}


def kineto_available() -> bool:
    """False."""
    return False
