"""What a type of operation is: its inputs and outputs as TensorFlow's registry has them, and its meaning in the IR.

    @operation("MatMul", "a: T, b: T -> T", T=NUMBERS)
    def matmul(at, a, b, *, transpose_a=False, transpose_b=False): ...

The signature names the inputs and gives each a type: a dtype, a type variable (bound by the tensors given, or by the
attribute of that name), `N*T` for a list, `*T` for a list of several types, `ref T` for a variable that is written.
Outputs have types alone, one or several between commas; `num*T` is as many as the attribute `num` says, `*T` as many as
the attribute `T` has types, `ref T` is the variable of the first input. The function lowers one operation: it gets a
`Site` and values, and returns a value for each output, or a list of them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from . import dtypes
from .dtypes import DType
from .shapes import Dims

if TYPE_CHECKING:
    from .tensor import Tensor

Lower = Callable[..., Any]
Host = Callable[..., Any]
ShapeRule = Callable[..., Sequence[Dims | None]]


@dataclass(frozen=True, slots=True)
class Argument:
    """An input or output: its name, its dtype or the name of the variable that stands for it, and its kind."""

    name: str
    dtype: DType | None
    variable: str | None
    is_ref: bool
    count: str | None  # what counts a list, "" where its elements have types of their own; None for a single tensor

    def resolved(self, bound: dict[str, Any]) -> DType:
        """The dtype, its variable looked up. Raises KeyError where it is not bound."""
        return self.dtype if self.dtype is not None else bound[self.variable]


@dataclass(frozen=True, slots=True)
class Definition:
    """One type of operation.

    `allowed` and `defaults` say what a type variable may be and what it is for Python numbers. `shape`, where given,
    answers with the outputs' static shapes in place of the general inference. `writes` marks operations that change a
    variable, `blocks` the inputs that no gradient flows to (True: none at all), `takes_tensors` those whose lowering
    gets the operation and resolves its inputs itself. `host` is what the host computes where no program of the IR does.
    """

    type: str
    inputs: tuple[Argument, ...]
    outputs: tuple[Argument, ...]
    lower: Lower
    attributes: dict[str, Any]  # with defaults; inspect.Parameter.empty marks one that must be given
    allowed: dict[str, tuple[DType, ...]] = field(default_factory=dict)
    defaults: dict[str, DType] = field(default_factory=dict)
    shape: ShapeRule | None = None
    writes: bool = False
    blocks: bool | tuple[int, ...] = False
    takes_tensors: bool = False
    host: Host | None = None

    @property
    def takes_ref(self) -> bool:
        """Whether the first input is a variable to be written."""
        return bool(self.inputs) and self.inputs[0].is_ref


DEFINITIONS: dict[str, Definition] = {}


def operation(
    type: str,
    signature: str,
    *,
    defaults: dict[str, DType] | None = None,
    shape: ShapeRule | None = None,
    writes: bool = False,
    blocks: bool | tuple[int, ...] = False,
    takes_tensors: bool = False,
    attributes: dict[str, Any] | None = None,
    **allowed: tuple[DType, ...],
) -> Callable[[Lower], Lower]:
    """Declares a type of operation by its signature and its lowering, whose keyword-only parameters are attributes.

    `attributes` adds those that the lowering does not look at. Keywords with capital letters limit type variables.
    """

    def register(lower: Lower) -> Lower:
        if type in DEFINITIONS:
            raise KeyError(f"the type of operation {type} is declared twice")
        ins, outs = (part.strip() for part in signature.split("->"))
        parameters = inspect.signature(lower).parameters.values()
        declared = {p.name: p.default for p in parameters if p.kind is inspect.Parameter.KEYWORD_ONLY}
        DEFINITIONS[type] = Definition(
            type,
            tuple(_argument(text) for text in _parts(ins)),
            tuple(_argument(f"output:{text}") for text in _parts(outs)),
            lower,
            {**declared, **(attributes or {})},
            allowed,
            defaults or {},
            shape,
            writes,
            blocks,
            takes_tensors,
        )
        return lower

    return register


def host_operation(
    type: str,
    signature: str,
    *,
    shape: ShapeRule | None = None,
    attributes: dict[str, Any] | None = None,
    **allowed: tuple[DType, ...],
) -> Callable[[Host], Host]:
    """Declares a type of operation that the host computes: on strings, by Python functions, with files and queues.

    The function gets a `HostRun` and arrays, and returns an array for each output, or a list of them. Static shapes are
    unknown but for what the rule `shape` says.
    """

    def register(compute: Host) -> Host:
        def lower(at: Any, *operands: Any, **attributes: Any) -> None:
            raise at.unsupported(f"{type} inside of a condition, a loop or a tf.custom_gradient", "outside of it")

        rule = shape or (lambda inputs, **bound: [None] * output_count(outputs, bound))
        parameters = inspect.signature(compute).parameters.values()
        declared = {p.name: p.default for p in parameters if p.kind is inspect.Parameter.KEYWORD_ONLY}
        operation(
            type, signature, shape=rule, blocks=True, takes_tensors=True, attributes={**declared, **(attributes or {})},
            **allowed,
        )(lower)  # fmt: skip
        outputs = DEFINITIONS[type].outputs
        DEFINITIONS[type] = replace(DEFINITIONS[type], host=compute)
        return compute

    return register


def output_count(outputs: Sequence[Argument], bound: dict[str, Any]) -> int:
    """How many tensors there are, with these attributes."""
    return sum(_length(output, bound) for output in outputs)


def _length(output: Argument, bound: dict[str, Any]) -> int:
    if output.count is None:
        return 1
    return bound[output.count] if output.count else len(bound[output.variable or ""])


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _argument(text: str) -> Argument:
    name, kind = (part.strip() for part in text.split(":"))
    is_ref = kind.startswith("ref ")
    count, star, kind = kind.removeprefix("ref ").rpartition("*")
    known = dtypes._BY_NAME.get(kind)
    return Argument(name, known, None if known else kind, is_ref, count if star else None)


def definition_of(type: str) -> Definition:
    """The definition of a type of operation. Raises KeyError."""
    return DEFINITIONS[type]


# -- shape rules that several operations share ----


def shape_of_input(inputs: Sequence[Tensor], **_: Any) -> list[Dims | None]:
    """The output is shaped as the first input."""
    return [inputs[0]._dims]


def scalar_shape(inputs: Sequence[Tensor], **_: Any) -> list[Dims | None]:
    """The output is a scalar."""
    return [()]
