"""Recording a call: the path that every operation of the front end takes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import is_
from types import CodeType
from typing import Any

from diptych.ir import Builder, Value

from ..tensors.reading import read, read_shared
from ..tensors.tensor import Tensor
from .callers import caller
from .lazy import INFERENCE, LEAF, UNTRACKED, Call, Kind, Lazy, Storage
from .mode import attention_changed, mode
from .operation import NotStrided, Operation, Template, operation
from .prefixes import Prefix
from .syncs import BUDGET, SHARED
from .tape import tape

_NUMBERS = (bool, int, float, complex)
_MADE_IN_INFERENCE = 3  # in a key, in place of how gradients flow back: a value that no gradient may be kept of
new = object.__new__
NOT_KEPT = (
    "Inference tensors cannot be saved for backward. Please do not use Tensors created in inference mode in "
    "computation tracked by autograd. To work around this, you can make a clone to get a normal tensor and use it in "
    "autograd, or use `torch.no_grad()` instead of `torch.inference_mode()`."
)
# Whether some thread is in inference mode, or watches what is noted: else nobody is asked.
_is_attentive = False


def _attention_changed(is_needed: bool) -> None:
    global _is_attentive
    _is_attentive = is_needed


attention_changed.append(_attention_changed)


def _attend(made: Call, storage: Storage) -> None:
    """Tells who watches of a result."""
    if mode.inference and storage.edge == UNTRACKED:
        storage.edge = INFERENCE
    elif storage.edge and mode.watchers:
        mode.watchers[-1].made(made, storage)


def call(op: Operation, operands: tuple[Any, ...], attributes: tuple[Any, ...] = ()) -> Any:
    """Records `op` on tensors and Python numbers; its result as a tensor, or as a tuple of them.

    Raises TensorError, at the user's line, for operands that do not fit.
    """
    try:
        with tape.lock:
            made = record(op, operands, attributes)
            prefix, serial, note = made.prefix, made.serial, tape.storages.append
            if prefix.template.is_single:
                lazy = new(Lazy)  # as `value_of` has it
                lazy.kind = prefix.kinds[0]
                lazy.array = None
                lazy.call = made
                lazy.number = 0
                lazy.serial = serial
                lazy.position = prefix.start
                storage = new(Storage)
                storage.lazy = lazy
                storage.edge = prefix.flowing[0]
                storage.pinned = None
                storage.version = storage.writes = 0
                storage.serial = serial
                note(storage)
                result: Any = new(Tensor)
                result._storage = storage
                result._view = result._meta = None
                if tape.log is not None:
                    tape.log.made(storage)
                    tape.log.called(made, (lazy,), operands)
                if _is_attentive:
                    _attend(made, storage)
            else:
                result = []
                lazies = tape.results(made)
                if tape.log is not None:
                    tape.log.called(made, lazies, operands)
                for lazy, edge in zip(lazies, prefix.flowing):  # noqa: B905
                    storage = Storage(lazy, edge, None, serial)
                    note(storage)
                    if tape.log is not None:
                        tape.log.made(storage)
                    if _is_attentive:
                        _attend(made, storage)
                    tensor = new(Tensor)
                    tensor._storage = storage
                    tensor._view = tensor._meta = None
                    result.append(tensor)
                result = tuple(result)
            if (tape.bytes > tape.most_bytes or len(tape.calls) > tape.most_calls or tape.is_urgent) and tape.is_full():
                lazy = lazies = storage = made = None
                tape.flush(cause=SHARED if tape.is_urgent else BUDGET)
        return result
    except NotStrided:
        pass  # an operand is sparse: found where its storage is asked for, so that others are not asked
    return op.call_sparse(operands, attributes)


def value_of(made: Call) -> Lazy:
    """The first result of a call which was just added."""
    prefix = made.prefix
    lazy = new(Lazy)
    lazy.kind = prefix.kinds[0]
    lazy.array = None
    lazy.call = made
    lazy.number = 0
    lazy.serial = made.serial
    lazy.position = prefix.start
    return lazy


def record(op: Operation, operands: tuple[Any, ...], attributes: tuple[Any, ...]) -> Call:
    """Puts a call of `op` on the tape, whose lock must be held."""
    if tape.updates:
        end_step_before(operands)
    inputs: list[Lazy] = []
    scalars: tuple[Any, ...] = ()
    leaves: list[Tensor | None] | None = None
    key: list[Any] = [op, attributes]
    enabled, serial = mode.enabled, tape.serial
    for operand in operands:
        if isinstance(operand, Tensor):
            storage, meta = operand._storage, operand._meta
            if operand._view is storage.pinned and (meta is None or meta.requires_grad):  # neither view nor shared
                lazy, edge = storage.lazy, storage.edge if meta is None else LEAF
            else:
                lazy, edge = read(operand) if storage.pinned is None else read_shared(operand)
            if lazy.serial != serial:
                tape.enter(lazy)
            inputs.append(lazy)
            if not (edge and enabled) or edge == INFERENCE:
                key.append(lazy.position * 4 + (_MADE_IN_INFERENCE if edge and enabled else UNTRACKED))
                if leaves is not None:
                    leaves.append(None)
                continue
            key.append(lazy.position * 4 + edge)
            if edge == LEAF:
                key.append(tape.owner(operand))
                if leaves is None:
                    leaves = [None] * (len(inputs) - 1)
                leaves.append(operand)
            elif leaves is not None:
                leaves.append(None)
        else:
            scalars += (operand,)
            key.append(operand.__class__)
    code, instruction = caller()
    key.append(id(code))
    key.append(instruction)
    place = tuple(key)
    prefix = tape.at.following.get(place)
    if prefix is None:
        prefix = _new_prefix(place, op, operands, attributes, inputs, code)
        if prefix is None:
            return record(op, operands, _plain(op, attributes))
    made = tape.put(prefix, tuple(inputs), scalars, prefix.leaves if leaves is None else tuple(leaves))
    if _is_attentive and prefix.tracked and mode.watchers:
        mode.watchers[-1].noted(made)
        tape.is_watched |= made.python is not None
    return made


def end_step_before(operands: Sequence[Any]) -> None:
    """Ends the step that an optimizer has taken where a call of these operands belongs to the next one."""
    if tape.updates and mode.enabled and _begins_step(operands):
        tape.step_ended()


def _begins_step(operands: Sequence[Any]) -> bool:
    """Whether a call, once an optimizer has stepped, belongs to the next step: a gradient may flow to it, and with what
    is kept for that no program should end, or nothing that it reads waits. So steps end at one place, whether or not
    the user reads a value there. What is called without gradients, as for means of parameters, belongs to the step."""
    tensors = [each for each in operands if isinstance(each, Tensor)]
    return any(each.requires_grad for each in tensors) or all(each._storage.lazy.array is not None for each in tensors)


def record_plain(
    op: Operation, tensors: Sequence[Tensor], numbers: Iterable[float], attributes: tuple[Any, ...]
) -> Call:
    """As `record` of tensors and floats behind them, where gradients are not noted."""
    if mode.enabled:
        return record(op, (*tensors, *numbers), attributes)
    inputs: list[Lazy] = []
    key: list[Any] = [op, attributes]
    serial = tape.serial
    for tensor in tensors:
        storage = tensor._storage
        lazy = storage.lazy
        if tensor._view is not storage.pinned or (tensor._meta is not None and not tensor._meta.requires_grad):
            lazy = (read(tensor) if storage.pinned is None else read_shared(tensor))[0]
        if lazy.serial != serial:
            tape.enter(lazy)
        inputs.append(lazy)
        key.append(lazy.position * 4)
    scalars = tuple(numbers)
    key.extend([float] * len(scalars))
    code, instruction = caller()
    key.append(id(code))
    key.append(instruction)
    place = tuple(key)
    prefix = tape.at.following.get(place)
    if prefix is None:
        prefix = _new_prefix(place, op, (*tensors, *scalars), attributes, inputs, code)
        if prefix is None:
            return record(op, (*tensors, *scalars), _plain(op, attributes))
    return tape.put(prefix, tuple(inputs), scalars, prefix.leaves)


def _new_prefix(
    key: tuple[Any, ...],
    op: Operation,
    operands: tuple[Any, ...],
    attributes: tuple[Any, ...],
    inputs: list[Lazy],
    code: CodeType | None,
) -> Prefix | None:
    """What follows where the tape stands when `op` is called as `key` says; None where attributes hold tensors. Raises
    what the operation does."""
    place, prefix = tape.settled(key, code)
    if prefix is not None:
        return prefix
    if len(inputs) == len(operands):
        signature: list[Any] = [source.kind for source in inputs]
    else:
        read = iter(inputs)
        signature = [next(read).kind if isinstance(operand, Tensor) else operand.__class__ for operand in operands]
    known = (*signature, attributes)
    template = op.templates.get(known)
    if template is None:
        if _plain(op, attributes) is not attributes:
            return None
        template = op.make(known, _checked(op, signature), attributes)
    edges: list[int] = []
    parts = iter(key[2:-2])
    for part in parts:
        if part.__class__ is int:
            edges.append(part & 3)
            if part & 3 == LEAF:
                next(parts)  # whose it is
    tracked = _is_tracked(template, inputs, edges)
    prefix = tape.grown(place, len(template.kinds))
    tape.describe(prefix, template, tuple(edges) if tracked else (), code, place[-1], tracked=tracked)
    return prefix


def _is_tracked(template: Template, inputs: list[Lazy], edges: list[int]) -> bool:
    """Whether gradients flow to others than what was made in inference mode, whose edges are untracked from here on.
    Raises RuntimeError where such a value would be kept for a gradient."""
    if _MADE_IN_INFERENCE not in edges:
        return any(edges)
    places = [place for place, edge in enumerate(edges) if edge == _MADE_IN_INFERENCE]
    for place in places:
        edges[place] = UNTRACKED
    if not any(edges):
        return False
    if template.saves is None:
        kept = template.reads_of([source.kind for source in inputs]).inputs
    else:
        kept = {place for place, wanted in template.saves if any(edges[other] for other in wanted)}
    if not kept.isdisjoint(places):
        raise RuntimeError(NOT_KEPT)
    return True


def _plain(op: Operation, attribute: Any) -> Any:
    """An attribute in which tensors stand for the numbers that they hold, read now; itself where there are none. Raises
    TypeError for a tensor that is no number."""
    if isinstance(attribute, Tensor):
        if not attribute._is_number():
            raise TypeError(f"{op.name.strip('_')}(): a tensor that is no number stands where a number must")
        return attribute.item()
    if not isinstance(attribute, tuple):
        return attribute
    parts = [_plain(op, each) for each in attribute]
    return attribute if all(map(is_, parts, attribute)) else tuple(parts)


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
