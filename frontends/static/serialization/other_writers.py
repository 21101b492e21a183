"""Operations that files hold as others, or with inputs that definitions here lack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ...events.graph import AttrValue
from ..graphs import dtypes
from ..graphs.operation import Operation
from .places import Outside

if TYPE_CHECKING:
    from .graph_writer import GraphWriter


def _constant(writer: GraphWriter, name: str, value: Any, dtype: Any, place: Outside) -> str:
    waits = [f"^{place.pivot}"] if place.pivot else []
    return writer.nodes.add("Const", name, waits, dtype=dtype, value=np.array(value))


def write_names(writer: GraphWriter, made: Operation, place: Outside) -> None:
    """The names whose flags are false: as rows that are gathered."""
    names = np.array([name.encode() for name in made.attributes["names"]], object)
    flags = [place.edge(tensor) for tensor in made.inputs]
    waits = [place.control(operation) for operation in made.control_inputs]
    add, scope = writer.nodes.add, made.name
    packed = add("Pack", f"{scope}/stack", flags, N=len(flags), T=dtypes.bool_, axis=0)
    found = add("Where", f"{scope}/Where", [add("LogicalNot", f"{scope}/LogicalNot", [packed])], T=dtypes.bool_)
    places = add("Squeeze", f"{scope}/Squeeze", [found], T=dtypes.int64, squeeze_dims=(1,))
    texts = _constant(writer, f"{scope}/Const", names, dtypes.string, place)
    axis = _constant(writer, f"{scope}/axis", np.int32(0), dtypes.int32, place)
    add(
        "GatherV2", scope, [texts, places, axis, *waits], exact=True, Tparams=dtypes.string, Tindices=dtypes.int64,
        Taxis=dtypes.int32, batch_dims=0,
    )  # fmt: skip


def write_sparse_sum(writer: GraphWriter, made: Operation, place: Outside) -> None:
    """A sum of sparse tensors with a bound, 0, below which elements would be left out."""
    node = writer.node(made, place)
    dtype = made.inputs[1].dtype.base_dtype
    real = dtype.real_dtype
    bound = _constant(writer, f"{made.name}/thresh", np.zeros((), real.numpy), real, place)
    node.input.insert(len(made.inputs), bound)
    node.attr["Treal"].CopyFrom(AttrValue(type=real.as_datatype_enum))
    writer.nodes.nodes.append(node)


def write_sparse_descent(writer: GraphWriter, made: Operation, place: Outside) -> None:
    """A step of some rows: what is subtracted, times the rate."""
    variable, rate, gradient, indices = made.inputs
    dtype = variable.dtype.base_dtype
    step = writer.nodes.add("Mul", f"{made.name}/mul", [place.edge(gradient), place.edge(rate)], T=dtype)
    waits = [place.control(operation) for operation in made.control_inputs]
    writer.nodes.add(
        "ScatterSub", made.name, [place.edge(variable, True), place.edge(indices), step, *waits], exact=True, T=dtype,
        Tindices=indices.dtype.base_dtype, use_locking=bool(made.attributes["use_locking"]),
    )  # fmt: skip
