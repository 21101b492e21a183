"""What a workload gives to be timed."""

from collections.abc import Callable
from typing import Any


class Step:
    """`run()` takes one step and returns a handle of its loss; `wait()` returns when all of it is done; `value(handle)`
    is the loss as a float."""

    def __init__(
        self, run: Callable[[], Any], wait: Callable[[], Any] = lambda: None, value: Callable[[Any], float] = float
    ) -> None:
        self.run, self.wait, self.value = run, wait, value
