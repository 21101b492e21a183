"""TensorFlow 1's static graph: `import diptych.static as tf`.

Programs build a graph of operations and run parts of it in a session. A run is lowered to the IR, compiled and cached.
"""

import sys
from typing import Any

from . import namespaces
from .checkpoints import initializing, management, reading
from .graphs import collections, conversion, defaults, dtypes, errors, graph, operation, scopes, shapes, tensor
from .monitored import clusters, hook, hooks, saving_hooks, scaffold, sessions
from .operations import (
    arrays,
    casting,
    conditions,
    control,
    cross_entropy,
    division,
    elementwise,
    gradients,
    indexed_slices,
    joining,
    loops,
    messages,
    neural,
    overloads,
    placeholders,
    products,
    python_functions,
    random,
    ranges,
    reductions,
    scans,
    selection,
    slicing,
    summaries,
    tensor_arrays,
)
from .platform import command_flags, examples, files, logs, record_files, testing
from .queues import coordinator, inputs, queue, readers, runner, stores
from .running import configuration, session
from .training import (
    adadelta,
    adagrad,
    adagrad_da,
    adam,
    adam_variants,
    decays,
    file_writer,
    ftrl,
    global_step,
    gradient_descent,
    momentum,
    moving_average_optimizer,
    moving_averages,
    optimizer,
    proximal,
    rms_prop,
    saver,
    saving,
    sync_replicas,
    updates,
)
from .variables import initializers, listing, reporting, state, store, variable
from .variables import scopes as variable_scopes

for _name in [name for name in globals() if not name.startswith("_") and name not in ("sys", "Any", "namespaces")]:
    del globals()[_name]

namespaces.build(sys.modules[__name__])

__version__ = "1.15.0"  # of TensorFlow, whose behaviour this is
VERSION = __version__


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    raise namespaces.missing(__name__, name)
