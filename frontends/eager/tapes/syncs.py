"""Why recorded calls had to run: causes, with the lines, how often, and how long that took; and why a trace was new.

With `DIPTYCH_LOG=sync,retrace` each run, and each new trace, is told on the standard error as it happens.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from types import CodeType
from typing import TYPE_CHECKING, Any

from .callers import entered
from .lowering import location_of

if TYPE_CHECKING:
    from .lazy import Call

BUDGET = "as much waits as may"
BEGIN = "an optimizer was made"
STEP = "a step ended"
GRADIENT = "another gradient was taken"
SHARED = "memory shared with numpy was read"
COMPILED = "a compiled function ran"
WORKERS = "worker processes begin"
CHANGE = "programs are compiled for other settings from now on"
TOGETHER = "processes come together"
PLACE = "programs are for another mesh from now on"
READ = "a value was read"
_READS = {
    "tensor_text": "it was printed", "__repr__": "it was printed", "__str__": "it was printed", "tolist": ".tolist()",
    "__format__": "it was formatted", "__bool__": "bool()", "__float__": "float()", "__int__": "int()",
    "__complex__": "complex()", "__index__": "it was an index", "__array__": "numpy read it", "__contains__": "in",
    "__iter__": "it was gone through", "item": ".item()", "numpy": ".numpy()",
}  # fmt: skip
_MAX_COMPARED = 64  # known traces that a new one is compared with
_MAX_LINES = 4096  # that are told apart


@dataclass(slots=True)
class Sync:
    """Runs for one cause at one line. `seconds` and `calls` are of all of them, `traces` counts those that were new."""

    cause: str
    code: CodeType | None
    instruction: int
    count: int = 0
    calls: int = 0
    traces: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        return f"{self.cause}, {_line(self.code, self.instruction)}"


class SyncReport(tuple[Sync, ...]):
    """What ran, the longest time first; as text a table."""

    __slots__ = ()

    def __str__(self) -> str:
        lines = ["   runs     calls  new traces   seconds  cause, line"]
        lines += [f"{s.count:7}{s.calls:10}{s.traces:12}{s.seconds:10.3f}  {s}" for s in self]
        return "\n".join(lines) if self else "no recorded calls have run"


_syncs: dict[tuple[str, CodeType | None, int], Sync] = {}
_described: list[tuple[str, ...]] = []  # the calls of known traces, where new ones are told


def sync_report() -> SyncReport:
    """At which lines recorded calls were run, and why: `print(torch.sync_report())` shows a table."""
    return SyncReport(sorted(_syncs.values(), key=lambda sync: -sync.seconds))


def reset_sync_report() -> None:
    """Forgets what has run so far."""
    _syncs.clear()


def note(cause: str, calls: int, seconds: float, is_new: bool, log: frozenset[str]) -> None:
    """Notes a run, which the function by which the user entered the package asked for."""
    name, code, instruction = entered()
    if cause is READ:
        cause = _READS.get(name, f"{name}()" if name else READ)
    key = cause, code, instruction
    sync = _syncs.get(key)
    if sync is None:
        if len(_syncs) > _MAX_LINES:
            _syncs.clear()
        sync = _syncs[key] = Sync(*key)
    sync.count += 1
    sync.calls += calls
    sync.traces += is_new
    sync.seconds += seconds
    if "sync" in log:
        _tell(f"sync: {calls} calls in {seconds * 1e3:.2f} ms: {sync}")


def note_trace(calls: Sequence[Call]) -> None:
    """Tells what differs in a new trace from the known one that is most like it."""
    described = tuple(map(_description, calls))
    _tell(f"retrace: {len(calls)} calls: {_difference(described, calls)}")
    _described.append(described)
    del _described[:-_MAX_COMPARED]


def note_numbers(changed: Sequence[tuple[Any, Any]]) -> None:
    """Tells which numbers of a known trace have changed."""
    texts = ", ".join(f"{before!r} became {now!r}" for before, now in changed[:4])
    more = f" and {len(changed) - 4} more" if len(changed) > 4 else ""
    _tell(f"retrace: numbers of a known trace changed, and are arguments from now on: {texts}{more}")


def _description(call: Call) -> str:
    template: Any = call.template
    name = template.operation.name.strip("_") if hasattr(template, "operation") else "backward"
    types = [str(source.kind.type) for source in call.inputs]
    return f"{name}({', '.join(types)})"


def _difference(described: tuple[str, ...], calls: Sequence[Call]) -> str:
    best: tuple[str, ...] | None = None
    same = -1
    for known in _described:
        alike = next(
            (place for place, (a, b) in enumerate(zip(known, described, strict=False)) if a != b),
            min(len(known), len(described)),
        )
        if alike > same:
            best, same = known, alike
    if best is None:
        return "the first one"
    if best == described:
        return "the calls of a known trace, of which other values are kept or other gradients wanted"
    if same == len(described):
        return f"a known trace goes on with {best[same]}"
    place = _line(calls[same].prefix.code, calls[same].prefix.instruction)
    if same == len(best):
        return f"a known trace ends where {described[same]} comes, {place}"
    return f"call {same + 1} is {described[same]}, {place}; in a known trace it is {best[same]}"


def _line(code: CodeType | None, instruction: int) -> str:
    location = location_of(code, instruction)
    return "at no line of the program" if location is None else location.described()


def _tell(text: str) -> None:
    print(f"diptych: {text}", file=sys.stderr)
