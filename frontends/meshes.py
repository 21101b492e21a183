"""`diptych.mesh`: programs run on several devices at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, TypeVar

from diptych.backends.jax import check_devices
from diptych.backends.joining import join
from diptych.backends.mesh import Mesh, Spec, active, axes_of_spec, make_mesh
from diptych.backends.settings import settings
from diptych.ir import DiptychError

T = TypeVar("T")

# For tensors of a front end: how many dimensions one has, and what is split as the op `shard` says.
sharders: dict[type, tuple[Callable[[Any], int], Callable[[Any, str], Any]]] = {}
joiners: dict[type, Callable[[Any], Any]] = {}  # what makes a batch of a part, for tensors of a front end


def mesh(rules: Mapping[str, Spec] | None = None, *, zero: bool = False, **axes: int) -> AbstractContextManager[Mesh]:
    """A block in which programs run on a mesh of devices: `with diptych.mesh(data=4, model=2):`. Backend jax alone has
    devices; on others the block changes nothing.

    `axes`: names and sizes of the mesh's axes. Arrays that come from the host are split along the axis `data` in their
    first dimension, where that divides. `rules`: how parameters are split, `{".*attn.*weight": ("model", None)}`: for
    each dimension an axis, several, or None; the first pattern that fits a parameter's whole name counts, and what none
    fits is whole on every device. What an optimizer keeps of a parameter is split as that is and, with `zero`, along
    `data` too, where a dimension divides. What is computed is the same as on one device, but for the rounding of sums.
    Raises DiptychError for sizes and rules that make no sense, and where there are too few devices.
    """
    made = make_mesh(axes, rules, zero=zero)
    if settings().backend == "jax":
        check_devices(made)
    return active(made)


def shard(x: T, *axes: str | Sequence[str] | None) -> T:
    """A tensor of either front end, split over the mesh of devices that is active when its program runs: for each
    dimension the axis that it is split along, several, or None; dimensions behind those that are given are whole. What
    flows back through it is split alike. Without a mesh, and on numpy, it is x.

    Raises DiptychError for more axes than x has dimensions, and for the same axis twice; when the program runs, for an
    axis that the mesh has not.
    """
    for kind, (rank_of, split) in sharders.items():
        if isinstance(x, kind):
            return split(x, axes_of_spec("shard", axes, rank_of(x)))
    raise DiptychError(f"shard: x is of type {type(x).__name__} but must be a tensor of a front end")


def batch(x: T) -> T:
    """A tensor of the eager front end that is this process's part of a batch, as the batch that all processes have
    together: the parts one behind another, along the first dimension, in the order of ranks. It stays where it is, on
    the devices of each process. In one process, without a mesh, and on numpy, it is x. In the static front end what is
    fed is taken so anyway.

    Raises DiptychError where the rows cannot be split along the mesh's axis `data`, and for a tensor that gradients
    flow back from.
    """
    for kind, whole in joiners.items():
        if isinstance(x, kind):
            return whole(x)
    raise DiptychError(f"batch: x is of type {type(x).__name__} but must be a tensor of the eager front end")


def join_processes(address: str | None = None, count: int | None = None, rank: int | None = None) -> None:
    """Makes this process one of several that compute together, before anything runs on jax: number `rank` of `count`,
    which meet at `address`, a host and port of number 0's. What is not given is read from MASTER_ADDR and MASTER_PORT,
    WORLD_SIZE and RANK, as `diptych launch` and torchrun set them.

    A mesh then has the devices of all. All processes run the same programs in the same order; each feeds its own part
    of every batch, by `batch` in the eager front end, and gets its own part of what is split. Raises DiptychError for
    what is not known or makes no sense, and where the others do not come.
    """
    if address is None:
        address = f"{_variable('MASTER_ADDR')}:{_variable('MASTER_PORT')}"
    count = int(_variable("WORLD_SIZE")) if count is None else count
    join(address, count, int(_variable("RANK")) if rank is None else rank)


def _variable(name: str) -> str:
    if name not in os.environ:
        raise DiptychError(f"join_processes: {name} is not in the environment", hint="diptych launch SCRIPT")
    return os.environ[name]
