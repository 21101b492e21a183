"""The verb `export`: a program as a file that jax alone runs."""

from __future__ import annotations

import argparse
from pathlib import Path

from diptych.backends.jax import require_jax
from diptych.ir import DiptychError, Function, Unsupported

from .inspector.files import file_errors
from .inspector.options import add_target, check_output, programs
from .inspector.subjects import FINAL

PLATFORMS = ("cpu", "cuda", "rocm", "tpu")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    add_target(parser)
    parser.add_argument("-o", "--output", metavar="FILE.stablehlo", required=True)
    parser.add_argument(
        "--platform", action="append", choices=PLATFORMS, help="that it is for; several; by default the one here"
    )


def command(options: argparse.Namespace) -> tuple[str, int]:
    """Writes the file; says what the program takes and gives."""
    check_output(options.output, ".stablehlo", options.target)
    require_jax()
    options.backend = "jax"
    found = programs(options)
    if len(found) > 1:
        raise DiptychError(f"export: there are {len(found)} programs in {options.target}", hint="--program 0")
    function = found[0].at(FINAL)
    file = Path(options.output)
    data = exported_bytes(function, options.platform)
    with file_errors(file):
        file.write_bytes(data)
    types = f"({', '.join(map(str, function.parameter_types))}) -> ({', '.join(map(str, function.result_types))})"
    return f"{file}: {len(data) / 1000:.0f} kB, @{function.name}{types}\n", 0


def exported_bytes(function: Function, platforms: list[str] | None = None) -> bytes:
    """What the file holds: `jax.export.deserialize(bytearray(data)).call(*arrays)` runs it. Raises Unsupported for what
    cannot be exported."""
    from diptych.backends.jax.exporting import exported

    found = exported(function, platforms)
    try:
        return bytes(found.serialize())
    except ImportError:
        raise Unsupported("export: flatbuffers is not installed", hint="pip install 'diptych[jax]'") from None
