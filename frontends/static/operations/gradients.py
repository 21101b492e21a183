"""tf.gradients: one operation that stands for the gradient, made into equations when a run is lowered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any

from diptych.ir import Value
from diptych.passes.autodiff import backpropagate

from ...functions.constants import filled_like
from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.definitions import definition_of, operation
from ..graphs.operation import Operation
from ..graphs.reach import reached
from ..graphs.scopes import name_scope
from ..graphs.shapes import compatible, disagreement
from ..graphs.tensor import Tensor
from .custom_gradients import prepare
from .indexed_slices import gathers_of, slices_of
from .ranges import zeros_like

if TYPE_CHECKING:
    from ..running.lowering import RunSite


@export("UnconnectedGradients")
class UnconnectedGradients(Enum):
    """What tf.gradients gives where ys do not depend on an x: None, or zeros."""

    NONE = "none"
    ZERO = "zero"


@export("AggregationMethod")
class AggregationMethod:
    """Accepted by tf.gradients and optimizers: gradients of several uses are always added in order."""

    ADD_N = 0
    DEFAULT = ADD_N
    EXPERIMENTAL_TREE = 1
    EXPERIMENTAL_ACCUMULATE_N = 2


@operation("Gradients", "->", takes_tensors=True)
def lower_gradients(at: RunSite, made: Operation, *, ys: int, xs: int, seeded: tuple[bool, ...]) -> list[Value]:
    """The cotangent of each x, given those of the ys (1 where none is given), by differentiating what was emitted so
    far; zeros where the values turn out not to depend on an x. Inputs: ys, xs, seeds, stops."""
    targets, wanted, rest = made.inputs[:ys], made.inputs[ys : ys + xs], list(made.inputs[ys + xs :])
    seeds: dict[Value, Value] = {}
    for y, given in zip(targets, seeded, strict=True):
        value = at.value(y)
        seed = at.value(rest.pop(0)) if given else filled_like(at.b, 1, value)
        seeds[value] = at.b.add(seeds[value], seed) if value in seeds else seed
    places = [_values_of(at, x) for x in wanted]
    unique = list(dict.fromkeys(value for values in places for value in values))
    stops = [value for tensor in rest for value in _values_of(at, tensor)]
    found = dict(zip(unique, backpropagate(at.b, at.b.equations, seeds, unique, stops), strict=True))
    return [_total(at, x, [found[value] for value in values]) for x, values in zip(wanted, places, strict=True)]


def _values_of(at: RunSite, tensor: Tensor) -> list[Value]:
    """The values that a tensor has had: of a variable all that were read, of another tensor its one."""
    slot = tensor.op.slot
    if slot is None or at.is_fed(tensor):
        return [at.value(tensor)]
    return at.versions(slot)


def _total(at: RunSite, x: Tensor, cotangents: Iterable[Value | None]) -> Value:
    total: Value | None = None
    for cotangent in cotangents:
        if cotangent is not None:
            total = cotangent if total is None else at.b.add(total, cotangent)
    return filled_like(at.b, 0, at.value(x)) if total is None else total


@export("gradients")
def gradients(
    ys: Any,
    xs: Any,
    grad_ys: Any = None,
    name: str = "gradients",
    colocate_gradients_with_ops: bool = False,
    gate_gradients: bool = False,
    aggregation_method: Any = None,
    stop_gradients: Any = None,
    unconnected_gradients: Any = UnconnectedGradients.NONE,
) -> list[Any]:
    """The derivative of the sum of `ys` with respect to each of `xs`, tensors or variables; None where there is none,
    and tf.IndexedSlices where `ys` depend on an x only by what is gathered from its rows.

    `grad_ys` weighs the ys, ones by default. The tensors in `stop_gradients` count as constants. Raises ValueError,
    TypeError.
    """
    ys, xs, stops = _listed(ys), _listed(xs), _listed(stop_gradients)
    seeds = [None] * len(ys) if grad_ys is None else _listed(grad_ys)
    if len(seeds) != len(ys):
        raise ValueError(f"Length mismatch. Passed {len(seeds)} grad_ys for {len(ys)} ys")
    unconnected = UnconnectedGradients(unconnected_gradients)
    with name_scope(name, "gradients", [*ys, *xs, *stops]) as scope:
        targets = [convert_to_tensor(y, name="y") for y in ys]
        wanted = [convert_to_tensor(x, name=f"x_{number}", as_ref=True) for number, x in enumerate(xs)]
        stopped = [convert_to_tensor(x, name=f"stop_{number}", as_ref=True) for number, x in enumerate(stops)]
        given = [_seed(y, seed, number) for number, (y, seed) in enumerate(zip(targets, seeds, strict=True))]
        flows_to = reached(targets, stopped)
        prepare(flows_to)
        connected = list(dict.fromkeys(x for x in wanted if x in flows_to))
        gathered = {x: gathers_of(x, flows_to, targets, stopped) for x in connected}
        sources = list(dict.fromkeys(source for x in connected for source in gathered[x] or [x]))
        made = _made(targets, sources, given, stopped, scope) if sources else {}
        found: dict[Tensor, Any] = {}
        for x, parts in gathered.items():
            found[x] = made[x] if parts is None else slices_of(x, parts, [made[part] for part in parts])
    if unconnected is UnconnectedGradients.ZERO:
        return [found[x] if x in found else zeros_like(x) for x in wanted]
    return [found.get(x) for x in wanted]


def _listed(values: Any) -> list[Any]:
    if values is None:
        return []
    return list(values) if isinstance(values, list | tuple) else [values]


def _seed(y: Tensor, seed: Any, number: int) -> Tensor | None:
    if seed is None:
        if y.dtype.is_complex:
            raise TypeError(f"Gradients of complex tensors must set grad_ys (y.dtype = {y.dtype!r})")
        return None
    seed = convert_to_tensor(seed, name=f"grad_ys_{number}")
    if y.dtype.is_differentiable and seed.dtype.base_dtype is not y.dtype.base_dtype:
        raise TypeError(
            f"Gradient type {seed.dtype.base_dtype.name} given for tensor {y.name} "
            f"but must be {y.dtype.base_dtype.name}"
        )
    if not compatible(y._dims, seed._dims):
        raise ValueError(f"{disagreement(y._dims or (), seed._dims or ())} Tensors are {y.name} and its grad_ys.")
    return seed


def _made(
    ys: Sequence[Tensor], xs: Sequence[Tensor], seeds: Sequence[Tensor | None], stops: Sequence[Tensor], scope: str
) -> dict[Tensor, Tensor]:
    graph = ys[0].graph
    inputs = [*ys, *xs, *(seed for seed in seeds if seed is not None), *stops]
    attributes = {"ys": len(ys), "xs": len(xs), "seeded": tuple(seed is not None for seed in seeds)}
    outputs = [(x.dtype.base_dtype, x._dims) for x in xs]
    made = graph.create_operation(definition_of("Gradients"), inputs, attributes, outputs, scope)
    return dict(zip(xs, made.outputs, strict=True))


@export("hessians")
def hessians(
    ys: Any,
    xs: Any,
    name: str = "hessians",
    colocate_gradients_with_ops: bool = False,
    gate_gradients: bool = False,
    aggregation_method: Any = None,
) -> list[Tensor]:
    """The second derivatives of the sum of `ys` by each of `xs`, whose shapes must be known: twice the shape of x.
    Raises ValueError."""
    found: list[Tensor] = []
    for x, gradient in zip(_listed(xs), gradients(ys, xs, name=name), strict=True):
        count = x.shape.num_elements()
        if gradient is None or count is None:
            raise ValueError(f"hessians: {x} must be of known shape, and ys must depend on it")
        flat = apply("Reshape", [gradient, [-1]])
        rows = [gradients(flat[place], x)[0] for place in range(count)]
        rows = [zeros_like(x) if row is None else row for row in rows]
        found.append(apply("Reshape", [apply("Pack", [rows]), [*x.shape.as_list(), *x.shape.as_list()]]))
    return found
