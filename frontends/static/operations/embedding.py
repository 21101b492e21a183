"""tf.nn.embedding_lookup: rows of a table, or of several that share its rows."""

from __future__ import annotations

from typing import Any

from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.scopes import name_scope
from ..graphs.tensor import Tensor
from .arrays import identity, rank, shape
from .casting import cast
from .gathering import gather
from .joining import concat, stack
from .ranges import range as range_of
from .reductions import reduced


@export("nn.embedding_lookup")
def embedding_lookup(
    params: Any,
    ids: Any,
    partition_strategy: str = "mod",
    name: str | None = None,
    validate_indices: bool = True,
    max_norm: Any = None,
) -> Tensor:
    """The rows of `params` that integers name: [rows, ...] and [...] to [..., ...].

    Of a list of tables, row i is row i // n of table i % n, n how many there are ("mod"), or the rows of all in order
    are counted ("div"). Rows longer than `max_norm` are scaled down to it. Raises ValueError.
    """
    if params is None:
        raise ValueError("params must be specified")
    if isinstance(params, list | tuple) and not params:
        raise ValueError("Need at least one param")
    tables = list(params) if isinstance(params, list | tuple) else [params]
    with name_scope(name, "embedding_lookup", [*tables, ids]) as scope:
        tables = [convert_to_tensor(table, name="params") for table in tables]
        ids = convert_to_tensor(ids, name="ids")
        if len(tables) == 1:
            return identity(_clipped(gather(tables[0], ids, name=scope), ids, max_norm))
        if partition_strategy not in ("mod", "div"):
            raise ValueError(f"Unrecognized partition strategy: {partition_strategy}")
        places = ids if partition_strategy == "div" else _places(tables, ids)
        return identity(_clipped(gather(concat(tables, 0), places, name=scope), ids, max_norm))


def _places(tables: list[Tensor], ids: Tensor) -> Tensor:
    """Where the rows named by `ids` stand in the tables one after another."""
    dtype = ids.dtype.base_dtype
    starts: list[Any] = [0]
    for table in tables[:-1]:
        starts.append(starts[-1] + cast(shape(table)[0], dtype))
    starts[0] = convert_to_tensor(0, dtype=dtype)
    return gather(stack(starts), ids % len(tables)) + ids // len(tables)


def _clipped(rows: Tensor, ids: Tensor, max_norm: Any) -> Tensor:
    if max_norm is None:
        return rows
    axes = range_of(rank(ids), rank(rows))
    if ids._dims is not None and rows._dims is not None:
        axes = list(range(len(ids._dims), len(rows._dims)))
    squares = reduced("Sum", apply("Mul", [rows, rows]), axes, True, None)
    length = apply("Sqrt", [apply("Maximum", [squares, 1e-30])])
    limit = convert_to_tensor(max_norm, dtype=rows.dtype.base_dtype)
    return apply("RealDiv", [rows * limit, apply("Maximum", [length, limit])], name="clip_by_norm")
