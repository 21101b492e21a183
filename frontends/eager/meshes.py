"""Modules and optimizers on a mesh of devices: their parameters are split as its rules say, and what optimizers keep
as the parameter is that it is kept for."""

from __future__ import annotations

from typing import Any
from weakref import WeakSet

import numpy as np
from diptych.backends.jax import joined_on_mesh, on_mesh
from diptych.backends.mesh import Mesh, changing, current
from diptych.backends.processes import process_count
from diptych.backends.settings import settings
from diptych.ir import Builder, DiptychError, Value

from ..meshes import joiners, sharders
from .nn import hooks
from .nn.module import Module
from .nn.parameter import is_lazy
from .optim.optimizer import Optimizer, register_optimizer_step_post_hook, register_optimizer_step_pre_hook
from .tapes.hooks import RemovableHandle
from .tapes.lazy import Lazy, Storage, kind_of
from .tapes.operation import operation
from .tapes.places import PLACES
from .tapes.recording import call
from .tapes.tape import tape
from .tensors.tensor import Tensor


@operation
def _shard(b: Builder, x: Value, axes: str) -> Value:
    return b.shard(x, axes=axes)


sharders[Tensor] = (lambda x: x.dim(), lambda x, axes: call(_shard, (x,), (axes,)))


def _batch(x: Tensor) -> Tensor:
    mesh = current()
    if mesh is None or settings().backend != "jax" or process_count() == 1:
        return x
    if x.requires_grad:
        raise DiptychError("batch: x requires a gradient, which does not flow through it", hint="x.detach()")
    kind, array = x._lazy().kind, joined_on_mesh(np.asarray(x._array()), mesh)
    return Tensor._of(Storage(Lazy(kind_of(kind.type.with_shape(array.shape), kind.device), array)))


joiners[Tensor] = _batch


class _Watch:
    """What is done for one mesh while it is active."""

    def __init__(self, mesh: Mesh) -> None:
        self.mesh = mesh
        self.seen: WeakSet[Module] = WeakSet()  # modules whose parameters are split
        self.shapeless: list[tuple[str, Tensor]] = []  # parameters of lazy modules, which are split once they have one
        self.handles: list[RemovableHandle] = [
            hooks.register(hooks.Global.forward_pre, self.before_module, prepend=True),
            register_optimizer_step_pre_hook(self.before_step),
            register_optimizer_step_post_hook(self.after_step),
        ]

    def remove(self) -> None:
        for handle in self.handles:
            handle.remove()

    def before_module(self, module: Module, arguments: tuple[Any, ...]) -> None:
        """The outermost module is called first: names are those that its parameters have in it."""
        if self.shapeless:
            self.place_named([])
        if module in self.seen:
            return
        self.seen.update(module.modules())
        self.place_named([*module.named_parameters(), *module.named_buffers()])

    def place_named(self, named: list[tuple[str, Tensor]]) -> None:
        """Splits tensors as the rules say of their names; those that have no shape yet, the next time."""
        waiting, self.shapeless = [*self.shapeless, *named], []
        for name, tensor in waiting:
            if is_lazy(tensor):
                self.shapeless.append((name, tensor))
            else:
                self.place(tensor, self.mesh.of_parameter(name, tuple(tensor.shape)))

    def before_step(self, optimizer: Optimizer, arguments: Any, options: Any) -> None:
        """Gradients are split as what is kept of the parameter is."""
        if self.shapeless:
            self.place_named([])
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    self.beside(parameter, parameter.grad)

    def after_step(self, optimizer: Optimizer, arguments: Any, options: Any) -> None:
        for parameter, kept in optimizer.state.items():
            if isinstance(parameter, Tensor) and isinstance(kept, dict):
                for each in kept.values():
                    if isinstance(each, Tensor) and each.shape == parameter.shape:
                        self.beside(parameter, each)

    def beside(self, parameter: Tensor, other: Tensor) -> None:
        """Splits what goes with a parameter; what is sparse holds few of its rows, and stays whole."""
        axes = PLACES.get(parameter._storage)
        if axes is not None and not other.is_sparse and other._storage not in PLACES:
            self.place(other, self.mesh.of_state(axes, tuple(parameter.shape)))

    def place(self, tensor: Tensor, axes: str) -> None:
        """Splits the value of a tensor now or, where it is not computed yet, then; and so all that is written to it."""
        storage: Storage = tensor._storage
        if tensor._view is not None or storage in PLACES:
            return
        PLACES[storage] = axes
        lazy = storage.lazy
        if settings().backend == "jax" and lazy.array is not None:
            lazy.array = on_mesh(lazy.array, axes, self.mesh)


_watches: list[_Watch] = []


def _changing(mesh: Mesh | None) -> None:
    """Another mesh is going to be active, or none: what waits runs before."""
    tape.move(mesh)
    while _watches:
        _watches.pop().remove()
    PLACES.clear()
    if mesh is not None:
        _watches.append(_Watch(mesh))


changing.append(_changing)
if current() is not None:
    _changing(current())
