"""tf.flags and tf.app: absl's flags, which TensorFlow 1.15 used, parsed when a program first reads one."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any, NoReturn

import absl.flags

from ..exports import export
from .logs import warning

_RENAMED = {"flag_name": "name", "default_value": "default", "docstring": "help"}


class FlagValuesWrapper:
    """absl's FLAGS, but for this: they parse sys.argv by themselves where a flag is read before."""

    def __init__(self, flags: Any) -> None:
        self.__dict__["_wrapped"] = flags

    def __getattr__(self, name: str) -> Any:
        wrapped = self.__dict__["_wrapped"]
        if name in dir(type(wrapped)):
            return getattr(wrapped, name)
        if not wrapped.is_parsed():
            wrapped(sys.argv)
        return getattr(wrapped, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._wrapped, name, value)

    def __delattr__(self, name: str) -> None:
        delattr(self._wrapped, name)

    def __dir__(self) -> list[str]:
        return dir(self._wrapped)

    def __getitem__(self, name: str) -> Any:
        return self._wrapped[name]

    def __setitem__(self, name: str, flag: Any) -> None:
        self._wrapped[name] = flag

    def __contains__(self, name: str) -> bool:
        return name in self._wrapped

    def __len__(self) -> int:
        return len(self._wrapped)

    def __iter__(self) -> Any:
        return iter(self._wrapped)

    def __str__(self) -> str:
        return str(self._wrapped)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._wrapped(*args, **kwargs)


def _with_old_names(define: Callable[..., Any]) -> Callable[..., Any]:
    """A function that defines a flag, and takes the parameters' old names too."""

    @functools.wraps(define)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        old = [name for name in _RENAMED if name in kwargs]
        if old:
            warning(
                "Use of the keyword argument names (flag_name, default_value, docstring) is deprecated, please use "
                "(name, default, help) instead."
            )
            kwargs.update({_RENAMED[name]: kwargs.pop(name) for name in old})
        return define(*args, **kwargs)

    return wrapper


absl.flags.disclaim_key_flags()  # flags are the modules' that call these functions
FLAGS = FlagValuesWrapper(absl.flags.FLAGS)

_OLD = ("DEFINE_string", "DEFINE_boolean", "DEFINE_bool", "DEFINE_float", "DEFINE_integer")
for _name in (name for name in dir(absl.flags) if not name.startswith("_") and name not in ("sys", "FLAGS")):
    _value = getattr(absl.flags, _name)
    export(f"flags.{_name}", f"app.flags.{_name}")(_with_old_names(_value) if _name in _OLD else _value)
export("flags.FLAGS", "app.flags.FLAGS")(FLAGS)


@export("app.run")
def run(main: Callable[[list[str]], Any] | None = None, argv: list[str] | None = None) -> NoReturn:
    """Parses flags, calls main with what is left of `argv`, by default that of the program, and ends the program.
    Unknown flags are left to main."""
    import absl.app  # late: it takes over logging

    def parsed(given: list[str] | None) -> list[str]:
        return FLAGS(sys.argv if given is None else given, known_only=True)

    absl.app.run(main or sys.modules["__main__"].main, argv=argv, flags_parser=parsed)
    raise SystemExit
