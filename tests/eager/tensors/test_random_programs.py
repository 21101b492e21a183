"""Random programs of views, writes, histories and shared memory do what the real PyTorch did, frozen by
make_random_programs.py."""

from __future__ import annotations

import gzip
import json
import warnings
from pathlib import Path
from typing import Any

import diptych.eager as torch
import pytest
from diptych.backends.settings import configure

from tests.eager.tensors.random_programs import run

with gzip.open(Path(__file__).parent / "random_programs.json.gz") as file:
    WANTED: dict[str, list[Any]] = json.load(file)

# Where PyTorch raises and diptych does not, or the other way round; no values differ.
KNOWN = {
    "300": "a graph that keeps nothing can be gone through again; here a value that it needs was not kept",
    "308": "a value kept by an operation that is not listed in saved.py was written over",
}


def agree(found: Any, wanted: Any) -> bool:
    """Numbers up to 1e-5, all else exactly."""
    if isinstance(found, list) and isinstance(wanted, list):
        return len(found) == len(wanted) and all(map(agree, found, wanted))
    if isinstance(found, float) and isinstance(wanted, (int, float)):
        return found == wanted or abs(found - wanted) <= 1e-5 * max(1.0, abs(wanted))
    return found == wanted


def first_difference(seed: str) -> str | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of reading .grad of tensors that are no leaves
        found, wanted = run(torch, int(seed)), WANTED[seed]
    if agree(found, wanted):
        return None
    pairs = enumerate(zip(found, wanted, strict=False))
    return next((f"at {place}: {f} but must be {w}" for place, (f, w) in pairs if not agree(f, w)), "lengths differ")


@pytest.mark.parametrize("block", range(20))
def test_on_numpy(block: int) -> None:
    """Half of them go call by call, half are compiled."""
    before = configure().compile_after
    configure(compile_after=block % 2 * 1000)
    found = {seed: first_difference(seed) for seed in WANTED if int(seed) % 20 == block}
    configure(compile_after=before)
    assert {seed: text for seed, text in found.items() if text is not None and seed not in KNOWN} == {}


@pytest.mark.usefixtures("compiled_at_once")
@pytest.mark.numpy_alone("the list is of numpy's rounding")
def test_the_list_of_known_differences_is_current() -> None:
    assert [seed for seed in KNOWN if first_difference(seed) is None] == []


def test_on_jax() -> None:
    before = configure().backend
    configure(backend="jax")
    try:
        found = {seed: first_difference(seed) for seed in map(str, range(12))}
    finally:
        configure(backend=before)
    assert {seed: text for seed, text in found.items() if text is not None} == {}
