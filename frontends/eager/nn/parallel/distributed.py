"""`DistributedDataParallel`: a module in several processes, each of which has a part of every batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any
from weakref import finalize, ref

import numpy as np
from diptych.backends.joining import all_numbers, all_told
from diptych.backends.processes import process_count, process_rank
from diptych.ir import Unsupported, user_location

from ...autograd.gradients import after_backward
from ...tapes.mode import is_grad_enabled
from ...tapes.tape import refused
from ...tensors.tensor import Tensor
from ..module import Module
from .hooked import BUCKET_BYTES, FIRST_BUCKET_BYTES, Hooked, buckets_of, check_hook
from .joining import Join, Joinable
from .uneven import Uneven

_NAME = "DistributedDataParallel"
_UNUSED = (
    "Expected to have finished reduction in the prior iteration before starting a new one. This error indicates that "
    "your module has parameters that were not used in producing loss. You can enable unused parameter detection by "
    "passing the keyword argument `find_unused_parameters=True` to `torch.nn.parallel.DistributedDataParallel`, and by "
    "\nmaking sure all `forward` function outputs participate in calculating loss. \nParameter indices which did not "
    "receive grad for rank {}: {}"
)


class DistributedDataParallel(Module, Joinable):
    """A module whose gradients are the mean of those that all processes take of their own losses; names in its state
    begin with "module.". The first process's parameters and buffers are those of all when it is made and, with
    `broadcast_buffers`, its buffers whenever it is called, after a call for which gradients were shared.

    All processes take as many gradients. Without `find_unused_parameters` or `static_graph`, each loss depends on all
    parameters; with them, a gradient is 0 in processes whose losses do not depend on its parameter, and stays as it was
    where none does. What is unused in one process tells all in each backward, with `static_graph` in the first one.

    Raises ValueError before `torch.distributed.init_process_group`; RuntimeError for a module without gradients, for
    modules that are not alike in all processes, and in a call behind a backward that did not reach all parameters.
    """

    def __init__(
        self,
        module: Module,
        device_ids: Any = None,
        output_device: Any = None,
        dim: int = 0,
        broadcast_buffers: bool | None = None,
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
        bucket_cap_mb_list: Sequence[float] | None = None,
        batched_grad_copy: bool = False,
        forward_sync_buffers: bool | None = None,
    ) -> None:
        from ... import distributed

        super().__init__()
        Joinable.__init__(self)
        distributed.get_world_size()
        if not any(parameter.requires_grad for parameter in module.parameters()):
            raise RuntimeError(
                "DistributedDataParallel is not needed when a module doesn't have any parameters that require a "
                "gradient."
            )
        for name, given in (
            ("mixed_precision", mixed_precision),
            ("delay_all_reduce_named_params", delay_all_reduce_named_params),
        ):
            if given is not None:
                raise Unsupported(f"{_NAME}: {name}", location=user_location(), hint="torch.autocast, or no_sync()")
        self.module = module
        self.device_ids, self.output_device, self.dim = None, None, dim
        self.broadcast_buffers = (
            broadcast_buffers is not False if forward_sync_buffers is None else forward_sync_buffers
        )
        self.find_unused_parameters = find_unused_parameters
        self.static_graph = static_graph
        self.require_backward_grad_sync = self.require_forward_param_sync = True
        self.process_group = distributed.group.WORLD if process_group is None else process_group
        self._captured: Any = None  # the module within, for `torch.compile`
        self._uneven: Uneven | None = None  # of the last block of `join`
        self._waits = False  # whether gradients of a call have not been taken yet
        self._used: tuple[bool, ...] | None = None  # with `static_graph`, what was in the first backward
        self._missing: tuple[int, ...] = ()  # parameters that a backward did not reach, though it had to
        self._cap = None if bucket_cap_mb is None else int(bucket_cap_mb * 2**20)  # bytes of gradients that go as one
        self._hooked: Hooked | None = None  # what shares gradients, where that is the program's own
        self._listens = False  # whether it is told of gradients
        if process_count() > 1:
            if init_sync:
                self._check_alike()
                with_buffers = broadcast_buffers is not False or forward_sync_buffers is not None
                self._from_one([*module.parameters(), *(module.buffers() if with_buffers else ())])
            self._listen()

    def _listen(self) -> None:
        if not self._listens:
            self._listens = True
            listener = partial(_after_backward, ref(self))
            after_backward.append(listener)
            finalize(self, after_backward.remove, listener)

    def forward(self, *inputs: Any, **kwargs: Any) -> Any:
        """What the module gives."""
        if self._listens:
            self._begin_call()
        return (self._captured or self.module)(*inputs, **kwargs)

    def _capture(self, capture: Callable[[Any], Any]) -> None:
        """Has the module within captured, by `torch.compile` of this one: what is done here must be done each time."""
        self._captured = capture(self.module.__call__)

    @contextmanager
    def no_sync(self) -> Iterator[None]:
        """A block in which gradients are not shared between processes, but added up for the next time that they are."""
        before, self.require_backward_grad_sync = self.require_backward_grad_sync, False
        try:
            yield
        finally:
            self.require_backward_grad_sync = before

    def register_comm_hook(self, state: Any, hook: Callable[..., Any]) -> None:
        """Has `hook(state, bucket)` share gradients from now on, in place of a mean: it gets each
        `torch.distributed.GradBucket` of them in each backward that shares, the last parameters' first, and gives a
        `torch.futures.Future` of a tensor as large as the bucket's buffer. Buckets are PyTorch's from the second
        backward on: 1 MiB and then 25 MiB, or `bucket_cap_mb`. With `find_unused_parameters` or `static_graph` a
        gradient that a process does not have is 0 in its bucket.

        Raises TypeError for what cannot be called, ValueError for annotations of other types, and RuntimeError the
        second time; in a backward RuntimeError where the hook gives something else."""
        check_hook(hook)
        if self._hooked is not None:
            raise RuntimeError("register_comm_hook or register_builtin_comm_hook can only be called once.")
        limits = [FIRST_BUCKET_BYTES, BUCKET_BYTES] if self._cap is None else [self._cap]
        buckets = buckets_of(self._shared(), limits, reverse=not self.find_unused_parameters)
        self._hooked = Hooked(state, hook, buckets)
        self._listen()

    def join(
        self,
        divide_by_initial_world_size: bool = True,
        enable: bool = True,
        throw_on_early_termination: bool = False,
    ) -> Join:
        """A block in which processes may have unlike numbers of batches. Who has no more takes part in what others
        share, with gradients of 0; at its end all have the module of one that had most. With
        `divide_by_initial_world_size` gradients are sums over the number of all, else of those that have batches; a
        hook of the program's own divides as it likes. With `throw_on_early_termination` all raise RuntimeError once one
        has no more."""
        return Join(
            [self], enable, throw_on_early_termination, divide_by_initial_world_size=divide_by_initial_world_size
        )

    def join_hook(self, **kwargs: Any) -> Uneven:
        """What `Join` does in a process that has no more batches; `divide_by_initial_world_size` is as for `join`."""
        self._uneven = Uneven(self, by_all=kwargs.get("divide_by_initial_world_size", True))
        return self._uneven

    @property
    def join_device(self) -> Any:
        """The device of the parameters."""
        return next(iter(self._shared())).device

    @property
    def join_process_group(self) -> Any:
        """The group of the processes that share."""
        return self.process_group

    def _begin_call(self) -> None:
        is_shared = self.require_backward_grad_sync and is_grad_enabled()
        if is_shared and self._missing:
            raise RuntimeError(_UNUSED.format(process_rank(), " ".join(map(str, self._missing))))
        takes_buffers = self.broadcast_buffers and self.require_forward_param_sync
        Join.notify_join_context(self)
        uneven = self._joined()
        if uneven is not None:
            uneven.told((True, takes_buffers, is_shared))
        if takes_buffers and process_count() > 1:
            self._from_one(list(self.module.buffers()), 0 if uneven is None else uneven.source)
        self.require_forward_param_sync = self._waits = is_shared

    def _joined(self) -> Uneven | None:
        """What is known of the others in a block of `join`."""
        return self._uneven if self._join_config.enable else None

    def _shared(self) -> list[Tensor]:
        """The parameters whose gradients are shared."""
        return [each for each in self.module.parameters() if each.requires_grad]

    def _check_alike(self) -> None:
        shapes = [f"{list(each.shape)}" for each in self._shared()]
        told = [each.split("\n") for each in all_told("\n".join(shapes))]
        for rank, others in enumerate(told):
            if len(others) != len(told[0]):
                raise RuntimeError(
                    f"DDP expects same model across all ranks, but Rank 0 has {len(told[0])} params, while rank {rank} "
                    f"has inconsistent {len(others)} params."
                )
        for number, shape in enumerate(told[0]):
            other = next((rank for rank, each in enumerate(told) if each[number] != shape), None)
            if other is not None:
                raise RuntimeError(
                    f"[{other}]: params[{number}] in this process with sizes {told[other][number]} appears not to "
                    "match sizes of the same param in process 0."
                )

    def _from_one(self, tensors: Sequence[Tensor], source: int = 0) -> None:
        """Writes what one process has into the tensors of all."""
        from ...distributed.programs import all_sent, all_together, put

        told = f"{_NAME} broadcast of"
        for found, target in zip(all_together(all_sent, tensors, source, told), tensors, strict=True):
            put(found, target)

    def _share(self, reached: Sequence[Tensor]) -> None:
        """Gradients of these leaves were taken: where the module's are among them, each is the mean of all processes'
        now."""
        from ...distributed.programs import put

        parameters = self._shared()
        now = set(map(id, reached))
        own = [id(each) in now for each in parameters]
        if not any(own):
            return
        self._waits = False
        used = self._used_anywhere(own)
        with_gradient = [each for each, is_used in zip(parameters, used, strict=True) if is_used]
        for each in with_gradient:
            if each.grad is None:
                each.grad = each.new_zeros(each.shape)
        for found, each in zip(self._means([each.grad for each in parameters], used), with_gradient, strict=True):
            put(found, each.grad)

    def _share_zeros(self) -> None:
        """As `_share`, of a process that has no gradients, and gets none."""
        parameters = self._shared()
        used = self._used_anywhere([False] * len(parameters))
        self._missing = ()
        self._means([each.new_zeros(each.shape) for each in parameters], used)

    def _means(self, gradients: Sequence[Tensor | None], used: Sequence[bool]) -> list[Tensor]:
        """What all make of the gradients that are used anywhere. A hook is given zeros for the others."""
        from ...distributed.programs import all_averaged, all_together

        if self._hooked is not None:
            parameters = self._shared()
            pairs = zip(parameters, gradients, used, strict=True)
            given = [
                gradient if is_used and gradient is not None else each.new_zeros(each.shape)
                for each, gradient, is_used in pairs
            ]
            found = self._hooked.shared(parameters, given)
            return [each for each, is_used in zip(found, used, strict=True) if is_used]
        own = [each for each, is_used in zip(gradients, used, strict=True) if is_used and each is not None]
        cap = BUCKET_BYTES if self._cap is None else self._cap
        means = all_together(all_averaged, own, f"{_NAME} gradients of", cap=cap)
        uneven = self._joined()
        factor = 1.0 if uneven is None else uneven.factor
        return means if factor == 1 else [each * factor for each in means]

    def _used_anywhere(self, own: Sequence[bool]) -> Sequence[bool]:
        """Which parameters the losses of some processes depend on."""
        if not (self.find_unused_parameters or self.static_graph):
            self._missing = tuple(number for number, is_used in enumerate(own) if not is_used)
            return [True] * len(own)
        if self._used is not None:
            return self._used
        refused("processes tell one another which parameters are unused")
        found = all_numbers(np.array(own)).any(0)
        used = tuple(map(bool, found))
        if self.static_graph:
            self._used = used
        return used


def _after_backward(owner: ref[DistributedDataParallel], reached: Sequence[Tensor]) -> None:
    module = owner()
    if module is not None and module._waits:
        module._share(reached)
