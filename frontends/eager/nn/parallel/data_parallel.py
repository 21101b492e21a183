"""Batches shared out among devices: all of a batch to the one that computes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from diptych.backends.accelerators import accelerator_count

from ...device import place_of
from ...func import trees
from ...tensors.moving import moved
from ...tensors.tensor import Tensor
from ..module import Module


def _on_device(given: Any, device_ids: Sequence[Any] | None) -> Any:
    """Arguments with their tensors on the first device, where there is an accelerator."""
    if not accelerator_count():
        return given
    place = place_of(device_ids[0] if device_ids else "cuda")
    return trees.mapped(lambda each: moved(each, place) if isinstance(each, Tensor) else each, given)


class DataParallel(Module):
    """The module itself, as `module`, which is given what comes in on its device."""

    def __init__(
        self, module: Module, device_ids: Sequence[Any] | None = None, output_device: Any = None, dim: int = 0
    ) -> None:
        super().__init__()
        self.module = module
        self.device_ids: list[Any] = list(device_ids or range(accelerator_count()))

    def forward(self, *inputs: Any, **kwargs: Any) -> Any:
        inputs, kwargs = _on_device((inputs, kwargs), self.device_ids)
        return self.module(*inputs, **kwargs)


def data_parallel(
    module: Module,
    inputs: Any,
    device_ids: Sequence[Any] | None = None,
    output_device: Any = None,
    dim: int = 0,
    module_kwargs: dict[str, Any] | None = None,
) -> Any:
    """The module's result."""
    given = inputs if isinstance(inputs, tuple) else () if inputs is None else (inputs,)
    given, kwargs = _on_device((given, module_kwargs or {}), device_ids)
    return module(*given, **kwargs)
