"""All samples and refusals, in the order of the groups."""

from __future__ import annotations

from . import (
    Refusal,
    Sample,
    contraction,
    control,
    elementwise,
    indexing,
    linalg,
    mesh,
    random,
    reduction,
    shape,
    window,
)

BY_GROUP = (elementwise, shape, indexing, reduction, contraction, window, linalg, random, control, mesh)
SAMPLES: list[Sample] = [sample for group in BY_GROUP for sample in group.SAMPLES]
REFUSALS: list[Refusal] = [refusal for group in BY_GROUP for refusal in group.REFUSALS]
