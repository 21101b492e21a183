"""`torch.profiler`: named blocks, and the wall time that they took.

Calls are recorded and run together: at the begin and the end of a block what waits is run, so that its time is its own.
That is done while a profiler is active alone. Single operations have no time of their own.
"""

from __future__ import annotations

import functools
import json
import os
import time
from collections.abc import Callable, Iterable
from enum import Enum
from typing import Any

from diptych.names import limited

from .tapes.tape import tape


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


class Event:
    """A block that has ended: its name, and its times in microseconds."""

    def __init__(self, name: str, start: float, end: float) -> None:
        self.name = self.key = name
        self.start, self.end = start, end
        self.count = 1
        self.cpu_time_total = end - start

    @property
    def cpu_time(self) -> float:
        """Microseconds a call."""
        return self.cpu_time_total / self.count


class Events(list[Event]):
    """Blocks, in the order of their ends."""

    def table(self, sort_by: str | None = None, row_limit: int = 100, **options: Any) -> str:
        """A text with a row for each; the longest first with `sort_by` a name of times."""
        rows = sorted(self, key=lambda event: -event.cpu_time_total) if sort_by else list(self)
        width = max([4, *(len(event.key) for event in rows)])
        head = f"{'Name':<{width}}  {'CPU total':>12}  {'CPU time avg':>12}  {'# of Calls':>10}"
        lines = [
            f"{event.key:<{width}}  {_time(event.cpu_time_total):>12}  {_time(event.cpu_time):>12}  {event.count:>10}"
            for event in rows[: row_limit if row_limit >= 0 else None]
        ]
        rule = "  ".join("-" * size for size in (width, 12, 12, 10))
        return "\n".join([rule, head, rule, *lines, rule]) + "\n"

    def total_average(self) -> Event:
        """All of them as one, named Total."""
        total = Event("Total", 0.0, sum(event.cpu_time_total for event in self))
        total.count = sum(event.count for event in self)
        return total


def _time(microseconds: float) -> str:
    if microseconds >= 1e6:
        return f"{microseconds / 1e6:.3f}s"
    return f"{microseconds / 1e3:.3f}ms" if microseconds >= 1e3 else f"{microseconds:.3f}us"


_active: list[profile] = []


def _now() -> float:
    tape.flush()
    return time.perf_counter() * 1e6


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


@limited("measures blocks of record_function alone, by wall time")
class profile(_Block):
    """Takes what PyTorch's takes; `on_trace_ready` is called where the schedule says so, at the latest at the end."""

    def __init__(
        self,
        *,
        activities: Iterable[ProfilerActivity] | None = None,
        schedule: Callable[[int], ProfilerAction] | None = None,
        on_trace_ready: Callable[..., Any] | None = None,
        record_shapes: bool = False,
        profile_memory: bool = False,
        with_stack: bool = False,
        with_flops: bool = False,
        with_modules: bool = False,
        experimental_config: Any = None,
        execution_trace_observer: Any = None,
        acc_events: bool = False,
        use_cuda: bool | None = None,
        custom_trace_id_callback: Callable[[], str] | None = None,
        post_processing_timeout_s: float | None = None,
    ) -> None:
        self.schedule = schedule
        self.on_trace_ready = on_trace_ready
        self.step_num = 0
        self.metadata: dict[str, str] = {}
        self._events = Events()

    @property
    def current_action(self) -> ProfilerAction:
        """What the schedule says of this step."""
        return ProfilerAction.RECORD if self.schedule is None else self.schedule(self.step_num)

    def start(self) -> None:
        """Begins."""
        _active.append(self)

    def stop(self) -> None:
        """Ends."""
        _active.remove(self)
        action = self.current_action
        if self.schedule is not None and action is ProfilerAction.NONE:
            return
        if self.on_trace_ready is not None and action is not ProfilerAction.WARMUP:
            self.on_trace_ready(self)

    def __enter__(self) -> profile:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def step(self) -> None:
        """One more step is done."""
        is_complete = self.schedule is not None and self.current_action is ProfilerAction.RECORD_AND_SAVE
        self.step_num += 1
        if is_complete:
            if self.on_trace_ready is not None:
                self.on_trace_ready(self)
            self._events = Events()

    def _note(self, event: Event) -> None:
        if self.current_action in (ProfilerAction.RECORD, ProfilerAction.RECORD_AND_SAVE):
            self._events.append(event)

    def events(self) -> Events:
        """The blocks that were measured."""
        return self._events

    def key_averages(
        self, group_by_input_shape: bool = False, group_by_stack_n: int = 0, group_by_overload_name: bool = False
    ) -> Events:
        """The blocks, those of one name as one."""
        found: dict[str, Event] = {}
        for event in self._events:
            total = found.setdefault(event.name, Event(event.name, 0.0, 0.0))
            total.count += 1
            total.cpu_time_total += event.cpu_time_total
        for total in found.values():
            total.count -= 1
        return Events(found.values())

    def add_metadata(self, key: str, value: str) -> None:
        """Something that a trace says beside its events."""
        self.metadata[key] = value

    def export_chrome_trace(self, path: str) -> None:
        """Writes the blocks as a trace that Chrome shows."""
        events = [
            {
                "name": event.name,
                "ph": "X",
                "ts": event.start,
                "dur": event.cpu_time_total,
                "pid": os.getpid(),
                "tid": 0,
            }
            for event in self._events
        ]
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"traceEvents": events, **self.metadata}, file)


class record_function(_Block):
    """A named block, measured while a profiler is active."""

    def __init__(self, name: str, args: str | None = None) -> None:
        self.name, self.args = name, args
        self._starts: list[float | None] = []

    def __enter__(self) -> record_function:
        self._starts.append(_now() if _active else None)
        return self

    def __exit__(self, *error: object) -> None:
        start = self._starts.pop()
        if start is not None and _active:
            event = Event(self.name, start, _now())
            for profiler in _active:
                profiler._note(event)


def schedule(
    *, wait: int, warmup: int, active: int, repeat: int = 0, skip_first: int = 0, skip_first_wait: int = 0
) -> Callable[[int], ProfilerAction]:
    """What to do at which step: nothing for `wait` steps, then warm up, then record `active` ones; `repeat` times, or
    for ever."""

    def action(step: int) -> ProfilerAction:
        step -= skip_first
        if skip_first_wait:
            step += wait
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
    """What to give as `on_trace_ready`: it writes a trace into the folder."""

    def handler(profiler: profile) -> None:
        os.makedirs(dir_name, exist_ok=True)
        name = f"{worker_name or os.getpid()}.{time.time_ns()}.pt.trace.json"
        profiler.export_chrome_trace(os.path.join(dir_name, name))

    return handler


def supported_activities() -> set[ProfilerActivity]:
    """The CPU."""
    return {ProfilerActivity.CPU}


def kineto_available() -> bool:
    """False."""
    return False
