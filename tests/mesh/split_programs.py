"""Random programs whose arguments and results are split at random over four devices: prints the seeds of those that
give other numbers than one device. A process of its own, since the number of devices is known when jax starts."""

from __future__ import annotations

import json
from random import Random

import jax
import numpy as np
from diptych.backends.jax import traceable, wide_types
from diptych.backends.jax.placement import DeviceMesh, tracing
from diptych.backends.mesh import make_mesh
from diptych.backends.tolerances import Tolerance, disagreement
from jax.sharding import NamedSharding, PartitionSpec

from tests.random_programs import random_program

ALLOWED = Tolerance(largest=1e6, one=1e6)


def split_at_random(random: Random, mesh: jax.sharding.Mesh, shape: tuple[int, ...]) -> NamedSharding:
    """Each axis of the mesh along one dimension that it divides, or along none."""
    found: list[str | None] = []
    for size in shape:
        free = [name for name in mesh.axis_names if name not in found and size and size % mesh.shape[name] == 0]
        found.append(random.choice(free) if free and random.random() < 0.7 else None)
    return NamedSharding(mesh, PartitionSpec(*found))


def differs(seed: int, meshes: list[DeviceMesh]) -> bool:
    program, random = random_program(seed, 8), Random(seed)
    mesh = random.choice(meshes)
    with wide_types():
        wanted = [np.asarray(each) for each in jax.jit(traceable(program.function))(*program.arguments)]
        before = tuple(split_at_random(random, mesh.devices, each.shape) for each in program.arguments)
        after = tuple(split_at_random(random, mesh.devices, each.shape) for each in wanted)
        with tracing(mesh, "highest"):
            run = jax.jit(traceable(program.function), in_shardings=before, out_shardings=after)
            found = [np.asarray(each) for each in run(*program.arguments)]
    relative = 1e4 * float(np.finfo(program.dtype.numpy).eps)
    return any(disagreement(*pair, ALLOWED, relative=relative) for pair in zip(found, wanted, strict=True))


def main() -> None:
    meshes = [
        DeviceMesh(make_mesh(axes, None, zero=False), jax.devices()[:4])
        for axes in ({"data": 2, "model": 2}, {"data": 4})
    ]
    print(json.dumps({seed: True for seed in range(40) if differs(seed, meshes)}))


main()
