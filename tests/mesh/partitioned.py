"""Ops whose operands and results are split over four devices as GSPMD has done it wrongly: prints those that give
other numbers than one device. A process of its own, since the number of devices is known when jax starts."""

from __future__ import annotations

import json
from typing import Any

import jax
import numpy as np
from diptych.backends.jax import traceable, wide_types
from diptych.backends.jax.placement import DeviceMesh, tracing
from diptych.backends.mesh import make_mesh
from diptych.ir import ops
from jax.sharding import NamedSharding, PartitionSpec

from tests.mesh.models import sent
from tests.samples import Sample

FLAT = {"layout": "nc01,oi01->nc01", "x_dilation": (1, 1), "kernel_dilation": (1, 1), "groups": 1, "batch_groups": 1}
LINE = {"window": (3, 1), "stride": (1, 2), "padding": ((0, 1), (0, 0)), "dilation": (2, 1)}

# Shapes of operands, attributes; how each operand is split, and the result.
CASES: list[tuple[Any, list[tuple[int, ...]], dict[str, Any], list[tuple[str | None, ...]]]] = [
    (
        ops.convolution,  # of groups
        [(4, 4, 5, 5), (8, 2, 1, 1)],
        {**FLAT, "stride": (1, 1), "padding": ((0, 0), (0, 0)), "groups": 2},
        [("model", "data"), (), ("model",)],
    ),
    (
        ops.convolution,  # with windows that are split
        [(4, 4, 5, 5), (4, 4, 2, 2)],
        {**FLAT, "stride": (2, 2), "padding": ((1, 1), (1, 1))},
        [(None, "model"), (None, None, "data"), ("data",)],
    ),
    (
        ops.convolution,  # a gradient of a kernel of groups
        [(4, 4, 4, 4), (8, 4, 4, 4)],
        {**FLAT, "stride": (2, 2), "padding": ((3, 3), (3, 3)), "kernel_dilation": (2, 2), "batch_groups": 2},
        [(None, "model"), (None, "model"), ("model",)],
    ),
    (
        ops.convolution,  # another one, over which the process has ended
        [(4, 4, 4, 4), (8, 4, 2, 2)],
        {**FLAT, "stride": (1, 1), "padding": ((1, 0), (1, 0)), "kernel_dilation": (2, 2), "batch_groups": 2},
        [("data",), ("model",), ("data", "model")],
    ),
    (
        ops.window_sum,
        [(5, 5, 4)],
        {
            "window": (1, 1, 2),
            "stride": (2, 1, 2),
            "padding": ((0, 0), (0, 0), (1, 0)),
            "dilation": (2, 1, 1),
        },
        [(), (None, None, "data")],
    ),
    (ops.window_gather, [(8, 8), (8, 8)], LINE, [("data",), ("data",), (None, "data")]),
    (ops.pad, [(4, 2), ()], {"low": (1, 0), "high": (-1, -1), "interior": (0, 0)}, [(), (), ("data",)]),
    (
        ops.pad,
        [(1, 2), ()],
        {"low": (1, 0), "high": (0, 0), "interior": (5, 0)},
        [(None, "data"), (), ("model",)],
    ),
]

POOL = {"window": (1, 1, 2, 2), "stride": (1, 1, 2, 2), "padding": ((0, 0),) * 4, "dilation": (1,) * 4}

# What a batch goes through on its own devices, with nothing brought together.
OF_BATCHES: list[tuple[Any, list[tuple[int, ...]], dict[str, Any], list[tuple[str | None, ...]]]] = [
    (ops.window_scatter, [(4, 2, 4, 4), (4, 2, 2, 2)], POOL, [("data",), ("data",), ("data",)]),
    (ops.window_gather, [(4, 2, 4, 4), (4, 2, 4, 4)], POOL, [("data",), ("data",), ("data",)]),
    (
        ops.convolution,
        [(4, 4, 5, 5), (8, 2, 3, 3)],
        {**FLAT, "stride": (2, 2), "padding": ((1, 1), (1, 1)), "groups": 2},
        [("data",), (), ("data",)],
    ),
    (
        ops.convolution,
        [(4, 4, 5, 5), (8, 4, 5, 5)],
        {**FLAT, "stride": (1, 1), "padding": ((1, 1), (1, 1)), "batch_groups": 2},
        [(None, "data"), (None, "data"), ()],
    ),
]


def main() -> None:
    mesh = DeviceMesh(make_mesh({"data": 2, "model": 2}, None, zero=False), jax.devices()[:4])
    wrong: dict[int, str] = {}
    for number, (op, shapes, attributes, splits) in enumerate([*CASES, *OF_BATCHES]):
        random = np.random.default_rng(number)
        operands = [np.asarray(random.integers(-50, 50, shape), np.float64) for shape in shapes]
        function = Sample(op, operands, [], attributes).function()
        *before, after = [NamedSharding(mesh.devices, PartitionSpec(*split)) for split in splits]
        try:
            with wide_types():
                wanted = np.asarray(jax.jit(traceable(function))(*operands)[0])
                with tracing(mesh, "highest"):
                    run = jax.jit(traceable(function), in_shardings=tuple(before), out_shardings=(after,))
                    found = np.asarray(run(*operands)[0])
                    gathers = sent(run.lower(*operands).compile().as_text())["all-gather"]
        except jax.errors.JaxRuntimeError as error:
            wrong[number] = str(error)[:100]
            continue
        if not np.array_equal(found, wanted):
            wrong[number] = f"{op.name}: off by up to {abs(found - wanted).max()}"
        elif number >= len(CASES) and gathers:
            wrong[number] = f"{op.name}: brings together {gathers} arrays"
    print(json.dumps(wrong))


main()
