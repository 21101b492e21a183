"""`torch.utils.checkpoint`: parts of a model that PyTorch computes again in the backward, to need less memory.

Here values that a gradient needs are kept or computed again as the tape finds best, so that the parts are just called:
the results and gradients are the same.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from diptych.names import limited

from ..nn.container import Sequential

_UNSAID = (
    "torch.utils.checkpoint: the use_reentrant parameter should be passed explicitly. Starting in PyTorch 2.9, calling "
    "{} without use_reentrant will raise an exception. use_reentrant=False is recommended, but if you need to preserve "
    "the current default behavior, you can pass use_reentrant=True. Refer to docs for more details on the differences "
    "between the two variants."
)


def noop_context_fn() -> tuple[Any, Any]:
    """Two blocks that do nothing."""
    from contextlib import nullcontext

    return nullcontext(), nullcontext()


@contextmanager
def set_checkpoint_debug_enabled(enabled: bool | None) -> Iterator[None]:
    """A block that changes nothing: nothing is computed again."""
    yield


@contextmanager
def set_checkpoint_early_stop(enable: bool) -> Iterator[None]:
    """A block that changes nothing: nothing is computed again."""
    yield


@limited("the function is called once: buffers that it changes, such as running statistics, change once")
def checkpoint(
    function: Callable[..., Any],
    *args: Any,
    use_reentrant: bool | None = None,
    context_fn: Callable[[], tuple[Any, Any]] = noop_context_fn,
    determinism_check: str = "default",
    debug: bool = False,
    early_stop: bool = True,
    **kwargs: Any,
) -> Any:
    """function(*args, **kwargs). Warns where `use_reentrant` is not said; raises ValueError for a context with it."""
    if use_reentrant is None:
        warnings.warn(_UNSAID.format("checkpoint"), stacklevel=2)
        use_reentrant = True
    kwargs.pop("preserve_rng_state", True)
    if use_reentrant and kwargs:
        raise ValueError("Unexpected keyword arguments: " + ",".join(kwargs))
    if use_reentrant and (context_fn is not noop_context_fn or debug is not False):
        raise ValueError("Passing `context_fn` or `debug` is only supported when use_reentrant=False.")
    with context_fn()[0]:
        return function(*args, **kwargs)


@limited("the functions are called once")
def checkpoint_sequential(
    functions: Sequential | Sequence[Callable[..., Any]],
    segments: int,
    input: Any,
    use_reentrant: bool | None = None,
    **kwargs: Any,
) -> Any:
    """What the functions, one after the other, make of the input."""
    if use_reentrant is None:
        warnings.warn(_UNSAID.format("checkpoint_sequential"), stacklevel=2)
    kwargs.pop("preserve_rng_state", True)
    if kwargs:
        raise ValueError("Unexpected keyword arguments: " + ",".join(kwargs))
    for each in functions.children() if isinstance(functions, Sequential) else functions:
        input = each(input)
    return input
