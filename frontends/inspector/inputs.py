"""What programs are run on, to be measured or compared: what came in the first time, what is given, or made up."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from diptych.ir import DiptychError, Function, TensorType

from .files import arrays_in
from .subjects import Subject

DEFAULT_SIZE = 8  # of a dimension with a name, where a program runs and nobody says how many


def add_inputs(parser: argparse.ArgumentParser) -> None:
    """What programs are run on."""
    parser.add_argument(
        "--inputs", metavar="FILE.npz", help="arrays by parameters' names; by default those of the first run, if any"
    )
    parser.add_argument("--seed", type=int, default=0, help="of what is made up where there are no inputs; default 0")


def with_inputs(subject: Subject, options: argparse.Namespace) -> tuple[Subject, list[np.ndarray]]:
    """The program, with sizes for the dimensions that still have names, and arrays of its parameters' types, which are
    nobody else's. That they are made up is said in the `notes` of the options. Raises DiptychError for inputs that do
    not fit."""
    subject = subject.sized(dict.fromkeys(subject.function.names(), DEFAULT_SIZE))
    if options.inputs is not None:
        return subject, _given(subject.function, arrays_in(Path(options.inputs)), options.inputs)
    if subject.inputs is not None:
        return subject, [np.array(each) for each in subject.inputs]
    if subject.function.parameters:
        note = f"@{subject.function.name} ran on made-up inputs, of seed {options.seed}"
        options.notes = [*getattr(options, "notes", ()), note]
    return subject, made_up(subject.function, options.seed)


def made_up(function: Function, seed: int = 0) -> list[np.ndarray]:
    """Arrays of the parameters' types: floats from a standard normal, integers 0 and 1, bools of both kinds."""
    random = np.random.default_rng(seed)
    return [_made_up(parameter.type, random) for parameter in function.parameters]


def _made_up(type: TensorType, random: np.random.Generator) -> np.ndarray:
    shape, dtype = type.static_shape(), type.dtype
    if not dtype.is_differentiable:
        return random.integers(0, 2, shape).astype(dtype.numpy)
    if dtype.is_complex:
        return (random.standard_normal(shape) + 1j * random.standard_normal(shape)).astype(dtype.numpy)
    return random.standard_normal(shape).astype(dtype.numpy)


def _given(function: Function, arrays: Mapping[str, np.ndarray], file: str) -> list[np.ndarray]:
    """The arrays of a file, by the names of the parameters, or arr_0 and so on by their places."""
    found: list[np.ndarray] = []
    for place, parameter in enumerate(function.parameters):
        name = parameter.name or str(place)
        array = arrays.get(name, arrays.get(f"arr_{place}"))
        if array is None:
            raise DiptychError(f"{file}: there is no array {name}, nor arr_{place}, for the parameter %{name}")
        type = parameter.type
        if array.shape != type.static_shape() or not np.can_cast(array.dtype, type.dtype.numpy, "same_kind"):
            raise DiptychError(f"{file}: {name} is {array.dtype}{list(array.shape)} but must be {type}")
        found.append(array.astype(type.dtype.numpy))
    return found
