"""`nn.utils.rnn`: sequences of different lengths, padded or packed.

A packed sequence holds, place after place, the elements of all sequences that reach so far, the longest sequence first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from diptych.functions.constants import scalar
from diptych.ir import Builder, Value

from ...dtypes import int64
from ...functions.shapes import transpose
from ...tapes.operation import operation
from ...tapes.recording import call
from ...tensors.data import as_tensor, from_array
from ...tensors.tensor import Tensor

_UNSORTED = (
    "`lengths` array must be sorted in decreasing order when `enforce_sorted` is True. You can pass "
    "`enforce_sorted=False` to pack_padded_sequence and/or pack_sequence to sidestep this requirement if you do not "
    "need ONNX exportability."
)


class _Fields(NamedTuple):
    data: Tensor
    batch_sizes: Tensor
    sorted_indices: Tensor | None
    unsorted_indices: Tensor | None


class PackedSequence(_Fields):
    """`data` [elements, ...], `batch_sizes` [time], and where the sequences had another order, which that was."""

    __slots__ = ()

    def __new__(
        cls,
        data: Any,
        batch_sizes: Tensor | None = None,
        sorted_indices: Tensor | None = None,
        unsorted_indices: Tensor | None = None,
    ) -> PackedSequence:
        if unsorted_indices is None:
            unsorted_indices = invert_permutation(sorted_indices)
        if batch_sizes is None:
            if not isinstance(data, (list, tuple)) or len(data) != 2:
                raise AssertionError("Expected data to be a list or tuple of length 2")
            data, batch_sizes = data
        return super().__new__(cls, data, batch_sizes, sorted_indices, unsorted_indices)

    def to(self, *args: Any, **kwargs: Any) -> PackedSequence:
        """As the tensor's method, of the data."""
        data = self.data.to(*args, **kwargs)
        return self if data is self.data else self._with(data)

    def _with(self, data: Tensor) -> PackedSequence:
        return type(self)(data, self.batch_sizes, self.sorted_indices, self.unsorted_indices)

    def _converted(self, name: str) -> PackedSequence:
        return self._with(getattr(self.data, name)())

    def cpu(self, *args: Any, **kwargs: Any) -> PackedSequence:
        """The packed sequence itself."""
        return self

    def double(self) -> PackedSequence:
        """The data as float64."""
        return self._converted("double")

    def float(self) -> PackedSequence:
        """The data as float32."""
        return self._converted("float")

    def half(self) -> PackedSequence:
        """The data as float16."""
        return self._converted("half")

    def long(self) -> PackedSequence:
        """The data as int64."""
        return self._converted("long")

    def int(self) -> PackedSequence:
        """The data as int32."""
        return self._converted("int")

    def short(self) -> PackedSequence:
        """The data as int16."""
        return self._converted("short")

    def char(self) -> PackedSequence:
        """The data as int8."""
        return self._converted("char")

    def byte(self) -> PackedSequence:
        """The data as uint8."""
        return self._converted("byte")

    @property
    def is_cuda(self) -> bool:
        """Whether it is on a GPU: it is not."""
        return False

    def is_pinned(self) -> bool:
        """Whether the data is in pinned memory: it is not."""
        return False

    def pin_memory(self) -> PackedSequence:
        """The packed sequence itself."""
        return self


# -- operations: what is written as equations ----


@operation
def _picked(b: Builder, x: Value, places: Value) -> Value:
    """The elements of x [first, second, ...] at places in its first two axes made one."""
    flat = b.reshape(x, shape=(x.shape[0] * x.shape[1], *x.shape[2:]))
    return b.gather(flat, places, axes=(0,))


@operation
def _padded(b: Builder, data: Value, places: Value, padding: float) -> Value:
    """The elements of data at places, `padding` where they are beyond the last."""
    one = b.broadcast(scalar(b, padding, data.dtype), shape=(1, *data.shape[1:]), axes=())
    return b.gather(b.concatenate(data, one, axis=0), places, axes=(0,))


@operation
def _taken(b: Builder, x: Value, places: Value, axis: int) -> Value:
    found = b.gather(x, places, axes=(axis,))
    return b.transpose(found, permutation=(*range(1, axis + 1), 0, *range(axis + 1, found.rank)))


# -- what users call ----


def permuted(x: Tensor, places: Tensor, dim: int = 1) -> Tensor:
    """x with its slices along `dim` in another order."""
    return call(_taken, (x, places), (dim,))


def invert_permutation(permutation: Tensor | None) -> Tensor | None:
    """The permutation that undoes one."""
    if permutation is None:
        return None
    return from_array(np.argsort(np.asarray(permutation._array())).astype(np.int64), permutation.device)


def pack_padded_sequence(
    input: Tensor, lengths: Tensor | Sequence[int], batch_first: bool = False, enforce_sorted: bool = True
) -> PackedSequence:
    """Packs input [time, batch, ...], or [batch, time, ...] where `batch_first`, of which the first `lengths` [batch]
    elements each count. Raises RuntimeError for lengths that do not fit, or are not sorted where they have to be."""
    given = lengths.to(int64) if isinstance(lengths, Tensor) else as_tensor(lengths, dtype=int64)
    counts = np.asarray(given._array())
    order = None
    if not enforce_sorted:
        order = np.argsort(-counts, kind="stable").astype(np.int64)
        counts = counts[order]
    _check_lengths(counts, int(input.shape[0 if batch_first else 1]))
    longest, batch = int(counts[0]), counts.size
    time, column = np.nonzero(np.arange(longest)[:, None] < counts[None, :])
    if order is not None:
        column = order[column]
    limit = int(input.shape[1 if batch_first else 0])
    if longest > limit:
        raise RuntimeError(f"pack_padded_sequence: a length is {longest} but must be at most {limit}, as input is long")
    places = column * limit + time if batch_first else time * batch + column
    sizes = (np.arange(longest)[:, None] < counts[None, :]).sum(axis=1).astype(np.int64)
    data = call(_picked, (input, from_array(places.astype(np.int64), input.device)))
    return PackedSequence(data, from_array(sizes), None if order is None else from_array(order, input.device), None)


def _check_lengths(counts: np.ndarray, batch: int) -> None:
    if counts.ndim != 1:
        raise RuntimeError(
            f"'lengths' argument should be a 1D CPU int64 tensor, but got {counts.ndim}D cpu Long tensor"
        )
    if counts.size != batch:
        raise RuntimeError(
            f"Expected `len(lengths)` to be equal to batch_size, but got {counts.size} (batch_size={batch})"
        )
    if counts.size and counts[-1] <= 0:
        raise RuntimeError(
            "Length of all samples has to be greater than 0, but found an element in 'lengths' that is <= 0"
        )
    if (np.diff(counts) > 0).any():
        raise RuntimeError(_UNSORTED)


def pad_packed_sequence(
    sequence: PackedSequence, batch_first: bool = False, padding_value: float = 0.0, total_length: int | None = None
) -> tuple[Tensor, Tensor]:
    """(padded [time, batch, ...], lengths [batch]) in the order before packing; [batch, time, ...] where `batch_first`.
    Raises ValueError for a total length that is shorter than a sequence."""
    sizes = np.asarray(sequence.batch_sizes._array())
    longest = sizes.size
    if total_length is not None and total_length < longest:
        raise ValueError(
            "Expected total_length to be at least the length of the longest sequence in input, but got "
            f"total_length={total_length} and max sequence length being {longest}"
        )
    batch = int(sizes[0])
    is_there = np.zeros((longest if total_length is None else total_length, batch), bool)
    is_there[:longest] = np.arange(batch)[None, :] < sizes[:, None]
    places = np.full(is_there.shape, int(sizes.sum()), np.int64)
    places[is_there] = np.arange(int(sizes.sum()))
    lengths = is_there.sum(axis=0).astype(np.int64)
    if sequence.unsorted_indices is not None:
        order = np.asarray(sequence.unsorted_indices._array())
        places, lengths = places[:, order], lengths[order]
    places = places.T if batch_first else places
    padded = call(
        _padded,
        (sequence.data, from_array(np.ascontiguousarray(places), sequence.data.device)),
        (float(padding_value),),
    )
    return padded, from_array(lengths)


def pad_sequence(
    sequences: Iterable[Tensor], batch_first: bool = False, padding_value: float = 0.0, padding_side: str = "right"
) -> Tensor:
    """Tensors [length, ...] of different lengths as one [time, batch, ...], or [batch, time, ...] where `batch_first`,
    with `padding_value` behind them, or before where `padding_side` is "left"."""
    from ...functions.joining import stack
    from ...functions.padding import pad

    if not isinstance(sequences, Iterable):
        raise RuntimeError(
            f"pad_sequence: Expected iterable for input sequences, but got arg of type: {type(sequences)}"
        )
    each = tuple(sequences)
    if not each:
        raise RuntimeError("received an empty list of sequences")
    if padding_side not in ("left", "right"):
        raise RuntimeError(f"Expected padding_side to be one of left or right, but got {padding_side}.")
    longest = max(tensor.shape[0] for tensor in each)
    _check_rest(each, longest, batch_first)
    rows: list[Tensor] = []
    for tensor in each:
        missing = longest - tensor.shape[0]
        amounts = (missing, 0) if padding_side == "left" else (0, missing)
        rows.append(pad(tensor, (*[0] * (2 * tensor.ndim - 2), *amounts), value=padding_value) if missing else tensor)
    return stack(rows, 0 if batch_first else 1)


def _check_rest(each: Sequence[Tensor], longest: int, batch_first: bool) -> None:
    """Raises RuntimeError where tensors differ behind their first axis."""
    rest = tuple(each[0].shape[1:])
    for tensor in each[1:]:
        found = tuple(tensor.shape[1:])
        for axis, (wanted, size) in enumerate(zip(rest, found, strict=False), 1):
            if wanted != size:
                raise RuntimeError(
                    f"The size of tensor a ({wanted}) must match the size of tensor b ({size}) at non-singleton "
                    f"dimension {axis}"
                )


def unpad_sequence(padded_sequences: Tensor, lengths: Tensor, batch_first: bool = False) -> list[Tensor]:
    """The tensors that were padded, by their lengths [batch]."""
    rows = padded_sequences if batch_first else transpose(padded_sequences, 0, 1)
    return [row[: int(length)] for row, length in zip(rows, np.asarray(lengths._array()), strict=True)]


def pack_sequence(sequences: Sequence[Tensor], enforce_sorted: bool = True) -> PackedSequence:
    """Packs tensors [length, ...]."""
    lengths = [int(tensor.shape[0]) for tensor in sequences]
    return pack_padded_sequence(pad_sequence(sequences), lengths, enforce_sorted=enforce_sorted)


def unpack_sequence(packed_sequences: PackedSequence) -> list[Tensor]:
    """The tensors that were packed, in their order before that."""
    padded, lengths = pad_packed_sequence(packed_sequences, batch_first=True)
    return unpad_sequence(padded, lengths, batch_first=True)
