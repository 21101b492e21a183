"""Kernels of `ir/ops/control.py` of jax's own: control flow inside the compiled program."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from diptych.ir import DiptychError, HostFunction, Location, TensorType, ops
from jax import lax
from jax.errors import InconclusiveDimensionOperation
from jax.experimental import io_callback
from jax.sharding import NamedSharding, PartitionSpec, SingleDeviceSharding

from ..kernels.control import Nested, run_host
from ..processes import process_count
from .failures import leaving, noting_here
from .placement import current


def cond(xp: Any, condition: Any, *operands: Any, on_true: Nested, on_false: Nested) -> tuple[Any, ...]:
    """lax.cond."""
    return tuple(lax.cond(condition, on_true.run, on_false.run, *operands))


def while_loop(
    xp: Any, *operands: Any, condition: Nested, body: Nested, constants: int, bound: int | None
) -> tuple[Any, ...]:
    """lax.while_loop over the state; the constants are closed over."""
    fixed = operands[:constants]
    return tuple(
        lax.while_loop(
            lambda state: condition(*fixed, *state)[0], lambda state: body(*fixed, *state), operands[constants:]
        )
    )


def scan(
    xp: Any, *operands: Any, body: Nested, length: int, constants: int, carries: int, reverse: bool
) -> tuple[Any, ...]:
    """lax.scan; for a length that is one of jax's symbols a loop, since that has none."""
    fixed = operands[:constants]
    state, sequences = operands[constants : constants + carries], operands[constants + carries :]

    def step(state: tuple[Any, ...], slices: tuple[Any, ...]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        results = body(*fixed, *state, *slices)
        return results[:carries], results[carries:]

    run = lax.scan if isinstance(length, int) else _loop
    last, stacks = run(step, state, sequences, length=length, reverse=reverse)
    return (*last, *stacks)


def _loop(step: Any, state: tuple[Any, ...], sequences: tuple[Any, ...], *, length: Any, reverse: bool) -> Any:
    """As lax.scan, for any number of rounds."""
    count, room = jnp.asarray(length), 0 if _is_some(length) else 1  # a row that nothing reads, since jax wants one
    longer = [jnp.concatenate([each, jnp.zeros((room, *each.shape[1:]), each.dtype)]) for each in sequences]

    def slices(place: Any) -> tuple[Any, ...]:
        return tuple(lax.dynamic_index_in_dim(each, place, keepdims=False) for each in longer)

    def run(number: Any, held: Any) -> Any:
        place = count - 1 - number if reverse else number
        now, made = step(held[0], slices(place))
        pairs = zip(held[1], made, strict=True)
        return now, tuple(lax.dynamic_update_index_in_dim(stack, each, place, 0) for stack, each in pairs)

    types = jax.eval_shape(lambda: step(state, slices(0))[1])
    empty = tuple(jnp.zeros((length + room, *each.shape), each.dtype) for each in types)
    last, stacks = lax.fori_loop(0, count, run, (state, empty))
    return last, tuple(each[:length] for each in stacks)


def _is_some(length: Any) -> bool:
    """Whether a size is known to be 1 or more."""
    try:
        return bool(length >= 1)
    except InconclusiveDimensionOperation:
        return False


def host_call(
    xp: Any,
    *operands: Any,
    function: HostFunction,
    results: tuple[TensorType, ...],
    location: Location | None = None,
) -> tuple[Any, ...]:
    """An ordered callback: host calls happen in program order, each once. `location` is the user's line.

    On a mesh one device of each process calls, those without results only, and in any order. What they raise is noted,
    since the other devices would wait for the one that stops."""
    mesh = current()
    if mesh is not None and mesh.mesh.size > 1:
        noted = noting_here()

        def tell(*arrays: Any) -> None:
            try:
                run_host(function, results, arrays)
            except DiptychError as error:
                noted.append(error.located(location))

        whole = [lax.with_sharding_constraint(each, NamedSharding(mesh.devices, PartitionSpec())) for each in operands]
        if process_count() == 1:
            io_callback(tell, (), *whole, sharding=SingleDeviceSharding(mesh.devices.devices.flat[0]))
        else:
            _on_each_device(mesh.devices, tell, whole)
        return ()

    def run(*arrays: Any) -> tuple[np.ndarray, ...]:
        try:
            return run_host(function, results, arrays)
        except DiptychError as error:
            raise leaving(error.located(location)) from None  # jax logs it

    shapes = tuple(jax.ShapeDtypeStruct(type.static_shape(), type.dtype.numpy) for type in results)
    return tuple(io_callback(run, shapes, *operands, ordered=True))


def _on_each_device(mesh: jax.sharding.Mesh, tell: Callable[..., None], whole: Sequence[Any]) -> None:
    """Has the first device of each process call; those of others cannot be told here."""
    own = [place for place, each in enumerate(mesh.devices.flat) if each.process_index == jax.process_index()]

    def tell_once(place: Any, *arrays: Any) -> None:
        if int(place[0]) == own[0]:
            tell(*arrays)

    places, axes = jnp.arange(mesh.size), tuple(mesh.axis_names)
    jax.shard_map(
        lambda *given: io_callback(tell_once, (), *given), mesh=mesh,
        in_specs=(PartitionSpec(axes), *(PartitionSpec() for _ in whole)), out_specs=(), check_vma=False,
    )(places, *whole)  # fmt: skip


def after(xp: Any, x: Any, first: Any) -> Any:
    """What XLA may neither move nor share across."""
    return lax.optimization_barrier((x, first))[0]


OVERRIDES = {
    ops.cond: cond,
    ops.while_loop: while_loop,
    ops.scan: scan,
    ops.after: after,
    ops.host_call: host_call,
}
