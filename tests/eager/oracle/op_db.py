"""Measures the eager front end against PyTorch's own operator database: run it where torch 2.13 is installed.

python -m tests.eager.oracle.op_db KIND [--samples N] [--report FILE] [name ...]

KIND is `values` (the first float32 samples: values, shape, dtype), `gradients` (float64), `errors` (what must raise, by
class), `inplace`, `out`, `views` (what is written into results), or `all`. Names are those of the database's entries;
without any all 702 are measured. With DIPTYCH_BACKEND=jax, DIPTYCH_COMPILE_AFTER=0 has XLA compute all of it; each
sample is then a program of its own to compile, so few samples are enough to wait for.
"""

from __future__ import annotations

import argparse
import csv
import functools
import itertools
import re
import signal
import sys
import types
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import diptych.eager as ours
import numpy as np
import torch
from torch.testing._internal.common_methods_invocations import op_db

from tests.eager.oracle.entry_comparison import difference, leaves, of_pair
from tests.eager.oracle.translation import converted, in_ours, resolved, shared, tensor

SAMPLES = 20  # of an entry, unless the command line says otherwise
SECONDS = 60  # for all samples of an entry


class Late(Exception):
    """An entry took too long."""


# -- what is measured ----


def _samples(entry: Any, dtype: torch.dtype, count: int, *, requires_grad: bool = False) -> list[Any]:
    """The first samples, at most so many."""
    torch.manual_seed(0)
    np.random.seed(0)
    return list(itertools.islice(entry.sample_inputs("cpu", dtype, requires_grad=requires_grad), count))


def _both(entry: Any, mine: Callable[..., Any], sample: Any) -> tuple[Any, Any]:
    arguments = converted(sample.input), converted(tuple(sample.args)), converted(sample.kwargs)
    wanted = entry.op(sample.input, *sample.args, **sample.kwargs)
    return wanted, mine(arguments[0], *arguments[1], **arguments[2])


def values(entry: Any, count: int) -> str | None:
    """Whether the first samples agree; None where torch has no common dtype."""
    kinds = (torch.float32, torch.int64, torch.bool, torch.complex64, torch.float16)
    dtype = next((each for each in kinds if each in entry.dtypes), None)
    if dtype is None:
        return None
    mine = resolved(entry)
    for place, sample in enumerate(_samples(entry, dtype, count)):
        wanted, found = _both(entry, mine, sample)
        told = difference(entry, sample.output_process_fn_grad(wanted), sample.output_process_fn_grad(found), dtype)
        if told and not _is_nearer(entry, sample, found, dtype) and not _is_drawn(entry, sample, wanted, dtype):
            return f"sample {place} {sample.summary()[:160]}: {told}"
    return ""


def _is_drawn(entry: Any, sample: Any, wanted: Any, dtype: torch.dtype) -> bool:
    """Whether torch itself says something else the next time, as with dropout."""
    for seed in range(1, 30):
        torch.manual_seed(seed)
        with mock.patch.object(torch, "manual_seed"):  # by which some entries make torch repeat itself
            other = entry.op(sample.input, *sample.args, **sample.kwargs)
        if difference(entry, wanted, _as_ours(other), dtype):
            return True
    return False


def _as_ours(results: Any) -> Any:
    return [tensor(each.detach()) if isinstance(each, torch.Tensor) else each for each in leaves(results)]


def _is_nearer(entry: Any, sample: Any, found: Any, dtype: torch.dtype) -> bool:
    """Whether a result in float32 is what torch gives for the same numbers in double precision: where its own float32
    loses digits."""
    if dtype is not torch.float32 or torch.float64 not in entry.dtypes:
        return False
    wide = [_widened(each) for each in (sample.input, tuple(sample.args), sample.kwargs)]
    wanted = [
        each.to(torch.float32) if isinstance(each, torch.Tensor) and each.dtype is torch.float64 else each
        for each in leaves(entry.op(wide[0], *wide[1], **wide[2]))
    ]
    return not difference(entry, wanted, list(leaves(found)), dtype)


def _widened(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return value.to(torch.float64) if value.dtype is torch.float32 else value
    if isinstance(value, (list, tuple)):
        return type(value)(_widened(each) for each in value)
    return {key: _widened(each) for key, each in value.items()} if isinstance(value, dict) else value


def gradients(entry: Any, count: int) -> str | None:
    """Whether the gradients of the first samples agree in float64; None where torch has none."""
    if not entry.supports_autograd or torch.float64 not in entry.supported_backward_dtypes("cpu"):
        return None
    mine = resolved(entry)
    for place, sample in enumerate(_samples(entry, torch.float64, count, requires_grad=True)):
        given = [sample.input, tuple(sample.args), sample.kwargs]
        copies = [converted(each) for each in given]
        wanted = sample.output_process_fn_grad(entry.op(sample.input, *sample.args, **sample.kwargs))
        found = sample.output_process_fn_grad(mine(copies[0], *copies[1], **copies[2]))
        if entry.gradcheck_wrapper.__name__ != "<lambda>" and "hermitian" in entry.gradcheck_wrapper.__name__:
            continue
        told = _gradients_differ(entry, given, copies, wanted, found)
        if told and not _is_drawn(entry, sample, wanted, torch.float64):
            return f"sample {place} {sample.summary()[:160]}: {told}"
    return ""


def _gradients_differ(entry: Any, given: Any, copies: Any, wanted: Any, found: Any) -> str:
    outputs = [each for each in leaves(wanted) if isinstance(each, torch.Tensor)]
    mine = [each for each in leaves(found) if isinstance(each, ours.Tensor)]
    kept = [place for place, each in enumerate(outputs) if each.requires_grad]
    if any(not mine[place].requires_grad for place in kept):
        return "the result does not require a gradient"
    theirs = [each for each in leaves(given) if isinstance(each, torch.Tensor) and each.requires_grad]
    others = [each for each in leaves(copies) if isinstance(each, ours.Tensor) and each.requires_grad]
    if not kept or not theirs:
        return ""
    weights = [torch.rand_like(outputs[place]) for place in kept]
    expected = torch.autograd.grad([outputs[place] for place in kept], theirs, weights, allow_unused=True)
    made = ours.autograd.grad([mine[place] for place in kept], others, [tensor(each) for each in weights],
                              allow_unused=True)  # fmt: skip
    for place, (one, other) in enumerate(zip(expected, made, strict=True)):
        if one is None or other is None:
            known = one if other is None else other
            if known is not None and bool((known != 0).any()):
                return f"gradient {place}: {'missing' if other is None else 'not None'}"
            continue
        told = of_pair(entry, one, other, torch.float64)
        if told:
            return f"gradient {place}: {told}"
    return ""


def errors(entry: Any, _: int) -> str | None:
    """Whether what must raise does, with that class; None where the database says nothing."""
    if entry.error_inputs_func is None:
        return None
    mine = resolved(entry)
    for place, bad in enumerate(entry.error_inputs("cpu")):
        sample = bad.sample_input
        if any(_is_elsewhere(each) for each in leaves([sample.input, list(sample.args), sample.kwargs])):
            continue
        arguments = shared((sample.input, tuple(sample.args), sample.kwargs))
        if not _is_refused(entry, sample):
            continue
        try:
            mine(arguments[0], *arguments[1], **arguments[2])
        except Exception as error:
            if isinstance(error, Late) or not isinstance(error, bad.error_type):
                return f"error input {place}: {type(error).__name__} but {bad.error_type.__name__} in torch: {error}"
            continue
        return f"error input {place}: nothing raised but {bad.error_type.__name__} in torch: {bad.error_regex[:80]}"
    return ""


def _is_refused(entry: Any, sample: Any) -> bool:
    try:
        entry.op(sample.input, *sample.args, **sample.kwargs)
    except Exception:
        return True
    return False


def _is_elsewhere(value: Any) -> bool:
    """Whether no test can hand it over: a tensor of no device that diptych has, or of more axes than arrays have."""
    return isinstance(value, torch.Tensor) and (value.device.type == "meta" or value.ndim > 64)


def inplace(entry: Any, count: int) -> str | None:
    """Whether the in-place variant gives what the function does; None where torch has none."""
    if entry.inplace_variant is None or torch.float32 not in entry.dtypes:
        return None
    variant = entry.inplace_variant
    is_method = not isinstance(variant, (types.FunctionType, functools.partial))
    mine = getattr(ours.Tensor, variant.__name__) if is_method else _in_place_function(variant)
    for place, sample in enumerate(_samples(entry, torch.float32, count)):
        if sample.broadcasts_input:
            continue
        arguments = converted(sample.input), converted(tuple(sample.args)), converted(sample.kwargs)
        try:
            wanted = entry.inplace_variant(sample.input.clone(), *sample.args, **sample.kwargs)
        except (RuntimeError, TypeError):
            continue
        target = arguments[0].clone()
        found = mine(target, *arguments[1], **arguments[2])
        if found is not target:
            return f"sample {place}: another tensor comes back"
        told = difference(entry, wanted, found, torch.float32)
        if told and not _is_nearer(entry, sample, found, torch.float32):
            return f"sample {place} {sample.summary()[:160]}: {told}"
    return ""


def _in_place_function(variant: Any) -> Callable[..., Any]:
    if isinstance(variant, functools.partial):
        return functools.partial(in_ours(variant.func), *variant.args, **variant.keywords)
    return in_ours(variant)


def out(entry: Any, count: int) -> str | None:
    """Whether `out=` is written and comes back; None where torch has none."""
    if not entry.supports_out or torch.float32 not in entry.dtypes:
        return None
    mine = resolved(entry)
    for place, sample in enumerate(_samples(entry, torch.float32, min(count, 4))):
        wanted = entry.op(sample.input, *sample.args, **sample.kwargs)
        if not any(isinstance(each, torch.Tensor) for each in leaves(wanted)) or not _takes_out(entry, sample, wanted):
            return None
        arguments = converted(sample.input), converted(tuple(sample.args)), converted(sample.kwargs)
        empty = [ours.empty(tuple(each.shape), dtype=converted(each.dtype)) for each in leaves(wanted)]
        target = empty[0] if isinstance(wanted, torch.Tensor) else tuple(empty)
        found = mine(arguments[0], *arguments[1], **arguments[2], out=target)
        if any(one is not other for one, other in zip(leaves(found), empty, strict=True)):
            return f"sample {place}: another tensor comes back"
        process = sample.output_process_fn_grad
        told = difference(entry, process(wanted), process(found), torch.float32)
        if told and not _is_nearer(entry, sample, found, torch.float32):
            return f"sample {place} {sample.summary()[:160]}: {told}"
    return ""


def _takes_out(entry: Any, sample: Any, wanted: Any) -> bool:
    """Whether torch's own function takes what it gives as `out`."""
    made = [torch.empty_like(each) for each in leaves(wanted)]
    try:
        entry.op(sample.input, *sample.args, **sample.kwargs, out=made[0] if len(made) == 1 else tuple(made))
    except (TypeError, RuntimeError):
        return False
    return True


def views(entry: Any, count: int) -> str | None:
    """Whether what is written into a result shows in the input where it does in torch; None where no result is a
    view."""
    if torch.float32 not in entry.dtypes:
        return None
    seen = False
    for place, sample in enumerate(_samples(entry, torch.float32, count)):
        if not isinstance(sample.input, torch.Tensor) or not sample.input.numel():
            continue
        arguments = converted(sample.input), converted(tuple(sample.args)), converted(sample.kwargs)
        results = list(leaves(entry.op(sample.input, *sample.args, **sample.kwargs)))
        shared = [_shares(each, sample.input) for each in results]
        if not any(shared):
            continue
        seen = True
        found = list(leaves(resolved(entry)(arguments[0], *arguments[1], **arguments[2])))
        for number, is_view in enumerate(shared):
            if is_view:
                with torch.no_grad(), ours.no_grad():
                    results[number].mul_(2)
                    found[number].mul_(2)
        told = of_pair(entry, sample.input, arguments[0], torch.float32)
        if told:
            return f"sample {place} {sample.summary()[:160]}: the input after writes: {told}"
    return "" if seen else None


def _shares(result: Any, input: torch.Tensor) -> bool:
    """Whether a result shows input's memory, each element once."""
    if not isinstance(result, torch.Tensor) or result.layout is not torch.strided or not result.numel():
        return False
    if result.untyped_storage().data_ptr() != input.untyped_storage().data_ptr() or result.dtype is not input.dtype:
        return False
    places = torch.arange(result.untyped_storage().nbytes() // result.element_size())
    shown = places.as_strided(result.shape, result.stride(), result.storage_offset())
    return len(shown.unique()) == result.numel()


KINDS = {"values": values, "gradients": gradients, "errors": errors, "inplace": inplace, "out": out, "views": views}


def _runs_here(entry: Any) -> bool:
    """Whether torch itself has the entry on a CPU, or runs its first sample."""
    if not entry.dtypes:
        return False
    dtype = torch.float32 if torch.float32 in entry.dtypes else next(iter(entry.dtypes))
    try:
        for sample in _samples(entry, dtype, 1):
            entry.op(sample.input, *sample.args, **sample.kwargs)
    except AssertionError:  # it asks for a GPU
        return False
    return True


def measured(kind: str, entry: Any, count: int = SAMPLES) -> str | None:
    """ "" where an entry passes, None where it has nothing to show, else why it does not."""

    def late(*_: Any) -> None:
        raise Late(f"longer than {SECONDS} s")

    signal.signal(signal.SIGALRM, late)
    signal.alarm(SECONDS)
    try:
        return KINDS[kind](entry, count) if _runs_here(entry) else None
    except Exception as error:
        return f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
    finally:
        signal.alarm(0)


def main() -> None:
    """Prints each entry that does not pass, and the counts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kind", choices=(*KINDS, "all"))
    parser.add_argument("names", nargs="*")
    parser.add_argument("--samples", type=int, default=SAMPLES, help="of each entry at most so many")
    parser.add_argument("--report", type=Path, help="write all that was found to this file, a row an entry")
    given = parser.parse_intermixed_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    kinds = list(KINDS) if given.kind == "all" else [given.kind]
    found: dict[str, dict[str, str | None]] = {}
    for entry in op_db:
        label = f"{entry.name} {entry.variant_test_name}".strip()
        if given.names and entry.name not in given.names:
            continue
        found[label] = {kind: measured(kind, entry, given.samples) for kind in kinds}
        for kind, told in found[label].items():
            if told:
                print(f"{kind}: {label}: {told}", flush=True)
    for kind in kinds:
        passed = sum(row[kind] == "" for row in found.values())
        counted = sum(row[kind] is not None for row in found.values())
        print(f"{kind}: {passed} of {counted} entries pass ({len(found)} looked at)")
    if given.report:
        _write(given.report, kinds, found)


def _write(path: Path, kinds: list[str], found: dict[str, dict[str, str | None]]) -> None:
    """A table of texts: "passed", "" where there is nothing to show, or why an entry does not pass."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["entry", *kinds])
        for label, row in found.items():
            texts = ("passed" if told == "" else _plain(told or "") for told in row.values())
            writer.writerow([label, *texts])


def _plain(told: str) -> str:
    """A reason without the place where it was found, and without addresses."""
    text = re.sub(r" at 0x[0-9a-f]+", "", told.split(" at /")[0])
    return text if len(text) < 140 else f"{text[:137]}..."


if __name__ == "__main__":
    sys.exit(main())
