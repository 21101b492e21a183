"""What can be called: operations, and their templates, one for each signature met.

An operation is a function over a Builder, `(b, *operands, *attributes) -> Value or tuple`. Its first call with a
signature (types of tensors, classes of numbers, attributes) runs it once on a scratch Builder: that checks the
arguments, at the user's line, and gives the types of the results. Later calls only look the template up.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from diptych.functions.broadcasting import BroadcastError
from diptych.ir import Builder, DiptychError, TensorType, Value, dtype_named, user_location

from ..device import device
from ..dtypes import of_ir
from ..promotion import WIDEST, Number
from .callers import entered_function
from .common_device import common_device
from .lazy import TRACKED, UNTRACKED, Call, Kind, kind_of
from .saved import saved
from .saving import Reads, reads_of
from .single_calls import SingleCall

if TYPE_CHECKING:
    from .lowering import Lowering

Signature = tuple[Any, ...]

on_sparse_values: dict[str, Callable[..., Any]] = {}  # by name, what operations do that compute each element by itself


class TensorError(DiptychError, RuntimeError):
    """A call that PyTorch refuses with a RuntimeError."""


class NotStrided(NotImplementedError):
    """An operand whose elements do not lie side by side, as those of a sparse tensor, where an array is needed."""


def not_run(name: str, backend: str = "SparseCPU") -> NotStrided:
    """PyTorch's error for an operation that it does not have for tensors of such a layout."""
    return NotStrided(
        f"Could not run 'aten::{name}' with arguments from the '{backend}' backend. This could be because the operator "
        "doesn't exist for this backend, or was omitted during the selective/custom build process (if using custom "
        "build)."
    )


class Template:
    """An operation for one signature: the kinds of its results, and how to write it as equations.

    `saves` is what PyTorch keeps of a call for its gradient, as `saved` says. `reread`: places of the tensors among the
    operands that several equations read.
    """

    __slots__ = (
        "_reads", "attributes", "edges", "is_single", "is_view", "kinds", "no_edges", "numbers", "operation", "reread",
        "saves", "single",
    )  # fmt: skip

    is_gradient = False

    @property
    def is_joint(self) -> bool:
        """Whether several processes come together in it."""
        return self.operation.is_joint

    def __init__(
        self,
        operation: Operation,
        numbers: tuple[type | None, ...],
        attributes: tuple[Any, ...],
        kinds: tuple[Kind, ...],
        is_single: bool,
        reread: frozenset[int],
    ) -> None:
        self.operation = operation
        self.numbers = numbers  # for each operand the class of a Python number, None of a tensor
        self.attributes = attributes
        self.kinds = kinds
        self.edges = tuple(TRACKED if kind.type.dtype.is_differentiable else UNTRACKED for kind in kinds)
        self.no_edges = (UNTRACKED,) * len(kinds)
        self.is_single = is_single
        self.reread = reread
        self.is_view = operation.is_view
        self.saves = saved(operation.name.strip("_"), [number is not None for number in numbers])
        self._reads: Reads | None = None
        self.single = SingleCall(self)

    def lower_call(
        self, lowering: Lowering, call: Call, inputs: Sequence[Value], scalars: Sequence[Value]
    ) -> tuple[Value, ...]:
        """The results as equations, for the tensors and the numbers among the operands, each in order.

        What flows back to an operand is added up for this call by itself, as where calls run one by one."""
        if self.reread and call.tracked:
            inputs = [
                lowering.b.identity(value) if place in self.reread and call.edges[place] else value
                for place, value in enumerate(inputs)
            ]
        return self.write(lowering.b, inputs, scalars)

    def write(self, b: Builder, inputs: Sequence[Value], scalars: Sequence[Value]) -> tuple[Value, ...]:
        """The results as equations on `b`."""
        tensors, plain = iter(inputs), iter(scalars)
        operands = [next(tensors) if number is None else Number(next(plain), number) for number in self.numbers]
        results = self.operation.function(b, *operands, *self.attributes)
        return (results,) if self.is_single else tuple(results)

    def stops(self, call: Call) -> tuple[int, ...]:
        """Positions at which gradients stop to be looked at: none."""
        return ()

    def reads(self, call: Call) -> Reads:
        """What the gradient of a call needs of its inputs and results."""
        return self.reads_of([source.kind for source in call.inputs])

    def reads_of(self, kinds: Sequence[Kind]) -> Reads:
        """What the gradient of a call needs of inputs of these kinds, and of its results."""
        if self._reads is None:
            numbers = [TensorType(WIDEST[number]) for number in self.numbers if number is not None]
            self._reads = reads_of(self.write, [kind.type for kind in kinds], numbers)
        return self._reads


class Operation:
    """A function over a Builder, with the templates of the signatures it was called with. `is_view`: its results show
    the first operand's memory. `is_joint`: several processes come together in it. `on_sparse`: what is done instead,
    `(operands, attributes) -> result`, where an operand is sparse; None where nothing is, or what `on_sparse_values`
    has for its name. `counts`: names of numbers that change from step to step, if any; its second attribute has those
    of all its numbers, in their order."""

    __slots__ = ("counts", "function", "is_joint", "is_view", "name", "on_sparse", "templates")

    def __init__(
        self, function: Callable[..., Any], *, is_view: bool = False, counts: frozenset[str] = frozenset()
    ) -> None:
        self.function = function
        self.is_view = is_view
        self.counts = counts
        self.is_joint = False
        self.name = function.__name__
        self.on_sparse: Callable[[tuple[Any, ...], tuple[Any, ...]], Any] | None = None
        self.templates: dict[Signature, Template] = {}

    def __repr__(self) -> str:
        return f"<operation {self.name}>"

    def call_sparse(self, operands: tuple[Any, ...], attributes: tuple[Any, ...]) -> Any:
        """The result for operands of which some are sparse. Raises NotStrided where there is none."""
        if self.on_sparse is not None:
            return self.on_sparse(operands, attributes)
        name = self.name.strip("_")
        if name not in on_sparse_values:
            raise not_run(entered_function())
        return on_sparse_values[name](self, operands, attributes)

    def place(self, kinds: Sequence[Kind], attributes: tuple[Any, ...]) -> device | None:
        """Where the results lie: where all operands do. Raises RuntimeError where they lie on several devices."""
        return common_device(self.name.strip("_"), kinds)

    def make(self, signature: Signature, operands: Sequence[Any], attributes: tuple[Any, ...]) -> Template:
        """The template of a new signature; `operands` are Kinds, or classes of Python numbers. Raises TensorError."""
        b = Builder(self.name, share=False)
        b.location = user_location()
        b.find_location = False
        numbers = tuple(None if isinstance(operand, Kind) else operand for operand in operands)
        values = [
            b.parameter(operand.type) if isinstance(operand, Kind)
            else Number(b.parameter(TensorType(WIDEST[operand])), operand)
            for operand in operands
        ]  # fmt: skip
        try:
            results = self.function(b, *values, *attributes)
        except BroadcastError as error:
            axis = max(_rank(operands) + error.axis, 0)
            message = f"The size of tensor a ({error.left}) must match the size of tensor b ({error.right})"
            text = f"{message} at non-singleton dimension {axis}"
            raise TensorError(text, location=b.location) from None
        except DiptychError as error:
            refused = _OF_DTYPE.match(error.message)
            if refused is not None:
                raise _no_kernel(*refused.groups()) from None
            raise TensorError(error.message, location=b.location, hint=error.hint) from None
        is_single = isinstance(results, Value)
        outputs = (results,) if is_single else tuple(results)
        place = self.place([operand for operand in operands if isinstance(operand, Kind)], attributes)
        kinds = tuple(kind_of(value.type, place) for value in outputs)
        template = Template(self, numbers, attributes, kinds, is_single, _reread(b, values))
        return self.templates.setdefault(signature, template)


_OF_DTYPE = re.compile(r"(\w+): \w+(?:\[\d+\])? is (\w+)\[[^]]*\] but must be of (?:an?|dtype) (?!.* is$)")


def _no_kernel(op: str, kind: str) -> NotImplementedError:
    """PyTorch's error for a dtype that it has no kernel for, where the op has none either."""
    return NotImplementedError(f"\"{op}_cpu\" not implemented for '{of_ir(dtype_named(kind)).scalar}'")


def _reread(b: Builder, operands: Sequence[Any]) -> frozenset[int]:
    """The places, among the tensors of the operands, of those that several equations read, or one several times."""
    times = Counter(operand for equation in b.equations for operand in equation.operands)
    tensors = [operand for operand in operands if isinstance(operand, Value)]
    return frozenset(place for place, tensor in enumerate(tensors) if times[tensor] > 1)


def _rank(operands: Sequence[Any]) -> int:
    return max((len(operand.shape) for operand in operands if isinstance(operand, Kind)), default=0)


def operation(function: Callable[..., Any]) -> Operation:
    """Declares an operation by the function that writes its equations."""
    return Operation(function)
