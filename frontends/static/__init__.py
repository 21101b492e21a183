"""TensorFlow 1's static graph: `import diptych.static as tf`.

Programs build a graph of operations and run parts of it in a session. A run is lowered to the IR, compiled and cached.
"""

import sys
from typing import Any

from . import namespaces
from .contrib import (
    analysis,
    arg_scope,
    embeddings,
    hyperparameters,
    legacy_sequences,
    linear,
    normalization,
    regularizers,
    sequence_losses,
    stacks,
    training,
)
from .contrib import (
    cells as contrib_cells,
)
from .contrib import layers as contrib_layers
from .contrib import variables as contrib_variables
from .distributions import normal
from .graphs import collections, conversion, defaults, dtypes, errors, graph, operation, scopes, shapes, tensor
from .layers import convolution_functions, convolutional, core, layer
from .layers import normalization as layer_normalization
from .layers import pooling as layer_pooling
from .losses import losses, reduction
from .metrics import counts, means
from .operations import (
    arrays,
    candidates,
    casting,
    conditions,
    control,
    convolution,
    cross_entropy,
    dense,
    division,
    dropout,
    elementwise,
    embedding,
    gradients,
    joining,
    loops,
    messages,
    moments,
    neural,
    overloads,
    placeholders,
    pooling,
    products,
    python_functions,
    random,
    ranges,
    reductions,
    reversal,
    sampled_losses,
    scans,
    selection,
    slicing,
    tensor_arrays,
    transposed_convolution,
    weighted_losses,
)
from .recurrence import cell, cells, dynamic, unrolled, wrappers
from .running import configuration, session
from .training import adam, global_step, gradient_descent, momentum, optimizer, updates
from .variables import initializers, listing, more_initializers, state, store, variable
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
