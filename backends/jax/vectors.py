"""How long the vectors are that XLA computes with on a CPU."""

from __future__ import annotations

import platform

from diptych.ir import Function, dtypes


def compiler_options(function: Function, device: str) -> dict[str, int]:
    """What XLA is told when it compiles for devices of this platform.

    With float16, short vectors on x86: LLVM may repeat four such numbers along a longer one, finds no instruction
    for that, and ends the process. Products take no longer, elementwise programs up to twice as long.
    """
    if device != "cpu" or platform.machine() not in ("x86_64", "AMD64"):
        return {}
    values = (*function.parameters, *(value for each in function.every_equation() for value in each.results))
    return {"xla_cpu_prefer_vector_width": 64} if any(value.dtype is dtypes.f16 for value in values) else {}
