"""A module while it is noted: it evaluates, and stays as it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from diptych.ir import Location, Unsupported

from ..eager.nn.module import Module

_KEPT = {"_parameters": "parameter", "_buffers": "buffer"}


@contextmanager
def evaluating(module: Module) -> Iterator[None]:
    """A block in which the module and all in it are in evaluation mode."""
    modes = [(each, each.training) for each in module.modules()]
    module.eval()
    try:
        yield
    finally:
        for each, mode in modes:
            each.training = mode


class Kept:
    """The attributes that a module, and all in it, have now."""

    def __init__(self, module: Module) -> None:
        self._of = [(name, each, _attributes(each)) for name, each in module.named_modules()]

    def check(self, location: Location | None) -> None:
        """Raises Unsupported where a parameter or a buffer is another one since, as files keep nothing."""
        for path, module, attributes in self._of:
            for place, what in _KEPT.items():
                now, before = vars(module)[place], attributes[place]
                changed = [name for name in {**before, **now} if now.get(name) is not before.get(name)]
                if changed:
                    name = f"{path}.{changed[0]}" if path else changed[0]
                    raise Unsupported(
                        f"export: the model gives itself another {what} {name}, and files keep nothing",
                        location=location,
                        hint="a result beside the others",
                    )

    def restore(self) -> None:
        """Gives back those that are others since."""
        for _, module, attributes in self._of:
            _put_back(vars(module), attributes)


def _attributes(module: Module) -> dict[str, Any]:
    return {name: type(each)(each) if type(each) in (dict, list) else each for name, each in vars(module).items()}


def _put_back(own: dict[str, Any], before: dict[str, Any]) -> None:
    for name in own.keys() - before.keys():
        del own[name]
    for name, value in before.items():
        now = own.get(name)
        if type(value) is dict and type(now) is dict:
            now.clear()
            now.update(value)
        elif type(value) is list and type(now) is list:
            now[:] = value
        else:
            own[name] = value
