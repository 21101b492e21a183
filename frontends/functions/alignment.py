"""Connectionist temporal classification: the probability of a label sequence, over all ways to align it with frames."""

from __future__ import annotations

from diptych.ir import Builder, Value, dtypes

from .constants import filled, filled_like, scalar

NEVER = -1e30  # the logarithm of no probability; finite, so that gradients are


def ctc_loss(
    b: Builder,
    log_probabilities: Value,
    labels: Value,
    label_lengths: Value,
    lengths: Value,
    *,
    blank: int,
    merge_repeated: bool = True,
) -> Value:
    """The negative logarithm of the probability of each label sequence (Graves et al., 2006): [batch].

    log_probabilities [time, batch, classes], labels [batch, most], of which label_lengths [batch] count, lengths
    [batch] in frames; all integers are i32. Without `merge_repeated` a label that comes twice in a row counts twice.
    """
    time, batch, _ = log_probabilities.type.static_shape()
    most = labels.type.static_shape()[1]
    width = 2 * most + 1
    path = _with_blanks(b, labels, blank)
    frames = b.iota(shape=(time, batch, width), axis=0, dtype=dtypes.i32)
    rows = b.iota(shape=(time, batch, width), axis=1, dtype=dtypes.i32)
    classes = b.broadcast(path, shape=(time, batch, width), axes=(1, 2))
    emitted = b.gather(log_probabilities, frames, rows, classes, axes=(0, 1, 2))
    place = b.iota(shape=(batch, width), axis=1, dtype=dtypes.i32)
    present = _present(b, emitted, 0)
    never = filled_like(b, NEVER, present)
    first = b.select(b.lt(place, filled_like(b, 2, place)), present, never)
    is_blank = b.eq(path, filled_like(b, blank, path))
    skips = b.bitwise_not(is_blank)
    stays = filled(b, True, (batch, width), dtypes.bool_)
    if merge_repeated:
        skips = b.bitwise_and(skips, b.ne(path, _moved(b, path, 2, -1)))
    else:
        stays = is_blank
    last = _after_frames(b, emitted, first, skips, stays, lengths)
    ends = b.mul(label_lengths, filled_like(b, 2, label_lengths))
    before = b.sub(ends, filled_like(b, 1, ends))
    row = b.iota(shape=(batch,), axis=0, dtype=dtypes.i32)
    zero = filled_like(b, 0, ends)
    at_blank = b.gather(last, row, ends, axes=(0, 1))
    at_label = b.gather(last, row, b.max(before, zero), axes=(0, 1))
    at_label = b.select(b.ge(before, zero), at_label, filled_like(b, NEVER, at_label))
    return b.neg(_added(b, at_blank, at_label))


def _with_blanks(b: Builder, labels: Value, blank: int) -> Value:
    """The labels with blanks around each: [batch, 2 * most + 1]."""
    batch, most = labels.type.static_shape()
    between = filled(b, blank, (batch, most + 1, 1), labels.dtype)
    padded = b.pad(labels, scalar(b, blank, labels.dtype), low=(0, 0), high=(0, 1), interior=(0, 0))
    pairs = b.concatenate(between, b.reshape(padded, shape=(batch, most + 1, 1)), axis=2)
    flat = b.reshape(pairs, shape=(batch, 2 * most + 2))
    return b.slice(flat, start=(0, 0), limit=(batch, 2 * most + 1), stride=(1, 1))


def _present(b: Builder, emitted: Value, frame: int) -> Value:
    _, batch, width = emitted.type.static_shape()
    row = b.slice(emitted, start=(frame, 0, 0), limit=(frame + 1, batch, width), stride=(1, 1, 1))
    return b.reshape(row, shape=(batch, width))


def _moved(b: Builder, x: Value, by: int, fill: float) -> Value:
    """x [batch, width] with columns `by` further on, `fill` in the first."""
    return b.pad(x, scalar(b, fill, x.dtype), low=(0, by), high=(0, -by), interior=(0, 0))


def _added(b: Builder, *logarithms: Value) -> Value:
    """The logarithm of the sum of numbers given by theirs."""
    top = logarithms[0]
    for each in logarithms[1:]:
        top = b.max(top, each)
    top = b.stop_gradient(top)
    total = b.exp(b.sub(logarithms[0], top))
    for each in logarithms[1:]:
        total = b.add(total, b.exp(b.sub(each, top)))
    return b.add(top, b.log(total))


def _after_frames(
    b: Builder, emitted: Value, first: Value, skips: Value, stays: Value, lengths: Value
) -> Value:  # fmt: skip
    """The logarithms of the probabilities of all beginnings, in the last frame of each row: [batch, width]."""
    time, batch, width = emitted.type.static_shape()
    if time == 1:
        return first
    rest = b.slice(emitted, start=(1, 0, 0), limit=(time, batch, width), stride=(1, 1, 1))
    numbers = b.add(b.iota(shape=(time - 1,), axis=0, dtype=dtypes.i32), filled(b, 1, (time - 1,), dtypes.i32))
    body = b.nested("frame")
    can_skip, can_stay, ends, before, row, number = (
        body.parameter(type)
        for type in (skips.type, stays.type, lengths.type, first.type, first.type, numbers.type.with_shape(()))
    )
    never = filled_like(body, NEVER, before)
    after = body.add(
        row,
        _added(
            body,
            body.select(can_stay, before, never),
            _moved(body, before, 1, NEVER),
            body.select(can_skip, _moved(body, before, 2, NEVER), never),
        ),
    )
    goes_on = body.lt(body.broadcast(number, shape=(batch,), axes=()), ends)
    kept = body.select(body.broadcast(goes_on, shape=(batch, width), axes=(0,)), after, before)
    function = body.finish([kept])
    (last,) = b.scan(
        skips, stays, lengths, first, rest, numbers, body=function, length=time - 1, constants=3, carries=1
    )  # fmt: skip
    return last
