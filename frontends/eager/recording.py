"""Recording a call: the path that every operation of the front end takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from diptych.ir import Builder, Value

from .callers import caller
from .lazy import INFERENCE, LEAF, UNTRACKED, Call, Kind, Lazy, Storage
from .mode import attention_changed, mode
from .operation import NotStrided, Operation, Template, operation
from .reading import read, read_shared
from .syncs import BUDGET, SHARED
from .tape import tape
from .tensor import Tensor

_NUMBERS = (bool, int, float, complex)
NOT_KEPT = (
    "Inference tensors cannot be saved for backward. Please do not use Tensors created in inference mode in "
    "computation tracked by autograd. To work around this, you can make a clone to get a normal tensor and use it in "
    "autograd, or use `torch.no_grad()` instead of `torch.inference_mode()`."
)
new_tensor = object.__new__
# Others while some thread is in inference mode, or watches what is noted: so it costs nothing to tell elsewhere.
make_storage, make_call = Storage, Call


def _attentive_storage(lazy: Lazy, edge: int, pinned: Any, serial: int) -> Storage:
    made = Storage(lazy, INFERENCE if mode.inference and edge == UNTRACKED else edge, pinned, serial)
    if edge and mode.watchers and lazy.call is not None:
        tape.storages.append(made)  # should the watcher read it
        mode.watchers[-1].made(lazy.call, made)
    return made


def _attentive_call(*parts: Any) -> Call:
    made = Call(*parts)
    if mode.watchers:
        mode.watchers[-1].noted(made)
    return made


def _attention_changed(is_needed: bool) -> None:
    global make_storage, make_call
    make_storage, make_call = (_attentive_storage, _attentive_call) if is_needed else (Storage, Call)


attention_changed.append(_attention_changed)


def call(op: Operation, operands: tuple[Any, ...], attributes: tuple[Any, ...] = ()) -> Any:
    """Records `op` on tensors and Python numbers; its result as a tensor, or as a tuple of them.

    Raises TensorError, at the user's line, for operands that do not fit.
    """
    try:
        with tape.lock:
            made, lazies = record(op, operands, attributes)
            template, serial, note = made.template, tape.serial, tape.storages.append
            edges = template.edges if made.tracked else template.no_edges
            if template.is_single:
                storage = make_storage(lazies[0], edges[0], None, serial)
                note(storage)
                result: Any = new_tensor(Tensor)
                result._storage = storage
                result._view = result._meta = None
            else:
                result = []
                for lazy, edge in zip(lazies, edges):  # noqa: B905
                    storage = make_storage(lazy, edge, None, serial)
                    note(storage)
                    tensor = new_tensor(Tensor)
                    tensor._storage = storage
                    tensor._view = tensor._meta = None
                    result.append(tensor)
                result = tuple(result)
            if (tape.bytes > tape.most_bytes or len(tape.calls) > tape.most_calls or tape.is_urgent) and tape.is_full():
                lazies = lazy = storage = made = None
                tape.flush(cause=SHARED if tape.is_urgent else BUDGET)
        return result
    except NotStrided:
        pass  # an operand is sparse: found where its storage is asked for, so that others are not asked
    return op.call_sparse(operands, attributes)


def record(op: Operation, operands: tuple[Any, ...], attributes: tuple[Any, ...]) -> tuple[Call, list[Lazy]]:
    """Puts a call of `op` on the tape, whose lock must be held."""
    inputs: list[Lazy] = []
    signature: list[Any] = []
    scalars: tuple[Any, ...] = ()
    edges: list[int] = []
    tracked = UNTRACKED
    serial = tape.serial
    for operand in operands:
        if isinstance(operand, Tensor):
            storage = operand._storage
            if operand._meta is operand._view is storage.pinned:  # all are None
                lazy, edge = storage.lazy, storage.edge
            else:
                lazy, edge = read(operand) if storage.pinned is None else read_shared(operand)
            if lazy.serial != serial:
                tape.enter(lazy)
            inputs.append(lazy)
            edges.append(edge)
            signature.append(lazy.kind)
            tracked |= edge
        else:
            scalars += (operand,)
            signature.append(operand.__class__)
    signature.append(attributes)
    key = tuple(signature)
    template = op.templates.get(key)
    if template is None:
        template = op.make(key, _checked(op, signature[:-1]), attributes)
    code, instruction = caller()
    if tracked and mode.enabled and (tracked < INFERENCE or _is_passed(template, inputs, edges)):
        leaves = _leaves(operands, edges) if tracked & LEAF else (None,) * len(edges)
        made = make_call(template, tuple(inputs), scalars, tuple(edges), leaves, code, instruction, True)
    else:
        made = Call(template, tuple(inputs), scalars, (), (), code, instruction, False)
    return made, tape.append(made, template.kinds)


def _is_passed(template: Template, inputs: Sequence[Lazy], edges: list[int]) -> bool:
    """Whether gradients flow to others than what was made in inference mode, whose edges are untracked from here on.
    Raises RuntimeError where such a value would be kept for a gradient."""
    places = [place for place, edge in enumerate(edges) if edge == INFERENCE]
    for place in places:
        edges[place] = UNTRACKED
    if not any(edges):
        return False
    if template.saves is None:
        kept = template.reads(Call(template, tuple(inputs), (), (), (), None, 0, False)).inputs
    else:
        kept = {place for place, wanted in template.saves if any(edges[other] for other in wanted)}
    if not kept.isdisjoint(places):
        raise RuntimeError(NOT_KEPT)
    return True


def _leaves(operands: tuple[Any, ...], edges: Sequence[int]) -> tuple[Tensor | None, ...]:
    """For each tensor among the operands: itself where it collects its gradient."""
    owners = (operand for operand in operands if isinstance(operand, Tensor))
    return tuple([owner if edge == LEAF else None for owner, edge in zip(owners, edges, strict=True)])


def _checked(op: Operation, signature: list[Any]) -> list[Any]:
    """The signature, whose classes are those of numbers that tensors compute with."""
    for place, kind in enumerate(signature):
        if not isinstance(kind, Kind) and kind not in _NUMBERS:
            raise TypeError(f"{op.name}(): argument {place} is of type {kind.__name__} but must be Tensor or Number")
    return signature


@operation
def copy(b: Builder, x: Value) -> Value:
    """x, with a storage of its own."""
    return b.identity(x)
