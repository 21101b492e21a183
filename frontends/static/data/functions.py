"""Functions of datasets, such as map's: built once into a context of the graph, and called for each element."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from diptych.backends.mesh import apart

from ..graphs.apply import apply_operation
from ..graphs.contexts import Context, own
from ..graphs.conversion import convert_to_tensor
from ..graphs.defaults import get_default_graph
from ..graphs.definitions import definition_of
from ..graphs.scopes import name_scope
from ..graphs.tensor import Tensor
from ..running.host import HostRun
from .pipelines.calling import Function
from .structure import as_users_see, flat_shapes, flat_types, flatten, map_leaves, pack_as, spec_of


class Traced:
    """A function built into a context: what it takes there, and what it gives. `structure` is that of what it gives,
    and `captured` are the tensors that it takes from outside."""

    def __init__(self, name: str, function: Callable[..., Any], structure: Any) -> None:
        graph = get_default_graph()
        self.context = Context(graph)
        with (
            self.context.entered(),
            graph.control_dependencies(None),
            name_scope(None, f"{name.rpartition('.')[2].strip('()')}_function", []),
        ):
            self.arguments = tuple(
                graph.create_operation(definition_of("LoopVariable"), (), {"dtype": dtype}, [(dtype, shape)], "arg")
                .outputs[0]
                for dtype, shape in zip(flat_types(structure), flat_shapes(structure), strict=True)
            )  # fmt: skip
            given = pack_as(structure, as_users_see(structure, self.arguments))
            returned = function(*given) if type(given) is tuple else function(given)
            self.returned = _normalized(name, tuple(returned) if isinstance(returned, list) else returned)
            self.results = tuple(leaf if isinstance(leaf, Tensor) else leaf._variant_tensor
                                 for leaf in flatten(self.returned))  # fmt: skip
        self.structure = spec_of(self.returned)
        found = self.context.captured(self.results)
        self.captured = [tensor for tensor in found if tensor not in self.arguments and tensor.op.slot is None]

    def called(self, at: HostRun, captured: Sequence[Any]) -> Function:
        """The function on arrays, with these values of what is captured. It is computed apart from a mesh: elements are
        no batches that devices share, and each process has its own."""
        outside = dict(zip(self.captured, captured, strict=True))
        stages = at.stages_of(self.results, (*self.arguments, *self.captured))
        arguments, results = self.arguments, self.results

        def call(*components: Any) -> tuple[Any, ...]:
            with apart():
                found = stages.values({**outside, **dict(zip(arguments, components, strict=True))})
            return tuple([found[result] for result in results])

        return call


def _normalized(name: str, returned: Any) -> Any:
    def component(leaf: Any) -> Any:
        if hasattr(leaf, "_variant_tensor"):
            return leaf
        try:
            return convert_to_tensor(leaf)
        except (TypeError, ValueError) as error:
            raise TypeError(f"Unsupported return value from function passed to {name}: {returned}.") from error

    return map_leaves(returned, component)


def dataset_operation(
    type: str, inputs: Sequence[Any], functions: Sequence[Traced] = (), rest: Sequence[Any] = (), **attributes: Any
) -> Tensor:
    """The dataset, as a tensor, that an operation makes. Its inputs are `inputs`, all that the functions capture, and
    the `rest`."""
    if functions:
        attributes["functions"] = tuple(functions)
        inputs = [*inputs, [tensor for function in functions for tensor in function.captured], *rest]
    made = apply_operation(type, inputs, **attributes)
    if functions:
        own(made, *(function.context for function in functions))
    return made.outputs[0]


def calls(at: HostRun, functions: Sequence[Traced], captured: Sequence[Any]) -> list[Function]:
    """Each of the functions, ready to be called, where `captured` is what they all capture in a row."""
    rest = iter(captured)
    return [function.called(at, [next(rest) for _ in function.captured]) for function in functions]
