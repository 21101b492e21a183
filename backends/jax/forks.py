"""What becomes of jax in a forked process: its threads are not there, and whoever waits for them waits for ever.

So before a fork every value is brought to where the new process can read it, and there jax itself is refused.
"""

from __future__ import annotations

import gc
import os
import warnings
from contextlib import suppress

import numpy as np
from diptych.ir import DiptychError

_has_run = False  # in this process or in the one that it was forked from
is_forked = False  # from a process in which jax had run


def enter() -> None:
    """Notes that jax runs from now on. Raises DiptychError in a process that was forked from one where it did."""
    global _has_run
    if is_forked:
        raise DiptychError(
            "backend jax: this process was forked from one in which jax runs, whose threads it has not",
            hint="multiprocessing.get_context('spawn'), or diptych.configure(backend='numpy') in the new process",
        )
    if not _has_run:  # jax warns of each fork, of which this module takes care
        warnings.filterwarnings("ignore", message=r"os\.fork\(\) was called", category=RuntimeWarning)
    _has_run = True


def _before() -> None:
    """Waits for all values. jax keeps each one's copy on the host, which is read without its threads."""
    if not _has_run or is_forked:
        return
    import jax

    for array in jax.live_arrays():
        if not array.is_deleted():
            with suppress(RuntimeError):  # of one that is split over processes, none has all
                np.asarray(array)


def _in_the_new_process() -> None:
    global is_forked
    if _has_run:
        is_forked = True
        gc.freeze()  # to free what the old process made would be jax's work


os.register_at_fork(before=_before, after_in_child=_in_the_new_process)
