"""Measures the modules of the eager front end against PyTorch's own module database: run it where torch 2.13 is
installed.

python -m tests.eager.oracle.module_db KIND [name ...]

KIND is `float32` or `float64` (values of all samples in training and evaluation, texts, the order of the state's names;
with float64 gradients of inputs and parameters too), or `errors` (what must raise, by class and text). Names are those
of classes; without any all are measured.
"""

from __future__ import annotations

import argparse
import dataclasses
import inspect
import re
import sys
import types
import warnings
from collections.abc import Iterator
from typing import Any

import diptych.eager as ours
import numpy as np
import torch
from torch.testing._internal.common_modules import module_db

RANDOM = {
    "AlphaDropout", "Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "FeatureAlphaDropout", "FractionalMaxPool2d",
    "FractionalMaxPool3d", "RReLU",
}  # fmt: skip
ELSEWHERE = "torch.ao."  # modules of quantization, which stand outside of torch.nn


# -- the same call in both frameworks ----


def converted(value: Any, known: dict[int, Any] | None = None) -> Any:
    """A sample's argument as diptych's user would give it; what stands there twice stays one tensor."""
    known = {} if known is None else known
    if isinstance(value, torch.nn.utils.rnn.PackedSequence):
        return ours.nn.utils.rnn.PackedSequence(*(converted(each, known) for each in value))
    if isinstance(value, torch.Tensor):
        if id(value) not in known:
            made = ours.tensor(value.detach().resolve_conj().numpy().copy())
            known[id(value)] = made.requires_grad_() if value.requires_grad else made
        return known[id(value)]
    if isinstance(value, torch.dtype):
        return getattr(ours, str(value).removeprefix("torch."))
    if isinstance(value, torch.device):
        return ours.device(str(value))
    if isinstance(value, (list, tuple)):
        return type(value)(converted(each, known) for each in value)
    if isinstance(value, dict):
        return {key: converted(each, known) for key, each in value.items()}
    if isinstance(value, torch.nn.Module):
        return _module(value)
    if dataclasses.is_dataclass(value):
        fields = {each.name: converted(getattr(value, each.name)) for each in dataclasses.fields(value)}
        return getattr(ours.nn, type(value).__name__)(**fields)
    return _function(value) if callable(value) else value


def _module(module: torch.nn.Module) -> Any:
    """A module without options, or with those that its parts tell."""
    made = getattr(ours.nn, type(module).__name__)(*_options(module))
    if any(each.dtype is torch.float64 for each in module.parameters()):
        made.double()
    made.load_state_dict(converted(dict(module.state_dict())))
    return made.train(module.training)


def _options(module: torch.nn.Module) -> tuple[Any, ...]:
    if isinstance(module, torch.nn.LayerNorm):
        return (module.normalized_shape,)
    if isinstance(module, torch.nn.TransformerEncoderLayer):
        attention = module.self_attn
        return (
            attention.embed_dim, attention.num_heads, module.linear1.out_features, attention.dropout,
            converted(module.activation), module.norm1.eps, attention.batch_first, module.norm_first,
            attention.in_proj_bias is not None,
        )  # fmt: skip
    return ()


def _function(function: Any) -> Any:
    name = getattr(function, "__name__", "")
    for place in (ours.nn.functional, ours):
        if hasattr(place, name) and not name.startswith("<"):
            return getattr(place, name)
    if not isinstance(function, types.FunctionType):
        return function
    names = {**function.__globals__, "torch": ours, "F": ours.nn.functional}
    return types.FunctionType(function.__code__, names, name, function.__defaults__, function.__closure__)


def _constructed(info: Any, sample: Any, dtype: torch.dtype) -> tuple[torch.nn.Module, Any]:
    """The module in both frameworks."""
    given = sample.constructor_input
    options = dict(given.kwargs)
    accepts = "dtype" in _signature(info.module_cls) and "dtype" not in options
    theirs = info.module_cls(*given.args, **options, **({"dtype": dtype} if accepts else {}))
    mine = getattr(ours.nn, info.module_cls.__name__)(
        *converted(given.args), **converted(options), **({"dtype": converted(dtype)} if accepts else {})
    )
    return theirs, mine


def _signature(kind: type) -> set[str]:
    found: set[str] = set()
    for each in kind.__mro__:
        if isinstance(vars(each).get("__init__"), types.FunctionType):
            found.update(inspect.signature(each.__init__).parameters)
    return found


# -- comparing ----


def leaves(value: Any) -> Iterator[Any]:
    """The tensors of a result or of arguments, in order."""
    if isinstance(value, (torch.Tensor, ours.Tensor)):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from leaves(each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from leaves(each)


def check(wanted: Any, found: Any, what: str, tolerance: float) -> None:
    """Raises AssertionError for tensors that differ."""
    if wanted is None or found is None:
        assert wanted is found, f"{what}: only one is None"
        return
    one, other = wanted.detach().numpy(), np.asarray(found.detach()._array())
    assert one.shape == other.shape, f"{what}: shape {other.shape} but {one.shape} in torch"
    assert one.dtype == other.dtype, f"{what}: {other.dtype} but {one.dtype} in torch"
    np.testing.assert_allclose(other, one, rtol=tolerance, atol=tolerance, err_msg=what, equal_nan=True)


def compared(info: Any, sample: Any, dtype: torch.dtype, training: bool) -> None:
    """Raises whatever goes wrong, AssertionError where a module differs."""
    name = info.module_cls.__name__
    torch.manual_seed(0)
    theirs, mine = _constructed(info, sample, dtype)
    theirs.train(training)
    mine.train(training)
    if " at 0x" not in repr(theirs):
        assert repr(theirs) == repr(mine), f"repr {mine!r} but {theirs!r} in torch"
    if sample.forward_input is None:
        return
    given = (sample.forward_input.args, sample.forward_input.kwargs)
    copies = converted(given)
    if name.startswith("Lazy"):
        theirs(*given[0], **given[1])
        mine(*copies[0], **copies[1])
    state = theirs.state_dict()
    assert list(state) == list(mine.state_dict()), f"names {list(mine.state_dict())} but {list(state)} in torch"
    mine.load_state_dict({key: converted(each) for key, each in state.items()})
    try:
        wanted = theirs(*given[0], **given[1])
    except RuntimeError:  # a sample that torch itself refuses in this dtype
        return
    found = mine(*copies[0], **copies[1])
    if name in RANDOM and training:
        return
    outputs, others = list(leaves(wanted)), list(leaves(found))
    assert len(outputs) == len(others), f"{len(others)} results but {len(outputs)} in torch"
    for place, (one, other) in enumerate(zip(outputs, others, strict=True)):
        check(one, other, f"result {place}", 1e-7 if dtype is torch.float64 else 2e-4)
        assert one.requires_grad == other.requires_grad, f"result {place}: requires_grad {other.requires_grad}"
    if dtype is torch.float64:
        _check_gradients([given, list(theirs.parameters())], [copies, list(mine.parameters())], outputs, others)


def _check_gradients(given: Any, copies: Any, outputs: list[Any], others: list[Any]) -> None:
    outputs, others = ([each for each in part if each.requires_grad] for part in (outputs, others))
    theirs, mine = (
        list({id(each): each for each in leaves(part) if each.requires_grad}.values()) for part in (given, copies)
    )
    assert len(theirs) == len(mine), "other leaves"
    if not outputs or not theirs:
        return
    weights = [torch.rand_like(each) for each in outputs]
    wanted = torch.autograd.grad(outputs, theirs, weights, allow_unused=True)
    found = ours.autograd.grad(others, mine, converted(weights), allow_unused=True)
    for place, (one, other) in enumerate(zip(wanted, found, strict=True)):
        check(one, other, f"gradient {place}", 1e-6)


# -- what is measured ----


def samples(info: Any, kind: str) -> Iterator[tuple[str, Any]]:
    """Of each sample what it is, and why it fails, "" where it does not."""
    dtype = torch.float64 if kind == "float64" else torch.float32
    for training in (True, False):
        found = info.module_inputs_func(info, device="cpu", dtype=dtype, requires_grad=True, training=training)
        for number, sample in enumerate(found):
            yield f"{'training' if training else 'evaluation'} {number}", told(compared, info, sample, dtype, training)


def errors(info: Any) -> Iterator[tuple[str, Any]]:
    """The same of what must raise."""
    if info.module_error_inputs_func is None:
        return
    for training in (True, False):
        found = info.module_error_inputs_func(
            info, device="cpu", dtype=torch.float32, requires_grad=False, training=training
        )
        for number, bad in enumerate(found):
            yield f"error {number}", told(_raised, info, bad)


def _raised(info: Any, bad: Any) -> None:
    sample = bad.module_error_input if hasattr(bad, "module_error_input") else bad.sample_input
    given = sample.constructor_input
    try:
        made = getattr(ours.nn, info.module_cls.__name__)(*converted(given.args), **converted(given.kwargs))
        made(*converted(sample.forward_input.args), **converted(sample.forward_input.kwargs))
    except bad.error_type as error:
        assert re.search(bad.error_regex, str(error)), f"says {error} but {bad.error_regex} in torch"
        return
    raise AssertionError(f"nothing raised but {bad.error_type.__name__} in torch: {bad.error_regex}")


def told(function: Any, *arguments: Any) -> str:
    """Why a check fails, "" where it does not."""
    try:
        function(*arguments)
    except Exception as error:
        return f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
    return ""


def main() -> None:
    """Prints each module that does not pass, with its first failure, and the counts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kind", choices=["float32", "float64", "errors"])
    parser.add_argument("names", nargs="*")
    given = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    modules = passed = total = good = 0
    for info in module_db:
        kind = info.module_cls
        if kind.__module__.startswith(ELSEWHERE) or (given.names and kind.__name__ not in given.names):
            continue
        found = list(errors(info) if given.kind == "errors" else samples(info, given.kind))
        if not found:
            continue
        bad = [(what, told) for what, told in found if told]
        modules, passed = modules + 1, passed + (not bad)
        total, good = total + len(found), good + len(found) - len(bad)
        if bad:
            print(f"{kind.__name__}: {len(bad)} of {len(found)} fail; {bad[0][0]}: {bad[0][1]}", flush=True)
    print(f"{given.kind}: {passed} of {modules} modules pass, {good} of {total} samples")


if __name__ == "__main__":
    sys.exit(main())
