"""The operations that make datasets: the host makes a pipeline, which stands for the dataset."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any

from diptych.backends.processes import random_words

from ..graphs.definitions import host_operation, scalar_shape
from ..graphs.errors import InvalidArgumentError
from ..graphs.operation import Operation
from ..running.host import HostRun, handle
from ..running.together import is_together
from .functions import Traced, calls
from .pipelines.batching import Batch, Cache, OwnParts, PaddedBatch, PartsOfBatches, Unbatch, Window
from .pipelines.calling import (
    Filter,
    FlatMap,
    GroupByWindow,
    IgnoreErrors,
    Interleave,
    Map,
    Scan,
    TakeWhile,
    Unique,
    reduced,
)
from .pipelines.joining import Concatenate, Sampled, Zip
from .pipelines.pipeline import Array, Pipeline, Rows
from .pipelines.reordering import Repeat, Same, Shard, Shuffle, Skip, Take
from .pipelines.sources import One, Range

Traceds = tuple[Traced, ...]
Make = Callable[..., Pipeline]


def _declare(type: str, signature: str) -> Callable[[Make], Make]:
    """Declares an operation whose one output is the dataset that the function gives."""

    def register(make: Make) -> Make:
        def compute(at: HostRun, *arrays: Any, **attributes: Any) -> Array:
            return handle(make(at, *arrays, **attributes))

        compute.__signature__ = inspect.signature(make)
        host_operation(type, f"{signature} -> variant", shape=scalar_shape)(compute)
        return make

    return register


def _refuse(at: HostRun, message: str) -> InvalidArgumentError:
    operation: Operation = at.operation
    return InvalidArgumentError(operation.node_def, operation, message)


def seed_of(seed: int, seed2: int) -> int:
    """The seed of Python's generator: the system's randomness where both are 0."""
    if not seed and not seed2:
        first, second = random_words(2, together=is_together())  # in all the same, which take parts of the same batches
        return first << 32 | second
    return (seed << 64) | (seed2 & (2**64 - 1))


# -- sources ----


@_declare("TensorDataset", "components: *Toutput_types")
def tensors(at: HostRun, *components: Array) -> Pipeline:
    """One element."""
    return One(components)


@_declare("TensorSliceDataset", "components: *Toutput_types")
def tensor_slices(at: HostRun, *components: Array) -> Pipeline:
    """The rows of tensors."""
    counts = {len(component) for component in components}
    if len(counts) > 1:
        raise _refuse(at, f"All components must have the same size in dimension 0, but there are {sorted(counts)}")
    return Rows(components)


@_declare("PartsOfBatchesDataset", "input_dataset: variant, num_parts: int64, index: int64")
def parts_of_batches(at: HostRun, source: Array, num_parts: Array, index: Array) -> Pipeline:
    """This process's rows of each batch."""
    return PartsOfBatches(source[()], int(num_parts), int(index))


@_declare("OwnPartsDataset", "input_dataset: variant")
def own_parts(at: HostRun, source: Array) -> Pipeline:
    """Parts of batches that this process makes itself."""
    return OwnParts(source[()])


@_declare("RangeDataset", "start: int64, stop: int64, step: int64")
def numbers(at: HostRun, start: Array, stop: Array, step: Array) -> Pipeline:
    """Integers."""
    if not step:
        raise _refuse(at, "step must be a non-zero integer.")
    return Range(int(start), int(stop), int(step))


# -- order and parts ----


@_declare("RepeatDataset", "input_dataset: variant, count: int64")
def repeat(at: HostRun, source: Array, count: Array) -> Pipeline:
    """Again and again."""
    return Repeat(source[()], int(count))


@_declare("TakeDataset", "input_dataset: variant, count: int64")
def take(at: HostRun, source: Array, count: Array) -> Pipeline:
    """The first elements."""
    return Take(source[()], int(count))


@_declare("SkipDataset", "input_dataset: variant, count: int64")
def skip(at: HostRun, source: Array, count: Array) -> Pipeline:
    """All but the first elements."""
    return Skip(source[()], int(count))


@_declare("ShardDataset", "input_dataset: variant, num_shards: int64, index: int64")
def shard(at: HostRun, source: Array, num_shards: Array, index: Array) -> Pipeline:
    """Every so manieth element."""
    if num_shards <= 0:
        raise _refuse(at, f"Number of shards must be greater than zero (currently num_shards = {num_shards}).")
    if not 0 <= index < num_shards:
        raise _refuse(at, f"Index must be between 0 and {num_shards - 1} (currently index = {index}).")
    return Shard(source[()], int(num_shards), int(index))


@_declare("ShuffleDataset", "input_dataset: variant, buffer_size: int64, seed: int64, seed2: int64")
def shuffle(
    at: HostRun, source: Array, size: Array, seed: Array, seed2: Array, *, reshuffle_each_iteration: bool = True
) -> Pipeline:
    """In random order."""
    if size <= 0:
        raise _refuse(at, "buffer_size must be greater than zero.")
    return Shuffle(source[()], int(size), seed_of(int(seed), int(seed2)), again=reshuffle_each_iteration)


@_declare("PrefetchDataset", "input_dataset: variant, buffer_size: int64")
def prefetch(at: HostRun, source: Array, size: Array) -> Pipeline:
    """The same: elements are made when they are asked for."""
    if size < -1:
        raise _refuse(at, "buffer_size must be >= 0 or set buffer_size to be tf.data.experimental.AUTOTUNE.")
    return Same(source[()])


@_declare("CacheDataset", "input_dataset: variant, filename: string")
def cache(at: HostRun, source: Array, filename: Array) -> Pipeline:
    """Kept in memory; a file is not written."""
    return Cache(source[()])


# -- batches ----


def _size(at: HostRun, size: Array) -> int:
    if size <= 0:
        raise _refuse(at, "Batch size must be greater than zero.")
    return int(size)


@_declare("BatchDatasetV2", "input_dataset: variant, batch_size: int64, drop_remainder: bool")
def batch(at: HostRun, source: Array, size: Array, drop_remainder: Array) -> Pipeline:
    """Batches."""
    return Batch(source[()], _size(at, size), drops_rest=bool(drop_remainder))


@_declare(
    "PaddedBatchDatasetV2",
    "input_dataset: variant, batch_size: int64, padded_shapes: N*int64, padding_values: *Toutput_types, "
    "drop_remainder: bool",
)
def padded_batch(at: HostRun, source: Array, size: Array, *rest: Array) -> Pipeline:
    """Batches of elements that are filled up."""
    *both, drop_remainder = rest
    count = len(both) // 2
    return PaddedBatch(source[()], _size(at, size), both[:count], both[count:], drops_rest=bool(drop_remainder))


@_declare("UnbatchDataset", "input_dataset: variant")
def unbatch(at: HostRun, source: Array) -> Pipeline:
    """What batches hold."""
    return Unbatch(source[()])


@_declare("WindowDataset", "input_dataset: variant, size: int64, shift: int64, stride: int64, drop_remainder: bool")
def window(at: HostRun, source: Array, size: Array, shift: Array, stride: Array, drop_remainder: Array) -> Pipeline:
    """Datasets of neighbours."""
    for name, value in (("size", size), ("shift", shift), ("stride", stride)):
        if value <= 0:
            raise _refuse(at, f"Window {name} must be greater than zero.")
    return Window(source[()], int(size), int(shift), int(stride), drops_rest=bool(drop_remainder))


# -- several datasets ----


@_declare("ZipDataset", "input_datasets: N*variant")
def zipped(at: HostRun, *sources: Array) -> Pipeline:
    """Side by side."""
    return Zip([source[()] for source in sources])


@_declare("ConcatenateDataset", "input_dataset: variant, another_dataset: variant")
def concatenate(at: HostRun, first: Array, second: Array) -> Pipeline:
    """One after another."""
    return Concatenate(first[()], second[()])


@_declare("SampledDataset", "weights: float64, seed: int64, seed2: int64, input_datasets: N*variant")
def sampled(at: HostRun, weights: Array, seed: Array, seed2: Array, *sources: Array) -> Pipeline:
    """From one or the other."""
    return Sampled([source[()] for source in sources], weights.tolist(), seed_of(int(seed), int(seed2)))


@_declare("DirectedInterleaveDataset", "selector_input_dataset: variant, data_input_datasets: N*variant")
def directed(at: HostRun, choices: Array, *sources: Array) -> Pipeline:
    """From the one that is named next."""
    return Sampled([source[()] for source in sources], (), 0, choices[()])


# -- functions ----


def _called(type: str, make: Callable[..., Pipeline]) -> None:
    """Declares a dataset that takes an input and one function, and attributes."""

    @_declare(type, "input_dataset: variant, other_arguments: *Targuments")
    def called(at: HostRun, source: Array, *captured: Any, functions: Traceds) -> Pipeline:
        return make(source[()], *calls(at, functions, captured))


_called("MapDataset", Map)
_called("FilterDataset", Filter)
_called("TakeWhileDataset", TakeWhile)
_called("FlatMapDataset", FlatMap)
_called("GroupByWindowDataset", GroupByWindow)


@_declare(
    "InterleaveDataset",
    "input_dataset: variant, other_arguments: *Targuments, cycle_length: int64, block_length: int64",
)
def interleave(at: HostRun, source: Array, *rest: Any, functions: Traceds) -> Pipeline:
    """Datasets that take turns."""
    *captured, cycle, block = rest
    if cycle <= 0:
        raise _refuse(at, "`cycle_length` must be > 0")
    if block <= 0:
        raise _refuse(at, "`block_length` must be > 0")
    return Interleave(source[()], calls(at, functions, captured)[0], int(cycle), int(block))


@_declare("ScanDataset", "input_dataset: variant, initial_state: *Tstate, other_arguments: *Targuments")
def scan(at: HostRun, source: Array, *rest: Any, functions: Traceds, Tstate: Sequence[Any]) -> Pipeline:
    """A state that goes along."""
    count = len(Tstate)
    return Scan(source[()], rest[:count], calls(at, functions, rest[count:])[0], count)


@_declare("IgnoreErrorsDataset", "input_dataset: variant")
def ignore_errors(at: HostRun, source: Array) -> Pipeline:
    """Without elements whose making fails."""
    return IgnoreErrors(source[()])


@_declare("UniqueDataset", "input_dataset: variant")
def unique(at: HostRun, source: Array) -> Pipeline:
    """Each element once."""
    return Unique(source[()])


@host_operation(
    "ReduceDataset", "input_dataset: variant, initial_state: *Tstate, other_arguments: *Targuments -> *Tstate",
    shape=lambda inputs, *, output_shapes, **_: list(output_shapes),
)  # fmt: skip
def reduce_dataset(
    at: HostRun, source: Array, *rest: Any, functions: Traceds, Tstate: Sequence[Any], output_shapes: Any
) -> list[Any]:
    """The last state."""
    count = len(Tstate)
    return list(reduced(source[()], rest[:count], calls(at, functions, rest[count:])[0]))


@host_operation(
    "DatasetToSingleElement", "dataset: variant -> *output_types",
    shape=lambda inputs, *, output_shapes, **_: list(output_shapes),
)  # fmt: skip
def single_element(at: HostRun, source: Array, *, output_types: Any, output_shapes: Any) -> list[Any]:
    """The one element."""
    found = list(islice(source[()].elements(), 2))
    if len(found) != 1:
        raise _refuse(at, "Dataset was empty." if not found else "Dataset had more than one element.")
    return list(found[0])
