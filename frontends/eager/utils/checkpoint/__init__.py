"""`torch.utils.checkpoint`: parts of a model that are computed again in the backward, so that less is kept.

The newer way (`use_reentrant=False`) records a part as any other: what its gradient needs is kept, or computed again,
as the tape finds best. That the part's function is called again when a backward reaches it is for what the function
does besides; what it computes then is not used. The older way computes the gradient from the second call.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

from ...autograd.saved_tensors import Saved, save
from ...func import trees
from ...nn.container import Sequential
from ...tapes.mode import is_grad_enabled
from ...tapes.tape import tape
from ...tensors.tensor import Tensor
from .parts import CheckpointError, Kept, Part, tell_when_reached
from .reentrant import CheckpointFunction, check_backward_validity, detach_variable

_UNSAID = (
    "torch.utils.checkpoint: the use_reentrant parameter should be passed explicitly. Starting in PyTorch 2.9, calling "
    "{} without use_reentrant will raise an exception. use_reentrant=False is recommended, but if you need to preserve "
    "the current default behavior, you can pass use_reentrant=True. Refer to docs for more details on the differences "
    "between the two variants."
)
_UNSAID_IN_SEQUENCE = (
    "torch.utils.checkpoint.checkpoint_sequential: the use_reentrant parameter should be passed explicitly. In version "
    "2.9 we will raise an exception if use_reentrant is not passed. use_reentrant=False is recommended, but if you "
    "need to preserve the current default behavior, you can pass use_reentrant=True. Refer to docs for more details on "
    "the differences between the two variants."
)
_CHECKS = ["default", "none"]


class _Switches:
    early_stop: bool | None = None
    debug: bool | None = None


def noop_context_fn() -> tuple[Any, Any]:
    """Two blocks that do nothing."""
    return nullcontext(), nullcontext()


@contextmanager
def set_checkpoint_debug_enabled(enabled: bool | None) -> Iterator[None]:
    """A block in which `debug` of all calls is this."""
    before, _Switches.debug = _Switches.debug, enabled
    try:
        yield
    finally:
        _Switches.debug = before


@contextmanager
def set_checkpoint_early_stop(enable: bool) -> Iterator[None]:
    """A block in which `early_stop` of all calls is this."""
    before, _Switches.early_stop = _Switches.early_stop, enable
    try:
        yield
    finally:
        _Switches.early_stop = before


def get_device_states(*args: Any) -> tuple[list[int], list[Tensor]]:
    """The numbers of the devices that args are on, the CPU aside, and the states of their generators: none here."""
    return [], []


def set_device_states(devices: Sequence[int], states: Sequence[Tensor], *, device_type: str | None = None) -> None:
    """Takes back what `get_device_states` gave, which is nothing.

    Raises AttributeError, as PyTorch does without an accelerator, for the state of a device.
    """
    if devices and states:
        raise AttributeError("module 'torch.cpu' has no attribute 'device'")


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
    """function(*args, **kwargs), which is called again when a backward reaches its results: with `preserve_rng_state`
    it draws the same numbers, within the second block of `context_fn`, and with `early_stop` only until all is there
    that a gradient needs.

    Warns where `use_reentrant` is not said; raises ValueError for arguments that exclude each other, in the backward
    CheckpointError where the function does something else than at first.
    """
    if use_reentrant is None:
        warnings.warn(_UNSAID.format("checkpoint"), stacklevel=2)
        use_reentrant = True
    preserve = kwargs.pop("preserve_rng_state", True)
    if use_reentrant:
        if kwargs:
            raise ValueError("Unexpected keyword arguments: " + ",".join(kwargs))
        if context_fn is not noop_context_fn or debug is not False:
            raise ValueError("Passing `context_fn` or `debug` is only supported when use_reentrant=False.")
        return CheckpointFunction.apply(function, preserve, *args)
    if (debug if _Switches.debug is None else _Switches.debug) and context_fn is not noop_context_fn:
        raise ValueError("debug=True is incompatible with non-default context_fn")
    if determinism_check not in _CHECKS:
        raise ValueError(f"determinism_check should be one of {_CHECKS}, but got {determinism_check}")
    forward_context, recompute_context = context_fn()
    if not is_grad_enabled():
        return function(*args, **kwargs)
    saved = [save(each) if isinstance(each, Tensor) else each for each in args]

    def call_again() -> Any:
        return function(*(each.unpacked() if isinstance(each, Saved) else each for each in saved), **kwargs)

    stops = early_stop if _Switches.early_stop is None else _Switches.early_stop
    part = Part(call_again, recompute_context, preserve, stops, determinism_check != "none")
    with Kept() as kept, forward_context:
        tape.begin_part()
        try:
            outputs = function(*args, **kwargs)
        finally:
            tape.end_part()
    part.kept = kept.kinds
    if part.kept:
        for each in trees.leaves(outputs):
            tell_when_reached(each, part)
    return outputs


def checkpoint_sequential(
    functions: Sequential | Sequence[Callable[..., Any]],
    segments: int,
    input: Any,
    use_reentrant: bool | None = None,
    **kwargs: Any,
) -> Any:
    """What the functions, one after the other, make of the input: in so many segments, of which all but the last are
    computed again in the backward."""
    if use_reentrant is None:
        warnings.warn(_UNSAID_IN_SEQUENCE, stacklevel=2)
        use_reentrant = True
    preserve = kwargs.pop("preserve_rng_state", True)
    if kwargs:
        raise ValueError("Unexpected keyword arguments: " + ",".join(kwargs))
    listed = list(functions.children()) if isinstance(functions, Sequential) else list(functions)

    def run(start: int, end: int) -> Callable[[Any], Any]:
        def in_turn(input: Any) -> Any:
            for each in listed[start:end]:
                input = each(input)
            return input

        return in_turn

    size = len(listed) // segments
    end = 0
    for start in range(0, size * (segments - 1), size) if size else ():
        end = start + size
        input = checkpoint(run(start, end), input, use_reentrant=use_reentrant, preserve_rng_state=preserve)
    return run(end, len(listed))(input)


__all__ = [
    "CheckpointError", "CheckpointFunction", "check_backward_validity", "checkpoint", "checkpoint_sequential",
    "detach_variable", "get_device_states", "noop_context_fn", "set_checkpoint_debug_enabled",
    "set_checkpoint_early_stop", "set_device_states",
]  # fmt: skip
