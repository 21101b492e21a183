"""For the programs that lie beside it: how many programs ran."""

from __future__ import annotations

from typing import Any

from diptych.backends.executable import Watcher


class Counter(Watcher):
    """Counts runs of programs."""

    def __init__(self) -> None:
        self.count = 0

    def after(self, executable: Any, seconds: float, results: Any) -> None:
        self.count += 1
