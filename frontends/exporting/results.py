"""What a module returns: the tensors in it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

from diptych.ir import Location, Unsupported

from ..eager.nn.module import Module
from ..eager.tensors.tensor import Tensor

_OF_NUMBERS = "torch.tensor(number) in its place, or leave it out"
_OF_OTHERS = "tensors in tuples, lists or dicts"


def tensors_of(returned: Any, module: Module) -> list[Tensor]:
    """The tensors in dicts, lists and tuples, in order; None stands for nothing. Raises Unsupported, with the line of
    the module's `forward`, for other things, and where there are none."""
    found: list[Tensor] = []
    for path, each in _leaves(returned, ""):
        if not isinstance(each, Tensor):
            kind = type(each).__name__
            what = f"{'an' if kind[0] in 'aeiouAEIOU' else 'a'} {kind}{f', as result{path},' if path else ''}"
            is_number = isinstance(each, (bool, int, float, complex))
            raise Unsupported(
                f"export: the model returns {what} but must return tensors, or nests of them",
                location=definition_of(module),
                hint=_OF_NUMBERS if is_number else _OF_OTHERS,
            )
        found.append(each)
    if not found:
        problem = "export: the model returns nothing but must return tensors, or nests of them"
        raise Unsupported(problem, location=definition_of(module))
    return found


def _leaves(returned: Any, path: str) -> Iterator[tuple[str, Any]]:
    """What is in a nest, with how one gets there."""
    if isinstance(returned, dict):
        for key, each in returned.items():
            yield from _leaves(each, f"{path}[{key!r}]")
    elif isinstance(returned, (list, tuple)):
        for place, each in enumerate(returned):
            yield from _leaves(each, f"{path}[{place}]")
    elif returned is not None:
        yield path, returned


def definition_of(module: Module) -> Location | None:
    """Where a module's `forward` is defined, if by the user."""
    code = getattr(inspect.unwrap(module.forward), "__code__", None)
    is_own = type(module).__module__.partition(".")[0] == "diptych"
    return None if code is None or is_own else Location(code.co_filename, code.co_firstlineno)
