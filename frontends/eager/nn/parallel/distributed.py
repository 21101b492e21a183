"""`DistributedDataParallel`: a module in several processes, each of which has a part of every batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any
from weakref import finalize, ref

from diptych.backends.processes import process_count

from ...autograd.gradients import after_backward
from ...tapes.mode import is_grad_enabled
from ...tensors.tensor import Tensor
from ..module import Module


class DistributedDataParallel(Module):
    """A module whose gradients are the mean of those that all processes take of their own losses; names in its state
    begin with "module.". The first process's parameters and buffers are those of all when it is made and, with
    `broadcast_buffers`, its buffers whenever it is called in training.

    All processes take as many gradients. A parameter that a loss does not depend on counts as one whose gradient is 0,
    as with `find_unused_parameters`; where it is so in all processes, its gradient stays None. Raises ValueError before
    `torch.distributed.init_process_group`, RuntimeError for a module without gradients.
    """

    def __init__(
        self,
        module: Module,
        device_ids: Any = None,
        output_device: Any = None,
        dim: int = 0,
        broadcast_buffers: bool = True,
        init_sync: bool = True,
        process_group: Any = None,
        bucket_cap_mb: float | None = None,
        find_unused_parameters: bool = False,
        check_reduction: bool = False,
        gradient_as_bucket_view: bool = False,
        static_graph: bool = False,
        delay_all_reduce_named_params: Any = None,
        param_to_hook_all_reduce: Any = None,
        mixed_precision: Any = None,
        device_mesh: Any = None,
        skip_all_reduce_unused_params: bool = False,
    ) -> None:
        from ... import distributed

        super().__init__()
        distributed.get_world_size()
        if not any(parameter.requires_grad for parameter in module.parameters()):
            raise RuntimeError(
                "DistributedDataParallel is not needed when a module doesn't have any parameters that require a "
                "gradient."
            )
        self.module = module
        self.device_ids, self.output_device, self.dim = None, None, dim
        self.broadcast_buffers = broadcast_buffers
        self.find_unused_parameters = find_unused_parameters
        self.require_backward_grad_sync = True
        self._waits = False  # whether gradients of a call have not been taken yet
        if process_count() > 1:
            if init_sync:
                _from_first([*module.parameters(), *module.buffers()])
            listener = partial(_reduced, ref(self))
            after_backward.append(listener)
            finalize(self, after_backward.remove, listener)

    def forward(self, *inputs: Any, **kwargs: Any) -> Any:
        """What the module gives."""
        if process_count() > 1:
            if self.broadcast_buffers and self.training and self.require_backward_grad_sync:
                _from_first(list(self.module.buffers()))
            self._waits = self.require_backward_grad_sync and is_grad_enabled()
        return self.module(*inputs, **kwargs)

    @contextmanager
    def no_sync(self) -> Iterator[None]:
        """A block in which gradients are not shared between processes, but added up for the next time that they are."""
        before, self.require_backward_grad_sync = self.require_backward_grad_sync, False
        try:
            yield
        finally:
            self.require_backward_grad_sync = before


def _from_first(tensors: Sequence[Tensor]) -> None:
    """Writes what the first process has into the tensors of all."""
    from ...distributed.programs import gathered, put, together

    for found, target in zip(together(tensors, gathered), tensors, strict=True):
        put(found[0], target)


def _reduced(owner: ref[DistributedDataParallel]) -> None:
    """Gradients were taken: where they are of a call of the module, each is the mean of all processes' now."""
    from ...distributed.programs import averaged, put, together

    module = owner()
    if module is None or not module._waits:
        return
    module._waits = False
    parameters = [each for each in module.module.parameters() if each.requires_grad]
    gradients = [each.grad if each.grad is not None else each.new_zeros(each.shape) for each in parameters]
    for parameter, own, found in zip(parameters, gradients, together(gradients, averaged), strict=True):
        if parameter.grad is not None:
            put(found, own)
        elif bool((found != 0).any()):
            parameter.grad = found
