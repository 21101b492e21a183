"""Streams and events. There is one queue of work, in which everything runs one after another: streams wait for nothing,
and an event is a moment at which all that was asked for before had been done."""

from __future__ import annotations

from time import perf_counter
from typing import Any

from diptych.backends.accelerators import accelerator_count

from ..device import device as _Device
from ..device import place_of
from .devices import number_of, refuse, synchronize


class Event:
    """A moment: `record` waits until what came before has run, and notes the time. Raises RuntimeError where there is
    no accelerator."""

    def __init__(self, enable_timing: bool = False, blocking: bool = False, interprocess: bool = False) -> None:
        if not accelerator_count():
            raise RuntimeError("Tried to instantiate dummy base class Event")
        self._is_timing = enable_timing
        self._time: float | None = None

    def record(self, stream: Any = None) -> None:
        """Notes that all before has been done; with timing, once it has."""
        if self._is_timing:
            synchronize()
        self._time = perf_counter()

    def elapsed_time(self, end_event: Event) -> float:
        """Milliseconds to another event. Raises ValueError for events without timing, or not recorded."""
        if not (self._is_timing and end_event._is_timing):
            raise ValueError("Both events must be created with argument 'enable_timing=True'.")
        if self._time is None or end_event._time is None:
            raise ValueError("Both events must be recorded before calculating elapsed time.")
        return (end_event._time - self._time) * 1e3

    def query(self) -> bool:
        """Whether all before has been done: that is waited for, so it is."""
        synchronize()
        return True

    def synchronize(self) -> None:
        """Waits until all before has been done."""
        synchronize()

    def wait(self, stream: Any = None) -> None:
        """Does nothing: what comes later waits anyhow."""


class Stream:
    """A name for the queue of work. Raises RuntimeError where there is no accelerator."""

    def __init__(self, device: Any = None, priority: int = 0, **options: Any) -> None:
        if not accelerator_count():
            raise RuntimeError("torch.cuda.Stream requires CUDA support")
        self.device: _Device = place_of("cuda" if device is None else device)
        self.priority = priority

    def record_event(self, event: Event | None = None) -> Event:
        """Records an event, by default a new one."""
        found = Event() if event is None else event
        found.record()
        return found

    def wait_event(self, event: Event) -> None:
        """Does nothing: what comes later waits anyhow."""

    def wait_stream(self, stream: Any) -> None:
        """Does nothing: there is one queue."""

    def query(self) -> bool:
        """Whether all before has been done: that is waited for, so it is."""
        synchronize()
        return True

    def synchronize(self) -> None:
        """Waits until all before has been done."""
        synchronize()


def current_stream(device: Any = None) -> Stream:
    """The queue of a device. Raises AssertionError where there is no CUDA."""
    return Stream(number_of(device))


def default_stream(device: Any = None) -> Stream:
    """The queue of a device. Raises AssertionError where there is no CUDA."""
    return Stream(number_of(device))


def set_stream(stream: Stream | None) -> None:
    """Does nothing. Raises AssertionError for a stream where there is no CUDA."""
    if stream is not None and not accelerator_count():
        refuse()
