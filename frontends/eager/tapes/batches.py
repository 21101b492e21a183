"""What reads values must know of tensors that stand for the elements of a batch, within a function that is vmapped."""

from __future__ import annotations

from threading import get_ident
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..device import device
from .tape import tape

if TYPE_CHECKING:
    from ..func.elements import Elements
    from ..tensors.tensor import Tensor


class Levels(NamedTuple):
    """The batches whose elements differ in an array, from the outermost on, and the device that it is from."""

    batches: tuple[Elements, ...]
    place: device


BOOL = (
    "vmap: It looks like you're attempting to use a Tensor in some data-dependent control flow. We don't support that "
    "yet, please file an issue at https://github.com/pytorch/pytorch/issues ."
)
POINTER = "Cannot access data pointer of Tensor that doesn't have storage"
MASK = (
    "vmap: We do not support batching operators that can support dynamic shape. Attempting to batch over indexing with "
    "a boolean mask."
)


def elements_here() -> Elements | None:
    """The elements that calls of this thread are noted for now, if any."""
    elements = tape.elements
    return elements if elements is not None and elements.thread == get_ident() else None


def is_batched(x: Tensor) -> bool:
    """Whether a tensor stands for one element of a batch."""
    elements = elements_here()
    return elements is not None and elements.is_batched(x._lazy())


def check_single(x: Tensor, text: str, kind: type[Exception] = RuntimeError) -> None:
    """Raises RuntimeError, or another error, with this text for what stands for one element of a batch."""
    elements = elements_here()
    if elements is not None and elements.is_batched(x._lazy()):
        raise elements.unread(text, kind)


def check_written_alone(given: Tensor, x: Tensor, text: str) -> None:
    """Raises RuntimeError with this text where what all elements share would be given a value of each."""
    elements = elements_here()
    if elements is not None and elements.is_batched(x._lazy()) and not elements.is_batched(given._lazy()):
        raise elements.unwritten(text)


def check_shape_known(x: Tensor, name: str) -> None:
    """Raises PyTorch's RuntimeError for one element of a batch, where the shape of a result depends on its values."""
    check_single(
        x,
        "vmap: We do not support batching operators that can output dynamic shape. Attempted to vmap over "
        f"aten::{name}. Please file an issue at https://github.com/pytorch/pytorch/issues if you need this feature.",
    )


def whole(x: Tensor) -> tuple[np.ndarray, Levels]:
    """The value of a tensor, for the host to compute with where the last axes decide: of what stands for one element of
    a batch, all elements, along a first axis; and for which batches."""
    elements = elements_here()
    if elements is None:
        return np.asarray(x.detach()._array()), Levels((), x.device)
    return elements.whole(x)


def of_whole(array: np.ndarray, levels: Levels) -> Tensor:
    """A tensor of what the host computed from a value that `whole` gave."""
    return _within(array, levels, elements_here())


def _within(array: np.ndarray, levels: Levels, elements: Elements | None) -> Tensor:
    from ..tensors.data import from_array

    if elements is None:
        return from_array(array, levels.place)
    with elements.around():
        made = _within(array, levels, elements.above)
    return elements.element(made, 0) if elements in levels.batches else made
