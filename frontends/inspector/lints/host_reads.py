"""Values that Python reads at one line again and again: what was recorded runs there, and Python waits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ..tables import counts
from .finding import Finding, by_line
from .looked import Looked

RULE = "host-read"
LEAST = 10  # times
SHARE = 0.1  # of the calls that were recorded


def host_reads(looked: Looked) -> Iterator[Finding]:
    """Lines at which many runs ended, since a value was wanted there."""
    syncs = () if looked.watched is None else looked.watched.syncs
    if not syncs:
        return
    from diptych.eager.tapes.lowering import location_of
    from diptych.eager.tapes.syncs import BUDGET, COMPILED, GRADIENT, SHARED, STEP, WORKERS

    total, all_calls = sum(sync.count for sync in syncs), sum(sync.calls for sync in syncs)
    reads = [sync for sync in syncs if sync.cause not in (BUDGET, COMPILED, GRADIENT, SHARED, STEP, WORKERS)]
    for place, group in by_line((location_of(sync.code, sync.instruction), sync) for sync in reads):
        count, calls = sum(sync.count for sync in group), sum(sync.calls for sync in group)
        if count < LEAST or calls < SHARE * all_calls:
            continue
        how = Counter[str]()
        for sync in group:
            how[sync.cause] += sync.count
        seconds = sum(sync.seconds for sync in group)
        causes = ", ".join(cause for cause, _ in how.most_common())
        yield Finding(
            RULE,
            place,
            f"{counts(count, 'run')} of {total} ended here, where Python wanted a value ({causes}) and waited: "
            f"{seconds:.2f} s in all, for {calls / count:.0f} calls each time",
            _instead(how),
            count,
            {"runs": total, "causes": dict(how), "calls": calls, "seconds": seconds},
        )


def _instead(causes: Counter[str]) -> str:
    if causes.most_common(1)[0][0] == "bool()":
        return "torch.where, or a loop of a fixed length"
    return "keep loss.detach() in a list and read it behind the loop, or in every hundredth step"
