"""What can be exported, and the file that it becomes."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from diptych.backends.jax import require_jax
from diptych.ir import DiptychError, Function, TensorType, Unsupported

from .types import type_of

SIGNATURE, TAGS = "serving_default", ("serve",)


@dataclass(frozen=True, slots=True)
class Model:
    """A model as a function of its arguments. `results`: what its results are called, where they have names. `least`:
    from which numbers on it is what the model does, of names for sizes that must be more than 1."""

    function: Function
    results: tuple[str, ...] = ()
    least: Mapping[str, int] = field(default_factory=dict[str, int])

    def described(self) -> str:
        """What it takes and gives."""
        function = self.function
        taken = (f"{each.name}: {each.type}" if each.name else str(each.type) for each in function.parameters)
        given = list(map(str, function.result_types))
        if self.results:
            given = [f"{name}: {text}" for name, text in zip(self.results, given, strict=True)]
        bounds = "".join(f", {name} >= {size}" for name, size in self.least.items() if name in function.names())
        return f"@{function.name}({', '.join(taken)}) -> ({', '.join(given)}){bounds}"


def export(
    model: Any,
    inputs: Any = (),
    outputs: Any = None,
    *,
    types: Sequence[Any] = (),
    signature: str = SIGNATURE,
    tags: Sequence[str] = TAGS,
    platforms: Sequence[str] | None = None,
) -> bytes:
    """A model with its weights, as what `jax.export.deserialize(bytearray(found)).call(*arrays)` runs without diptych.

    `model` is a module of the eager front end, whose `inputs` are types such as "float32[batch, 3, 32, 32]", in which
    names stay open, or arrays of these types; a session of the static one, with tensors as `inputs` and `outputs`, of
    which `types` may be given in the same way; the folder of a saved model, of which a `signature` is taken; or a
    function of the IR. `platforms` are some of cpu, cuda, rocm and tpu, by default the one here.

    Raises Unsupported, with the operation and the line, for what cannot be a program by itself, or not for sizes that
    have names, and DiptychError for inputs that do not fit.
    """
    require_jax()
    found = model_of(model, inputs, outputs, types=types, signature=signature, tags=tags)
    if found is None:
        kinds = "a module, a session, the folder of a saved model or a function of the IR"
        raise DiptychError(f"export: model is of type {type(model).__name__} but must be {kinds}")
    from ..inspector.subjects import FINAL, Subject

    return exported_bytes(Subject(found.function, "jax").at(FINAL), list(platforms) if platforms else None, found.least)


def model_of(
    model: Any,
    inputs: Any = (),
    outputs: Any = None,
    *,
    types: Sequence[Any] = (),
    signature: str = SIGNATURE,
    tags: Sequence[str] = TAGS,
) -> Model | None:
    """The model as a function; None where it is none that is known."""
    if isinstance(model, Function):
        return Model(model)
    if isinstance(model, (str, os.PathLike)):
        from .graphs import function_of_saved_model, is_saved_model

        if not is_saved_model(model):
            raise DiptychError(f"export: {os.fspath(model)}: there is no saved model in it")
        return Model(*_named(function_of_saved_model(model, signature, tags, _types(types or inputs))))
    if any(each.__module__.startswith("diptych.eager") for each in type(model).__mro__):
        from ..eager.nn.module import Module
        from .modules import function_of_module

        if isinstance(model, Module):
            function, least = function_of_module(model, _types(types or inputs))
            return Model(function, least=least)
    if any(each.__module__.startswith("diptych.static") for each in type(model).__mro__):
        from ..static.running.session import BaseSession
        from .graphs import function_of_session

        if isinstance(model, BaseSession):
            if outputs is None:
                raise DiptychError("export: outputs are missing: the tensors of the session that are wanted")
            return Model(function_of_session(model, inputs, outputs, _types(types)))
    return None


def _types(given: Any) -> list[TensorType]:
    return [type_of(each) for each in (given if isinstance(given, (list, tuple)) else [given])]


def _named(found: tuple[Function, list[str]]) -> tuple[Function, tuple[str, ...]]:
    return found[0], tuple(found[1])


def exported_bytes(
    function: Function, platforms: list[str] | None = None, least: Mapping[str, int] | None = None
) -> bytes:
    """What the file holds: `jax.export.deserialize(bytearray(data)).call(*arrays)` runs it, and refuses sizes below the
    `least` ones. Raises Unsupported for what cannot be exported."""
    from diptych.backends.jax.exporting import exported

    found = exported(function, platforms, least or {})
    try:
        return bytes(found.serialize())
    except ImportError:
        raise Unsupported("export: flatbuffers is not installed", hint="pip install 'diptych[jax]'") from None
