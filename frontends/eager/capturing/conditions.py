"""Conditions written as straight Python: whether things are as they were, which is asked before each run.

A processor that has waited for a result has forgotten the rest: every function that is called and every loop that is
set up on the way to the next program costs it several times what it costs when it runs all the time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Conditions:
    """Lines of a function, in which what is in braces stands for the thing of that name."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._things: dict[str, Any] = {"__name__": __name__}  # so that its frames are known to be the package's
        self._names: dict[int, str] = {}

    def do(self, line: str, **things: Any) -> None:
        """Adds a line, or several with their indents."""
        written = line.format(**{name: self._name(thing) for name, thing in things.items()})
        self._lines.extend("    " + each for each in written.splitlines())

    def require(self, condition: str, **things: Any) -> None:
        """Adds that the function ends here with None where `condition` does not hold."""
        self.do(f"if not ({condition}): return None", **things)

    def function(self, parameters: str, result: str) -> Callable[..., Any]:
        """The function, which ends with `result`."""
        source = "\n".join([f"def asked({parameters}):", *self._lines, f"    return {result}"])
        exec(compile(source, "<conditions>", "exec"), self._things)
        return self._things["asked"]

    def _name(self, thing: Any) -> str:
        if thing is None or isinstance(thing, bool):
            return repr(thing)
        name = self._names.get(id(thing))
        if name is None:
            name = self._names[id(thing)] = f"thing_{len(self._names)}"
            self._things[name] = thing
        return name
