"""A backward behind calls that were recorded before, in the same order: it is recorded again as it was then, without
looking through the graph."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ..tapes.graph import Graph
from ..tapes.lazy import LEAF, UNTRACKED, Lazy, Storage
from ..tapes.mode import no_grad
from ..tapes.prefixes import KnownBackward, Prefix
from ..tapes.tape import tape
from ..tensors.tensor import Tensor
from .anomaly import is_anomaly_enabled
from .rewriting import are_rewritten


def key_of(root: Tensor, retain: bool) -> tuple[Any, ...] | None:
    """What tells a backward of `root` from others where the tape stands; None where something stands in the way of
    recording it again: a history that began earlier, or Python that wants to see gradients."""
    storage = root._storage
    lazy = storage.lazy
    if not (root._meta is root._view is storage.pinned) or lazy.serial != tape.serial or tape.backwards:
        return None
    if tape.is_watched or tape.recalled or is_anomaly_enabled():
        return None
    return lazy.position, retain, *tape.overwritten


def recorded_again(root: Tensor, key: tuple[Any, ...], retain: bool) -> list[Tensor] | None:
    """Records the backward of a scalar and adds to `.grad` of its leaves, where it is known: these; None where not."""
    known = tape.at.backwards.get(key)
    if known is None or are_rewritten(known.calls):
        return None
    leaves = [tape.owners[number] for number in known.leaves]
    inputs: list[Lazy] = [root._storage.lazy]
    for leaf, position in zip(leaves, known.positions):  # noqa: B905 - of one length
        meta, storage = leaf._meta, leaf._storage
        if leaf._view is storage.pinned and meta is not None and meta.requires_grad:
            lazy, edge = storage.lazy, LEAF
        else:
            lazy, edge = leaf._read()
        if edge != LEAF or lazy.position != position or lazy.serial != tape.serial or meta is None:
            return None
        if meta.hooks is not None or (meta.grad is not None and meta.grad.is_sparse):
            return None
        inputs.append(lazy)
    made = tape.put(known.prefix, tuple(inputs), (), (None, *leaves))
    serial = tape.serial
    gradients = [Storage(lazy, UNTRACKED, None, serial) for lazy in tape.results(made)]
    tape.storages.extend(gradients)
    if not retain:
        calls = tape.calls
        for number in known.calls:
            calls[number].freed = True
    for leaf, gradient in zip(leaves, gradients, strict=True):
        meta = leaf._meta
        assert meta is not None
        if meta.grad is None:
            meta.grad = Tensor._of(gradient)
        else:
            with no_grad():
                meta.grad.add_(Tensor._of(gradient))
    return leaves


def note(before: Prefix, key: tuple[Any, ...], recorded: int, graph: Graph, wanted: Sequence[Tensor]) -> None:
    """Notes how the backward `key` was recorded behind `before`, as the call with the number `recorded`, if it can be
    again."""
    is_one = len(tape.calls) == recorded + 1 and tape.calls[recorded].prefix.start == before.count
    if not is_one or graph.hooked or not graph.is_whole or len(wanted) != len(graph.leaves):
        return
    numbers = {call: number for number, call in enumerate(tape.calls)}
    before.backwards[key] = KnownBackward(
        tape.calls[recorded].prefix,
        _all(tape.numbers.get(id(leaf)) for leaf in wanted),
        _all(leaf._lazy().position for leaf in wanted),
        _all(numbers.get(call) for call in graph.calls),
    )


def _all(found: Iterable[int | None]) -> tuple[int, ...]:
    return tuple(each for each in found if each is not None)
