"""TensorFlow 1's static graph: `import diptych.static as tf`.

Programs build a graph of operations and run parts of it in a session. A run is lowered to the IR, compiled and cached.
"""

import sys
from typing import Any

from . import namespaces
from .graphs import (
    collections,
    conversion,
    defaults,
    dtypes,
    errors,
    gradient_overrides,
    graph,
    operation,
    scopes,
    shapes,
    tensor,
)
from .operations import (
    arrays,
    bitwise,
    casting,
    checks,
    clipping,
    compatibility,
    conditions,
    contractions,
    control,
    cross_entropy,
    cumulative,
    custom_gradients,
    distributions,
    division,
    elementwise,
    fourier,
    gathering,
    gradients,
    indexed_slices,
    joining,
    linear_algebra,
    loops,
    matrices,
    messages,
    neural,
    norms,
    ordering,
    overloads,
    padding,
    picking,
    placeholders,
    products,
    python_functions,
    random,
    ranges,
    rearranging,
    reductions,
    scans,
    scattering,
    segments,
    selection,
    slicing,
    space_blocks,
    sparse,
    sparse_places,
    sparse_tensors,
    special_functions,
    statistics,
    strings,
    tensor_arrays,
)
from .running import configuration, session
from .training import adam, global_step, gradient_descent, momentum, optimizer, updates
from .variables import initializers, listing, state, store, variable
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
