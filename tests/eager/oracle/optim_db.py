"""Measures the optimizers of the eager front end against PyTorch's own optimizer database: run it where torch 2.13 is
installed.

python -m tests.eager.oracle.optim_db KIND [name ...]

KIND is `float32`, `float64` or `complex64` (parameters after each of some steps with the same gradients, and the state
at the end), or `errors` (what must raise or warn, by class and text). Names are those of classes; without any all are
measured.
"""

from __future__ import annotations

import argparse
import re
import sys
import warnings
from collections.abc import Iterator
from typing import Any

import diptych.eager as ours
import torch
from torch.testing._internal.common_optimizers import OptimizerErrorEnum, optim_db

from tests.eager.oracle.module_db import check, told
from tests.eager.oracle.translation import shared, tensor

STEPS = 6
SHAPES = ((3, 4), (5,))
MATRICES = ((3, 4), (2, 5))  # of Muon, which takes nothing else
REAL_ALONE = ("Adafactor", "Muon", "SparseAdam")
UNTOLD = ("capturable", "differentiable", "fused")  # options that change no number, and that torch's CPU may refuse
TOLERANCES = {torch.float64: 1e-9, torch.float32: 2e-5, torch.complex64: 2e-5}
QUOTIENTS = ("LBFGS",)  # whose state has those of small differences, of which 32 bits lose most digits
LOW_PRECISION = {"Muon": 2e-2}  # computes in bfloat16


def converted(value: Any) -> Any:
    """Options and groups as diptych's user would give them; a parameter that stands there twice is one."""
    return shared((value,))[0]


# -- the same steps in both frameworks ----


def gradients(name: str, dtype: torch.dtype) -> tuple[list[torch.Tensor], list[list[torch.Tensor]]]:
    """Parameters, and a gradient for each of them in each step: of SparseAdam some rows, some twice."""
    chance = torch.Generator().manual_seed(0)

    def drawn(*shape: int) -> torch.Tensor:
        return torch.randn(shape, generator=chance, dtype=dtype)

    shapes = MATRICES if name == "Muon" else SHAPES
    parameters = [drawn(*shape).requires_grad_() for shape in shapes]
    if name != "SparseAdam":
        return parameters, [[drawn(*shape) for shape in shapes] for _ in range(STEPS)]
    rows = [torch.tensor([[step % 3, 2, 0, 2]]) for step in range(STEPS)]
    return parameters, [
        [torch.sparse_coo_tensor(each, drawn(4, *shape[1:]), shape) for shape in shapes] for each in rows
    ]


def stepped(optimizer: Any, parameters: list[Any], steps: list[list[Any]]) -> list[Any]:
    """The parameters after each step, then the state."""
    found: list[Any] = []
    for step in steps:
        if type(optimizer).__name__ == "LBFGS":

            def closure() -> Any:
                optimizer.zero_grad()
                loss = sum((each - 0.3).abs().square().sum() for each in parameters)
                loss.backward()
                return loss

            optimizer.step(closure)
        else:
            for parameter, gradient in zip(parameters, step, strict=True):
                parameter.grad = gradient
            optimizer.step()
        found += [each.detach().clone() for each in parameters]
    return [*found, *_tensors(optimizer.state_dict()["state"])]


def _tensors(state: Any) -> Iterator[Any]:
    """The tensors of a state, in the order of its names."""
    if isinstance(state, (torch.Tensor, ours.Tensor)):
        yield state
    elif isinstance(state, dict):
        for key in sorted(state, key=str):
            yield from _tensors(state[key])
    elif isinstance(state, (list, tuple)):
        for each in state:
            yield from _tensors(each)


def compared(info: Any, sample: Any, dtype: torch.dtype) -> None:
    """Raises whatever goes wrong, AssertionError where numbers differ."""
    name = info.name
    parameters, steps = gradients(name, dtype)
    copies, others = [tensor(each) for each in parameters], [[tensor(each) for each in step] for step in steps]
    options = {key: value for key, value in sample.kwargs.items() if key not in UNTOLD}
    theirs = info.optim_cls(parameters, **options)
    mine = getattr(ours.optim, name)(copies, **converted(options))
    assert repr(theirs) == repr(mine), f"repr {mine!r} but {theirs!r} in torch"
    wanted, found = stepped(theirs, parameters, steps), stepped(mine, copies, others)
    assert len(wanted) == len(found), f"{len(found)} tensors in parameters and state but {len(wanted)} in torch"
    count = STEPS * len(parameters) if name in QUOTIENTS and dtype is not torch.float64 else len(wanted)
    for place, (one, other) in enumerate(zip(wanted[:count], found[:count], strict=True)):
        check(one, other, f"tensor {place}", LOW_PRECISION.get(name, TOLERANCES[dtype]))


# -- what is measured ----


def samples(info: Any, kind: str) -> Iterator[tuple[str, str]]:
    """Of each sample what it is, and why it fails, "" where it does not."""
    dtype = getattr(torch, kind)
    if dtype.is_complex and info.name in REAL_ALONE:
        return
    for sample in info.optim_inputs_func("cpu"):
        if sample.params is None:
            yield f"{sample.desc} {sample.kwargs}", told(compared, info, sample, dtype)


def errors(info: Any) -> Iterator[tuple[str, str]]:
    """The same of what must raise or warn."""
    for bad in info.optim_error_inputs_func("cpu", torch.float32):
        yield bad.optimizer_error_input.desc, told(_raised, info, bad)


def _raised(info: Any, bad: Any) -> None:
    sample = bad.optimizer_error_input
    parameters = [torch.ones(2, 2, requires_grad=True)] if sample.params is None else sample.params
    copies, options = shared((parameters, sample.kwargs))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            made = getattr(ours.optim, info.name)(copies, **options)
            if bad.error_on is OptimizerErrorEnum.STEP_ERROR:
                for each in copies:
                    each.grad = ours.ones_like(each)
                made.step()
    except bad.error_type as error:
        assert re.search(bad.error_regex, str(error)), f"says {error} but {bad.error_regex} in torch"
        return
    raise AssertionError(f"nothing raised but {bad.error_type.__name__} in torch: {bad.error_regex}")


def main() -> None:
    """Prints each optimizer that does not pass, with its first failure, and the counts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kind", choices=["float32", "float64", "complex64", "errors"])
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    optimizers = passed = total = good = 0
    for info in optim_db:
        if arguments.names and info.name not in arguments.names:
            continue
        found = list(errors(info) if arguments.kind == "errors" else samples(info, arguments.kind))
        if not found:
            continue
        bad = [(what, text) for what, text in found if text]
        optimizers, passed = optimizers + 1, passed + (not bad)
        total, good = total + len(found), good + len(found) - len(bad)
        for what, text in bad:
            print(f"{info.name}: {what}: {text}", flush=True)
    print(f"{arguments.kind}: {passed} of {optimizers} optimizers pass, {good} of {total} samples")


if __name__ == "__main__":
    sys.exit(main())
