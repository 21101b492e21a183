"""`with strategy.scope():`."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from diptych.backends.mesh import active

from ..graphs.defaults import get_default_graph
from .contexts import entered, has_strategy, require_cross_or_default

if TYPE_CHECKING:
    from .strategy import Strategy


class Scope:
    """A strategy is in force in the graph that is the default one at its beginning, and its mesh is the active one. The
    sessions of that graph run on this mesh from then on, in the scope and behind it, as TensorFlow's do."""

    def __init__(self, strategy: Strategy) -> None:
        self._strategy = strategy
        self._stacks: list[ExitStack] = []  # the scope may be entered in itself

    def __enter__(self) -> Strategy:
        require_cross_or_default(self._strategy)
        mesh = self._strategy.extended.mesh()
        get_default_graph().set_mesh(mesh)
        with ExitStack() as stack:
            if mesh is not None:
                stack.enter_context(active(mesh))
            stack.enter_context(entered(self._strategy, None))
            self._stacks.append(stack.pop_all())
        return self._strategy

    def __exit__(self, *error: Any) -> None:
        self._stacks.pop().close()


class NoScope:
    """The scope of the default strategy, which there is outside of all others."""

    def __init__(self, strategy: Strategy) -> None:
        self._strategy = strategy

    def __enter__(self) -> Strategy:
        if has_strategy():
            raise RuntimeError("Must not nest tf.distribute.Strategy scopes.")
        return self._strategy

    def __exit__(self, *error: Any) -> None: ...
