"""What calls take at most, measured by the operating system: run in a process of its own, it prints a line of JSON.

python -m tests.numpy_backend.high_water [CASE ...]    {case: [bytes planned, bytes taken]}
"""

from __future__ import annotations

import gc
import json
import os
import sys
from pathlib import Path
from typing import Any

from diptych import backends
from diptych.backends.numpy import grounds

from tests.numpy_backend.memory_cases import CASES

# The process must give memory back as soon as it is free: what is larger than this is a mapping of its own.
ENVIRONMENT = {"MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "65536", "OPENBLAS_NUM_THREADS": "1",
               "NUMPY_MADVISE_HUGEPAGE": "0", "MALLOC_TOP_PAD_": "0"}  # fmt: skip


def status(name: str) -> int:
    """Bytes that /proc tells of this process."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) * 1024


def taken(executable: Any, arguments: list[Any]) -> int:
    """The most bytes that a call takes, those on the grounds included, beside what there was before."""
    executable(*arguments)
    for ground in grounds.idle:
        ground.give_back(0)
    gc.collect()
    before = status("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")
    results = executable(*arguments)
    return status("VmHWM") - before + 0 * len(results)


def main() -> None:
    found: dict[str, tuple[int, int]] = {}
    for name in sys.argv[1:] or CASES:
        function, arguments = CASES[name]()
        executable = backends.compile(function, backend="numpy")
        found[name] = (executable.peak_bytes or 0, taken(executable, arguments))
        del executable
        backends.clear_cache()
    print(json.dumps(found))


if __name__ == "__main__":
    if "MALLOC_TRIM_THRESHOLD_" not in os.environ:
        os.execvpe(sys.executable, [sys.executable, *sys.orig_argv[1:]], {**os.environ, **ENVIRONMENT})
    main()
