"""Values that may not have been computed yet, the calls that make them, and the storage that tensors share."""

from __future__ import annotations

from types import CodeType
from typing import TYPE_CHECKING, Any

from diptych.ir import TensorType

from . import dtypes as dtype_module

if TYPE_CHECKING:
    from .operation import Template
    from .tensor import Tensor


class Kind:
    """A tensor type, one object each, so that calls are looked up by identity."""

    __slots__ = ("bytes", "dtype", "shape", "type")

    def __init__(self, type: TensorType) -> None:
        self.type = type
        self.shape: tuple[int, ...] = type.static_shape()
        self.dtype = dtype_module.of_ir(type.dtype)
        self.bytes = type.bytes()


_kinds: dict[TensorType, Kind] = {}


def kind_of(type: TensorType) -> Kind:
    """The one Kind of a type."""
    found = _kinds.get(type)
    if found is None:
        found = _kinds.setdefault(type, Kind(type))
    return found


class Lazy:
    """One value: an array, or output `number` of a call. `position` is its place in the tape `serial`."""

    __slots__ = ("array", "call", "kind", "number", "position", "serial")

    def __init__(self, kind: Kind, array: Any = None, call: Call | None = None, number: int = 0) -> None:
        self.kind = kind
        self.array = array
        self.call = call
        self.number = number
        self.serial = 0
        self.position = 0


UNTRACKED, TRACKED, LEAF = 0, 1, 2  # how gradients pass from a call to one of its inputs


class Call:
    """One call by the user: what was called, on which values, and how gradients flow back.

    `edges` has an entry for each input: UNTRACKED, TRACKED, or LEAF where the input is a tensor that collects its own
    gradient, which then stands in `leaves` at the same place. `code` and `instruction` tell the user's line.
    """

    __slots__ = ("code", "edges", "freed", "inputs", "instruction", "leaves", "scalars", "template", "tracked")

    def __init__(
        self,
        template: Template,
        inputs: tuple[Lazy, ...],
        scalars: tuple[Any, ...],
        code: CodeType | None,
        instruction: int,
    ) -> None:
        self.template = template
        self.inputs = inputs
        self.scalars = scalars
        self.code = code
        self.instruction = instruction
        self.edges: tuple[int, ...] = ()
        self.leaves: tuple[Tensor | None, ...] = ()
        self.tracked = False
        self.freed = False


class Storage:
    """What a tensor and its views share: the current value of the base, and how often it was written.

    `tracked`: the value has a history that gradients flow through. `pinned`: an array that somebody outside sees, which
    every write must reach.
    """

    __slots__ = ("lazy", "pinned", "serial", "tracked", "version")

    def __init__(self, lazy: Lazy, tracked: bool = False, pinned: Any = None) -> None:
        self.lazy = lazy
        self.tracked = tracked
        self.pinned = pinned
        self.version = 0
        self.serial = 0  # of the tape that has it among its outputs
