"""The verb `export`: a program, or a whole model with its weights, as a file that jax alone runs."""

from __future__ import annotations

import argparse
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from diptych.backends.jax import require_jax
from diptych.ir import DiptychError, Function

from ..inspector.files import check_folder, write_whole
from ..inspector.options import TARGET, add_how, check_output, check_program, programs, sized
from ..inspector.subjects import FINAL, Subject
from .models import SIGNATURE, TAGS, Model, exported_bytes, model_of
from .types import type_of

PLATFORMS = ("cpu", "cuda", "rocm", "tpu")
MODELS = (
    "of models: FILE.py:NAME of a module, FILE.py:FUNCTION that returns one, or (session, inputs, outputs), or the "
    "folder of a saved model"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    parser.add_argument("target", metavar="TARGET", help=f"{TARGET}; {MODELS}")
    add_how(parser)
    parser.add_argument("-o", "--output", metavar="FILE.stablehlo", required=True)
    parser.add_argument(
        "--platform", action="append", choices=PLATFORMS, help="that it is for; several; by default the one here"
    )
    parser.add_argument(
        "--input",
        action="append",
        default=[],
        metavar="TYPE",
        help='of an argument of a model, in order: "float32[batch, 3, 32, 32]", in which names stay open',
    )
    parser.add_argument("--signature", default=SIGNATURE, metavar="NAME", help=f"of a saved model; default {SIGNATURE}")
    parser.add_argument(
        "--tags", default=",".join(TAGS), metavar="TAGS", help=f"of a saved model; default {','.join(TAGS)}"
    )


def command(options: argparse.Namespace) -> tuple[str, int]:
    """Writes the file; says what the program takes and gives."""
    check_output(options.output, ".stablehlo", options.target)
    check_folder(Path(options.output))
    require_jax()
    options.backend = "jax"
    found = _model(options)
    function = Subject(found.function, "jax").at(FINAL)
    file = Path(options.output)
    data = exported_bytes(function, options.platform, found.least)
    write_whole(file, data)
    return f"{file}: {len(data) / 1000:.0f} kB, {found.described()}\n", 0


def _model(options: argparse.Namespace) -> Model:
    """What the target is, or what a function of it returns, as a function of its arguments."""
    types = [type_of(text) for text in options.input]
    if Path(options.target).is_dir():
        found = model_of(options.target, types=types, signature=options.signature, tags=options.tags.split(","))
        assert found is not None
        check_program(options.program, 1)
        (subject,) = sized(options, [Subject(found.function, "jax")])
        return replace(found, function=subject.function)
    if (options.signature, options.tags) != (SIGNATURE, ",".join(TAGS)):
        problem = f"export: --signature and --tags are of saved models, and {options.target} is no folder of one"
        raise DiptychError(problem)
    models: list[Model] = []

    def made_of(thing: Any) -> Function | None:
        """The function of a model, where it is one."""
        if isinstance(thing, Function):
            return None
        model, *rest = thing if isinstance(thing, tuple) and len(thing) == 3 else (thing, types)
        found = None if isinstance(model, (str, os.PathLike)) else model_of(model, *rest, types=types)
        if found is None:
            return None
        models.append(found)
        return found.function

    subjects = programs(options, made_of=made_of)
    if len(subjects) > 1:
        raise DiptychError(f"export: there are {len(subjects)} programs in {options.target}", hint="--program 0")
    if types and not models:
        raise DiptychError(f"export: --input is of models, and {options.target} is none", hint="--size for its names")
    if not models:
        return Model(subjects[0].function)
    for name, size in options.size:
        least = models[0].least.get(name, 1)
        if size < least:
            problem = f"export: --size has {name}={size}, but the model does something else below {name}={least}"
            raise DiptychError(problem, hint="the number in --input in place of the name")
    return replace(models[0], function=subjects[0].function)
