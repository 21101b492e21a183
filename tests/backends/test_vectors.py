"""What XLA is told of vectors on a CPU."""

from __future__ import annotations

import platform

import pytest
from diptych.backends.jax.vectors import compiler_options
from diptych.ir import dtypes

from tests.samples.control import function


def test_programs_with_float16_have_short_vectors_on_x86(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    inside = function("f", "f32[2]", lambda b, x: b.cast(b.cast(x, dtype=dtypes.f16), dtype=dtypes.f32))
    assert compiler_options(inside, "cpu") == {"xla_cpu_prefer_vector_width": 64}
    assert compiler_options(inside, "gpu") == {}
    assert compiler_options(function("f", "bf16[2] f32[2]", lambda b, x, y: y), "cpu") == {}
    monkeypatch.setattr(platform, "machine", lambda: "arm64")
    assert compiler_options(inside, "cpu") == {}
