"""Automatic mixed precision: whether it is on, and what it does to a function's arguments.

A function is on one of three lists, which its decorator says: `lower_precision` computes in the chosen type,
`full_precision` in float32, `widest` in the widest type among its arguments. All others take what they get. Within a
function of a list nothing more is cast. CUDA's list of float32 is another one than the CPU's.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from .. import dtypes as dtype_module
from ..dtypes import dtype
from ..tapes.callers import renamed
from ..tapes.mode import mode
from ..tensors.tensor import Tensor

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


# What of the CPU's list of float32 is on CUDA's, too, which lacks poolings and the like.
_ON_BOTH = frozenset(
    [
        "binary_cross_entropy_with_logits",
        "cdist",
        "cosine_embedding_loss",
        "cross_entropy",
        "dist",
        "hinge_embedding_loss",
        "huber_loss",
        "kl_div",
        "l1_loss",
        "margin_ranking_loss",
        "mse_loss",
        "multi_margin_loss",
        "multilabel_margin_loss",
        "nll_loss",
        "poisson_nll_loss",
        "prod",
        "smooth_l1_loss",
        "soft_margin_loss",
        "triplet_margin_loss",
        "triplet_margin_with_distance_loss",
    ]
)
_UNSAFE = (
    "torch.nn.functional.binary_cross_entropy and torch.nn.BCELoss are unsafe to autocast.\nMany models use a sigmoid "
    "layer right before the binary cross entropy layer.\nIn this case, combine the two layers using "
    "torch.nn.functional.binary_cross_entropy_with_logits\nor torch.nn.BCEWithLogitsLoss.  "
    "binary_cross_entropy_with_logits and BCEWithLogits are\nsafe to autocast."
)

Choice = Callable[[list[Tensor]], dtype | None]


def _casts(on_cpu: Choice | None, on_cuda: Choice | None, function: Decorated) -> Decorated:
    """The function, with floats among its arguments in the type that is chosen where they live; None chooses none."""

    @functools.wraps(function)
    def casting(*arguments: Any, **options: Any) -> Any:
        if not mode.is_casting:
            return function(*arguments, **options)
        given = [*_floats(arguments), *_floats(tuple(options.values()))]
        kind = given[0].device.type if given else ""
        choose = on_cpu if kind == "cpu" else on_cuda
        if choose is None or not mode.casting.get(kind, False):
            return function(*arguments, **options)
        mode.is_casting = False
        try:
            target = choose(given)
            if target is not None:
                arguments = tuple(_cast(each, target) for each in arguments)
                options = {key: _cast(each, target) for key, each in options.items()}
            return function(*arguments, **options)
        finally:
            mode.is_casting = True

    return renamed(casting, function.__name__)  # pyright: ignore[reportReturnType]


def _listed(function: Decorated, name: str) -> Decorated:
    function.__autocast__ = name  # pyright: ignore[reportFunctionMemberAccess]
    return function


def _floats(given: Any) -> Iterator[Tensor]:
    """The tensors among arguments that may be cast: of floats, but not of 64 bits."""
    for each in given:
        if isinstance(each, Tensor):
            if each.dtype.is_floating_point and each.dtype is not dtype_module.float64:
                yield each
        elif isinstance(each, (tuple, list)):
            yield from _floats(each)


def _cast(value: Any, target: dtype) -> Any:
    from ..functions.pointwise import cast

    if isinstance(value, Tensor):
        eligible = value.dtype.is_floating_point and value.dtype is not dtype_module.float64
        return cast(value, target) if eligible and value.dtype is not target else value
    if isinstance(value, (tuple, list)) and any(True for _ in _floats(value)):
        return type(value)(_cast(each, target) for each in value)
    return value


def _lower_type(device_type: str) -> dtype:
    default = dtype_module.bfloat16 if device_type == "cpu" else dtype_module.float16
    return mode.cast_dtypes.get(device_type, default)


def lower_precision(function: Decorated) -> Decorated:
    """Computed in the type that `autocast` chooses."""
    return _listed(_casts(_lower, _lower, function), "lower_precision")


def _lower(given: list[Tensor]) -> dtype:
    return _lower_type(given[0].device.type)


def _full(given: list[Tensor]) -> dtype:
    return dtype_module.float32


def _refused(given: list[Tensor]) -> dtype:
    raise RuntimeError(_UNSAFE)


def full_precision(function: Decorated) -> Decorated:
    """Computed in float32."""
    name = function.__name__
    on_cuda = _refused if name == "binary_cross_entropy" else _full if name in _ON_BOTH else None
    return _listed(_casts(_full, on_cuda, function), "full_precision")


def full_precision_on_cuda(function: Decorated) -> Decorated:
    """Computed in float32 on CUDA, where the CPU takes what it gets."""
    return _casts(None, _full, function)


on_cuda = False  # whether anybody ever casts on CUDA: what is called often asks that first


def full_on_cuda(x: Tensor) -> Tensor:
    """An argument of a function that is computed in float32 on CUDA."""
    is_cast = mode.is_casting and x.device.type == "cuda" and mode.casting.get("cuda", False)
    return _cast(x, dtype_module.float32) if is_cast else x


def _widest(given: list[Tensor]) -> dtype | None:
    kinds = {each.dtype for each in given}
    return dtype_module.float32 if len(kinds) > 1 else None


def widest(function: Decorated) -> Decorated:
    """Computed in float32 where the tensors are of different types."""
    return _listed(_casts(_widest, _widest, function), "widest")
