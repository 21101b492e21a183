"""What the README shows is what happens."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import diptych.eager as torch
import numpy as np
import pytest
from diptych.cli import parsed
from diptych.ir import Builder, TensorType, dtypes
from diptych.ir.printer import print_function

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")


def columns() -> tuple[str, str]:
    """The two programs that stand side by side."""
    block = re.search(r"```text\n(.*?)```", README, re.DOTALL)
    assert block is not None
    lines = block[1].splitlines()
    middle = lines[0].index("import diptych.eager")
    return "\n".join(line[:middle].rstrip() for line in lines), "\n".join(line[middle:] for line in lines)


def batches() -> list[tuple[np.ndarray, np.ndarray]]:
    """Two batches that are easy to tell apart."""
    random = np.random.default_rng(0)
    labels = [random.integers(0, 10, 32) for _ in range(2)]
    return [(np.eye(10, 784, dtype=np.float32)[each], each) for each in labels]


@pytest.mark.parametrize("side", [0, 1], ids=["static", "eager"])
def test_both_programs_run(side: int) -> None:
    space: dict[str, Any] = {"batches": batches()}
    exec(columns()[side], space)
    if side:
        assert space["loss"].item() < np.log(10)
    torch.manual_seed(0)


def test_the_commands_are_understood() -> None:
    lines = re.findall(r"^    diptych (.*?)(?:  +#.*)?$", README, re.MULTILINE)
    verbs = [parsed(shlex.split(line)).verb for line in lines]
    assert verbs == [
        *("view", "dump", "dump", "dump", "dump", "passes", "why", "blame", "cost", "memory"),
        *("compile", "nan", "bisect", "trace", "diff", "ops"),
    ]


def test_the_linear_layer_prints_so() -> None:
    b = Builder("step")
    x = b.parameter(TensorType(dtypes.f32, (100, 784)), "x")
    weight = b.parameter(TensorType(dtypes.f32, (784, 10)), "W")
    bias = b.parameter(TensorType(dtypes.f32, (10,)), "b")
    function = b.finish([b.add(b.matmul(x, weight), b.broadcast(bias, shape=(100, 10), axes=(1,)))])
    text = print_function(function)
    assert "".join(f"    {line}\n" for line in text.splitlines()) in README
