"""What XLA tells of a program that it has compiled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from diptych.ir import Function
from jax.errors import JaxRuntimeError

from ..figures import Figures, bytes_in_and_out


def figures(compiled: Any, function: Function, seconds: float, was_kept: bool | None) -> Figures:
    """Of `compiled`, a `jax.stages.Compiled`, by its own analyses. Some platforms leave parts of them out."""
    counted = _costs(compiled)
    memory = compiled.memory_analysis()
    told: dict[str, int | None] = {}
    if memory is not None:
        arguments, results = memory.argument_size_in_bytes, memory.output_size_in_bytes
        aliased, temporary = memory.alias_size_in_bytes, memory.temp_size_in_bytes
        told = {
            "arguments": arguments,
            "results": results,
            "aliased": aliased,
            "temporary": temporary,
            "peak": arguments + results - aliased + temporary,
            "code": memory.generated_code_size_in_bytes or None,  # 0 is what XLA says where it does not count it
        }
    else:
        told["arguments"], told["results"] = bytes_in_and_out(function)
    return Figures(
        seconds,
        was_kept,
        _serialized_bytes(compiled),
        **told,
        flops=counted.get("flops"),
        transcendentals=counted.get("transcendentals"),
        accessed=counted.get("bytes accessed"),
    )


def _costs(compiled: Any) -> Mapping[str, float]:
    """What XLA counts, by its names, where it counts; it leaves out what is 0. Some versions of jax have a list of one,
    or None."""
    found = compiled.cost_analysis()
    if isinstance(found, list):
        found = found[0] if found else None
    return {**dict.fromkeys(("flops", "transcendentals", "bytes accessed"), 0.0), **found} if found else {}


def _serialized_bytes(compiled: Any) -> int | None:
    """Bytes of the executable as XLA writes it into a file. Programs that call Python cannot be written."""
    executable = compiled.runtime_executable()
    if not hasattr(executable, "serialize"):
        return None
    try:
        return len(executable.serialize())
    except (JaxRuntimeError, ValueError):
        return None
