"""Profilers of the user's see what they saw without `torch.compile`."""

from __future__ import annotations

import cProfile
import sys
from typing import Any

import diptych.eager as torch
import pytest
from diptych.eager.capturing.compiled import Compiled
from diptych.eager.capturing.profiling import profiling


def compiled() -> Compiled:
    return Compiled(lambda x: x * 2, is_whole=False)


def test_a_profiler_of_python_goes_on_afterwards() -> None:
    function = compiled()

    def later() -> None:
        pass

    def program() -> Any:
        found = [function(torch.ones(2)).tolist() for _ in range(3)]
        later()
        return found

    profiler = cProfile.Profile()
    assert profiler.runcall(program) == [[2.0, 2.0]] * 3
    assert later.__code__ in {entry.code for entry in profiler.getstats()}
    assert sum(len(entry.captured) for entry in function.entries.values()) == 1


def test_a_profiling_function_is_put_back() -> None:
    def profile(frame: Any, event: str, argument: Any) -> None:
        pass

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        compiled()(torch.ones(2))
        assert sys.getprofile() is profile
    finally:
        sys.setprofile(before)


def test_only_the_innermost_function_is_told() -> None:
    outer: list[str] = []
    inner: list[str] = []

    def one() -> None:
        pass

    with profiling(lambda frame, event, argument: outer.append(frame.f_code.co_name)):
        one()
        with profiling(lambda frame, event, argument: inner.append(frame.f_code.co_name)):
            one()
        with profiling(None):
            one()
    assert (outer.count("one"), inner.count("one")) == (2, 2)  # called, and returned


def test_the_function_before_is_put_back_after_an_error() -> None:
    before = sys.getprofile()
    with pytest.raises(ValueError, match="broken"), profiling(lambda frame, event, argument: None):
        raise ValueError("broken")
    assert sys.getprofile() is before
