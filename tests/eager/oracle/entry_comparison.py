"""Where results of the operator database's entries differ, within its own tolerances."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import diptych.eager as ours
import numpy as np
import torch

# What makes numbers nobody can foresee, or none that are defined: shape and dtype count.
RANDOM = {
    "bernoulli", "cauchy", "empty", "empty_like", "empty_permuted", "empty_strided", "exponential", "geometric",
    "log_normal", "multinomial", "new_empty", "new_empty_strided", "nn.functional.alpha_dropout",
    "nn.functional.dropout", "nn.functional.dropout2d", "nn.functional.dropout3d",
    "nn.functional.feature_alpha_dropout", "nn.functional.fractional_max_pool2d",
    "nn.functional.fractional_max_pool3d", "nn.functional.rrelu", "normal", "pca_lowrank", "rand_like", "randint",
    "randint_like", "randn", "randn_like", "resize_", "resize_as_", "svd_lowrank", "uniform",
}  # fmt: skip


def leaves(value: Any) -> Iterator[Any]:
    """The tensors and numbers in a result, in order."""
    if isinstance(value, (list, tuple)):
        for each in value:
            yield from leaves(each)
    elif isinstance(value, dict):
        for key in sorted(value):
            yield from leaves(value[key])
    else:
        yield value


def difference(entry: Any, wanted: Any, found: Any, kind: torch.dtype) -> str:
    """What differs between two results, "" where nothing does."""
    theirs, mine = list(leaves(wanted)), list(leaves(found))
    if len(theirs) != len(mine):
        return f"{len(mine)} results but {len(theirs)} in torch"
    for place, (one, other) in enumerate(zip(theirs, mine, strict=True)):
        told = of_pair(entry, one, other, kind)
        if told:
            return f"result {place}: {told}"
    return ""


def of_pair(entry: Any, wanted: Any, found: Any, kind: torch.dtype) -> str:
    """What differs between two tensors or other values."""
    if not isinstance(wanted, torch.Tensor):
        if isinstance(wanted, float) and isinstance(found, float):
            return "" if math.isclose(wanted, found, rel_tol=1e-5) or wanted != wanted else f"{found} not {wanted}"
        is_same = type(wanted).__name__ == type(found).__name__ and (
            wanted == found or not isinstance(wanted, (int, bool, str, tuple))
        )
        return "" if is_same else f"{found!r} but {wanted!r} in torch"
    if not isinstance(found, ours.Tensor):
        return f"{type(found).__name__} but a tensor in torch"
    if wanted.layout is not torch.strided:
        return f"layout {wanted.layout}"
    if str(wanted.dtype) != repr(found.dtype):
        return f"{found.dtype} but {wanted.dtype} in torch"
    if tuple(wanted.shape) != tuple(found.shape):
        return f"shape {tuple(found.shape)} but {tuple(wanted.shape)} in torch"
    if entry.name in RANDOM:
        return ""
    plain = wanted.detach().resolve_conj().resolve_neg()
    array = np.asarray(found.detach()._array())
    if plain.dtype in (torch.bfloat16, torch.complex32):
        array, plain = array.astype(np.float32), plain.to(torch.float32)
    try:
        torch.testing.assert_close(
            torch.from_numpy(np.array(array)), plain, equal_nan=True, **_tolerance(entry, plain.dtype, kind)
        )
    except AssertionError as error:
        return " ".join(str(error).split())[:200]
    return ""


def _tolerance(entry: Any, dtype: torch.dtype, kind: torch.dtype) -> dict[str, float]:
    if not (dtype.is_floating_point or dtype.is_complex):
        return {"rtol": 0, "atol": 0}
    found = {torch.float16: (1e-3, 1e-3), torch.bfloat16: (1.6e-2, 1e-2)}.get(dtype)
    if found is None:
        wide = dtype in (torch.float64, torch.complex128) and kind is torch.float64
        found = (1e-7, 1e-7) if wide else (1.3e-6, 1e-5)
    rtol, atol = found
    for each in entry.decorators:
        overrides = getattr(getattr(each, "decorators", [None])[0], "args", ()) if hasattr(each, "decorators") else ()
        for override in overrides if isinstance(overrides, Sequence) else ():
            if isinstance(override, dict) and dtype in override:
                rtol, atol = max(rtol, override[dtype].rtol), max(atol, override[dtype].atol)
    return {"rtol": max(rtol, 2e-5 if dtype is torch.float32 else rtol), "atol": atol}
