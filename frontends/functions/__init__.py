"""Tensor math that both front ends share: each function emits equations through a Builder and returns values.

Every function has the form `f(b, *values, **options)`. Values never change dtype in silence: the front ends cast
first, by their own rules. Numbers given as Python numbers become scalar constants, broadcast where they are used.
"""

from . import (
    activations,
    arithmetic,
    arrays,
    broadcasting,
    constants,
    convolution,
    indexing,
    linalg,
    losses,
    normalization,
    padding,
    pooling,
    products,
    random,
    reductions,
    resizing,
    sampling,
    updates,
    windows,
)
