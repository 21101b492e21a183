"""Parameters as one vector, and back."""

from __future__ import annotations

from collections.abc import Iterable

from ...functions.joining import cat
from ...tensors.tensor import Tensor
from ..module import type_name


def parameters_to_vector(parameters: Iterable[Tensor]) -> Tensor:
    """All parameters, made flat, one after another."""
    return cat([parameter.view(-1) for parameter in parameters])


def vector_to_parameters(vec: Tensor, parameters: Iterable[Tensor]) -> None:
    """Gives the parameters the parts of a vector as their data. Raises TypeError for what is no tensor."""
    if not isinstance(vec, Tensor):
        raise TypeError(f"expected torch.Tensor, but got: {type_name(vec)}")
    place = 0
    for parameter in parameters:
        count = parameter.numel()
        parameter.data = vec[place : place + count].view(*parameter.shape).data
        place += count
