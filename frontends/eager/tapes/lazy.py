"""Values that may not have been computed yet, the calls that make them, and the storage that tensors share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from diptych.ir import TensorType

from .. import dtypes as dtype_module
from ..device import CPU, device
from ..size import Size

if TYPE_CHECKING:
    import numpy as np

    from ..autograd.gradient_template import GradientTemplate
    from ..tensors.tensor import Tensor
    from .hooks import Hooks
    from .operation import Template
    from .prefixes import Prefix


class Kind:
    """A tensor type on a device, one object each, so that calls are looked up by identity. The device is None of what
    lies nowhere in particular, and goes with all."""

    __slots__ = ("bytes", "device", "dtype", "shape", "size", "type")

    def __init__(self, type: TensorType, place: device | None) -> None:
        self.type = type
        self.device = place
        self.shape: tuple[int, ...] = type.static_shape()
        self.size = Size(self.shape)
        self.dtype = dtype_module.of_ir(type.dtype)
        self.bytes = type.bytes()


_kinds: dict[TensorType, Kind] = {}
_elsewhere: dict[device | None, dict[TensorType, Kind]] = {}


def kind_of(type: TensorType, place: device | None = CPU) -> Kind:
    """The one Kind of a type on a device, as `place_of` gives it."""
    kinds = _kinds if place is CPU else _elsewhere.setdefault(place, {})
    found = kinds.get(type)
    if found is None:
        found = kinds.setdefault(type, Kind(type, place))
    return found


class Lazy:
    """One value: an array, or output `number` of a call. `position` is its place in the tape `serial`."""

    __slots__ = ("__dict__", "array", "call", "kind", "number", "position", "serial")

    overwritten: Overwritten | None = None  # a storage showed it until somebody wrote there
    hooks: Hooks | None = None  # what wants its gradient
    rewritten: Storage | None = None  # where it stood until somebody wrote there through `.data`
    was_argument: bool = False  # of a program on jax, while it lay in the host's memory
    copy: tuple[Any, np.ndarray] | None = None  # an array on jax's device, and the host's that it was, which is kept

    def __init__(
        self,
        kind: Kind,
        array: Any = None,
        call: Call | None = None,
        number: int = 0,
        serial: int = 0,
        position: int = 0,
    ) -> None:
        self.kind = kind
        self.array = array
        self.call = call
        self.number = number
        self.serial = serial
        self.position = position


UNTRACKED, TRACKED, LEAF = 0, 1, 2  # how gradients pass from a call to one of its inputs
INFERENCE = 4  # of a storage: made in inference mode; UNTRACKED for calls, which may not keep it for a gradient
PASSING = TRACKED | LEAF  # what of an edge counts for calls


class Backward(Protocol):
    """What takes the gradient of a call in Python: a function's own backward, or a second call of what was kept."""

    first: int  # the place of the first input that gradients are given for

    @property
    def name(self) -> str: ...

    def gradients(self, given: Sequence[Tensor | None]) -> list[Tensor | None]: ...

    def release(self) -> None: ...


class Call:
    """One call by the user: on which values, with which numbers, and how gradients flow back. What calls at the same
    place of equal tapes have in common, its prefix has.

    Where an input is a tensor that collects its own gradient (its edge is LEAF), that stands in `leaves` at the same
    place. `serial` is the tape that has the call. `freed`: a gradient was taken, and the values it needed may go.
    """

    __slots__ = ("__dict__", "freed", "inputs", "leaves", "prefix", "scalars", "serial")

    prefix: Prefix
    inputs: tuple[Lazy, ...]
    scalars: tuple[Any, ...]
    leaves: tuple[Tensor | None, ...]
    serial: int
    freed: bool

    spoiled: Overwritten | None = None  # a result that was written over
    may_be_written_over: bool = False  # what it keeps, since it is kept as it was
    part: int | None = None  # of a model, that is computed again in the backward
    python: Backward | None = None  # what takes its gradient, where Python does
    metadata: dict[Any, Any] | None = None  # what users note of it

    @property
    def template(self) -> Template | GradientTemplate:
        """What was called."""
        return self.prefix.template

    @property
    def tracked(self) -> bool:
        """Whether gradients flow through it."""
        return self.prefix.tracked

    @property
    def edges(self) -> tuple[int, ...]:
        """Empty, or for each input UNTRACKED, TRACKED or LEAF."""
        return self.prefix.edges if self.inputs else ()

    def is_spent(self) -> bool:
        """Whether no gradient can be taken any more: one was, and something was kept for it alone."""
        return self.freed and self.prefix.template.saves != ()

    def release(self) -> None:
        """Lets go of all that the gradient needed."""
        self.inputs = self.leaves = ()
        if self.python is not None:
            self.python = None

    def is_released(self) -> bool:
        """Whether neither the values nor the gradient of the call can be computed again."""
        return self.freed and not self.inputs


class Storage:
    """What a tensor and its views share: the current value of the base, and how often it was written.

    `edge`: TRACKED where the value has a history that gradients flow through, INFERENCE where it was made in inference
    mode. `version` is what PyTorch counts,
    `writes` counts those through `.data` too. `pinned`: an array that somebody outside sees, which every write must
    reach, and whose contents may change at any time.
    """

    __slots__ = ("__weakref__", "edge", "lazy", "pinned", "serial", "version", "writes")

    def __init__(self, lazy: Lazy, edge: int = UNTRACKED, pinned: Any = None, serial: int = 0) -> None:
        self.lazy = lazy
        self.edge = edge
        self.pinned = pinned
        self.version = 0
        self.writes = 0
        self.serial = serial  # of the tape that has it among its outputs


class Alias:
    """The history of tensors that share a storage with others but not their gradients: what `detach()` makes.

    `lazy` is what the storage showed at `writes`, with that history; None while no gradient flows. `data`: what
    `.data` made, from which this one comes, if any: its `version` counts writes that the storage's does not.
    `made_in`: of a view that was made under "no_grad" or "inference" mode, that.
    """

    __slots__ = ("data", "lazy", "made_in", "version", "writes")

    def __init__(self, *, data: Alias | None = None, is_data: bool = False, made_in: str = "") -> None:
        self.lazy: Lazy | None = None
        self.writes = 0
        self.version = 0
        self.data = self if is_data else data
        self.made_in = made_in


class Overwritten:
    """How a value came to be written over: the version of its storage that it was, and the call that wrote, if
    gradients flow through that."""

    __slots__ = ("by", "storage", "version")

    def __init__(self, storage: Storage, version: int, by: Call | None) -> None:
        self.storage = storage
        self.version = version
        self.by = by
