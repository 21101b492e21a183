"""jax: a whole function as one program that `jax.jit` compiles. jax is imported on first use only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
from diptych.ir import Function, Unsupported, ops
from diptych.ir.ops.mesh import axes_of as axes_of_text

from ..mesh import Mesh
from ..settings import settings


def require_jax() -> None:
    """Raises Unsupported where jax is not installed."""
    try:
        import jax as _
    except ImportError:
        raise Unsupported("backend jax: jax is not installed", hint="pip install 'diptych[jax]'") from None


def traceable(function: Function) -> Callable[..., tuple[Any, ...]]:
    """`function` as a Python function of jax arrays: trace and call it under `wide_types`."""
    require_jax()
    from . import lowering

    return lowering.traceable(function)


def on_device(arrays: Sequence[np.ndarray]) -> list[Any]:
    """Copies on the device of the settings, by default the one that jax uses."""
    require_jax()
    import jax

    from . import forks, placement

    forks.enter()
    device = settings().device
    with wide_types():
        return jax.device_put(list(arrays), None if device is None else placement.devices(device)[0], may_alias=False)


def on_mesh(array: Any, axes: str, mesh: Mesh) -> Any:
    """An array on the devices of a mesh, split as `shard` says it."""
    require_jax()
    from . import forks, placement

    forks.enter()
    with wide_types():
        return placement.device_mesh(mesh, settings().device).placed(array, axes)


def check_devices(mesh: Mesh) -> None:
    """Raises DiptychError where there are too few devices for a mesh, and Unsupported where jax is not installed."""
    require_jax()
    from . import forks, placement

    forks.enter()
    placement.device_mesh(mesh, settings().device)


Box = tuple[tuple[int, int], ...]  # a part of an array: where it begins and ends in each dimension


def made_on_mesh(shape: tuple[int, ...], axes: str, mesh: Mesh, parts: Callable[[list[Box]], list[np.ndarray]]) -> Any:
    """An array on the devices of a mesh, split as `shard` says it, of which `parts` gives those that lie on devices of
    this process, each once."""
    require_jax()
    from . import forks, placement

    forks.enter()
    with wide_types():
        return placement.device_mesh(mesh, settings().device).made(shape, axes, parts)


def device_count() -> int:
    """How many devices a mesh may have: those that the settings name, or all, of several processes those of all."""
    require_jax()
    from . import forks, placement

    forks.enter()
    return len(placement.mesh_devices(settings().device))


def batches_on_mesh(
    what: str, arrays: Sequence[np.ndarray], wholes: Sequence[tuple[int, ...]], mesh: Mesh, run: str = ""
) -> list[Any]:
    """What all processes have of batches of these whole shapes, of which `arrays` are the parts of this one, for a
    program that is called `what` in errors. One whose part is of the whole shape is the same in all. Raises
    DiptychError, in all of them, where programs or parts are not alike, or what is to be the same is not; Ended where
    another process has told its end; Uneven where all make one `run`, which has a name, with parts that are unlike."""
    require_jax()
    from . import forks, placement

    forks.enter()
    with wide_types():
        return placement.device_mesh(mesh, settings().device).batches(what, arrays, wholes, run)


def is_split(function: Function) -> bool:
    """Whether a program says of anything that it is split over a mesh."""
    return any(
        equation.op is ops.shard and any(axes_of_text(equation.attributes["axes"]))
        for equation in function.every_equation()
    )


def sends(hlo: str) -> bool:
    """Whether the devices of a program that XLA has compiled send one another anything: none can run it alone."""
    return any(f" {name}" in hlo for name in _SENDING)


_SENDING = ("all-reduce", "all-gather", "all-to-all", "reduce-scatter", "collective-", "send(", "recv(")


def joined_on_mesh(array: np.ndarray, mesh: Mesh) -> Any:
    """What all processes have of a batch, of which this is the part of this one, however small. Raises DiptychError
    where it cannot be split, and in all processes where their parts are not alike."""
    require_jax()
    from . import forks, placement

    forks.enter()
    with wide_types():
        whole = mesh.joined_batch(array.shape)
        return placement.device_mesh(mesh, settings().device).batches("batch", [array], [whole])[0]


def own_part(array: Any) -> np.ndarray:
    """What this process has of an array that may lie on the devices of several processes."""
    from . import placement

    return placement.own_part(array)


def copied(array: Any) -> Any:
    """A copy of numpy's array, or of one of jax's on its own devices: all processes that have parts of it call this."""
    if isinstance(array, np.ndarray):
        return array.copy()
    from jax import numpy

    with wide_types():
        return numpy.copy(array)


def axes_of(array: Any) -> str | None:
    """How an array is split over a mesh, as `shard` says it; None of one that lies on no mesh."""
    if isinstance(array, np.ndarray):
        return None
    from . import placement

    return placement.axes_of_array(array)


def wide_types() -> AbstractContextManager[Any]:
    """A context, of this thread alone, in which jax keeps 64-bit types."""
    require_jax()
    from . import precision

    return precision.wide_types()
