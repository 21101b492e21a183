"""tf.data.experimental, and what came before it: functions for Dataset.apply, and sources."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from diptych.ir import Unsupported

from ..exports import export
from ..graphs.conversion import convert_to_tensor
from ..graphs.dtypes import float64, int64
from ..graphs.scopes import control_dependencies
from ..graphs.tensor import Tensor
from ..operations.casting import cast
from ..operations.checks import assert_less
from ..operations.gathering import gather
from ..operations.joining import stack
from ..operations.random import random_uniform
from ..operations.reductions import reduced
from .dataset import Dataset, check_state, seeds
from .functions import Traced, dataset_operation
from .structure import DatasetSpec, TensorSpec, flatten, map_leaves, normalized, pack_as, spec_of

Change = Callable[[Dataset], Dataset]

export("data.AUTOTUNE", "data.experimental.AUTOTUNE")(-1)
export("data.UNKNOWN_CARDINALITY", "data.experimental.UNKNOWN_CARDINALITY")(-2)
export("data.INFINITE_CARDINALITY", "data.experimental.INFINITE_CARDINALITY")(-1)


def _names(name: str) -> tuple[str, str]:
    return f"data.experimental.{name}", f"contrib.data.{name}"


@export(*_names("shuffle_and_repeat"))
def shuffle_and_repeat(buffer_size: Any, count: Any = None, seed: int | None = None) -> Change:
    """Dataset.shuffle, then repeat."""
    return lambda dataset: dataset.shuffle(buffer_size, seed=seed).repeat(count)


@export(*_names("map_and_batch"), "data.experimental.map_and_batch_with_legacy_function")
def map_and_batch(
    map_func: Callable[..., Any], batch_size: Any, num_parallel_batches: Any = None, drop_remainder: Any = False,
    num_parallel_calls: Any = None,
) -> Change:  # fmt: skip
    """Dataset.map, then batch. Raises ValueError."""
    if num_parallel_batches is not None and num_parallel_calls is not None:
        raise ValueError("The `num_parallel_batches` and `num_parallel_calls` arguments are mutually exclusive.")
    return lambda dataset: dataset.map(map_func).batch(batch_size, drop_remainder)


@export("contrib.data.batch_and_drop_remainder")
def batch_and_drop_remainder(batch_size: Any) -> Change:
    """Dataset.batch without a last batch that has fewer."""
    return lambda dataset: dataset.batch(batch_size, drop_remainder=True)


@export("contrib.data.padded_batch_and_drop_remainder")
def padded_batch_and_drop_remainder(batch_size: Any, padded_shapes: Any, padding_values: Any = None) -> Change:
    """Dataset.padded_batch without a last batch that has fewer."""
    return lambda dataset: dataset.padded_batch(batch_size, padded_shapes, padding_values, drop_remainder=True)


@export(*_names("parallel_interleave"))
def parallel_interleave(
    map_func: Callable[..., Any], cycle_length: Any, block_length: Any = 1, sloppy: bool = False,
    buffer_output_elements: Any = None, prefetch_input_elements: Any = None,
) -> Change:  # fmt: skip
    """Dataset.interleave."""
    return lambda dataset: dataset.interleave(map_func, cycle_length, block_length)


@export(*_names("unbatch"))
def unbatch() -> Change:
    """Dataset.unbatch."""
    return lambda dataset: dataset.unbatch()


@export(*_names("enumerate_dataset"))
def enumerate_dataset(start: Any = 0) -> Change:
    """Dataset.enumerate."""
    return lambda dataset: dataset.enumerate(start)


@export(*_names("prefetch_to_device"))
def prefetch_to_device(device: Any, buffer_size: Any = None) -> Change:
    """The same elements: a program runs on one device."""
    return lambda dataset: dataset


@export("data.experimental.copy_to_device")
def copy_to_device(target_device: Any, source_device: Any = "/cpu:0") -> Change:
    """The same elements: a program runs on one device."""
    return lambda dataset: dataset


@export("data.experimental.latency_stats", "data.experimental.bytes_produced_stats")
def without_statistics(tag: Any) -> Change:
    """The same elements; statistics are not kept."""
    return lambda dataset: dataset


@export(*_names("ignore_errors"))
def ignore_errors() -> Change:
    """The elements but for those whose making fails."""
    return lambda dataset: dataset._changed("IgnoreErrorsDataset")


@export(*_names("unique"))
def unique() -> Change:
    """Each scalar element once."""
    return lambda dataset: dataset._changed("UniqueDataset")


@export("data.experimental.take_while")
def take_while(predicate: Callable[..., Any]) -> Change:
    """The elements up to the first that the predicate does not hold for."""

    def change(dataset: Dataset) -> Dataset:
        made, _ = dataset._called("TakeWhileDataset", "tf.data.experimental.take_while()", predicate)
        return Dataset._of(made, dataset._structure)

    return change


@export(*_names("scan"))
def scan(initial_state: Any, scan_func: Callable[..., Any]) -> Change:
    """state, output = scan_func(state, element) for each element: a dataset of the outputs."""

    def change(dataset: Dataset) -> Dataset:
        state = normalized(initial_state)
        traced = Traced("tf.data.experimental.scan()", scan_func, (spec_of(state), dataset._structure))
        if not isinstance(traced.structure, tuple) or len(traced.structure) != 2:
            raise TypeError("The scan function must return a pair comprising the new state and the output value.")
        after = Traced.__new__(Traced)
        after.structure, after.returned = traced.structure[0], traced.returned[0]
        check_state(after, state, "tf.data.experimental.scan()")
        made = dataset_operation("ScanDataset", [dataset._variant_tensor, flatten(state)], [traced])
        return Dataset._of(made, traced.structure[1])

    return change


@export(*_names("group_by_window"))
def group_by_window(
    key_func: Callable[..., Any], reduce_func: Callable[..., Any], window_size: Any = None,
    window_size_func: Callable[..., Any] | None = None,
) -> Change:  # fmt: skip
    """Gathers elements of the same key_func(element), an int64, up to the window's size for the key; each time
    reduce_func(key, dataset) makes a dataset of them. Raises ValueError, TypeError."""
    if (window_size is None) == (window_size_func is None):
        raise ValueError("Must pass either window_size or window_size_func.")
    size = window_size_func or (lambda _: convert_to_tensor(window_size, dtype=int64))

    def change(dataset: Dataset) -> Dataset:
        key_spec = TensorSpec([], int64)
        what = "tf.data.experimental.group_by_window()"
        key = Traced(what, lambda *parts: cast(key_func(*parts), int64), dataset._structure)
        sized = Traced(what, lambda each: cast(size(each), int64), key_spec)
        reduced = Traced(what, reduce_func, (key_spec, DatasetSpec(dataset._structure, Dataset._of)))
        if not isinstance(reduced.structure, DatasetSpec):
            raise TypeError("`reduce_func` must return a `Dataset` object.")
        made = dataset_operation("GroupByWindowDataset", [dataset._variant_tensor], [key, sized, reduced])
        return Dataset._of(made, reduced.structure.element)

    return change


@export(*_names("bucket_by_sequence_length"))
def bucket_by_sequence_length(
    element_length_func: Callable[..., Any], bucket_boundaries: Sequence[int], bucket_batch_sizes: Sequence[int],
    padded_shapes: Any = None, padding_values: Any = None, pad_to_bucket_boundary: bool = False,
    no_padding: bool = False, drop_remainder: bool = False,
) -> Change:  # fmt: skip
    """Batches of elements of similar length: those below each boundary together, padded to the longest of the batch, or
    to the boundary. Raises ValueError."""
    if len(bucket_batch_sizes) != len(bucket_boundaries) + 1:
        raise ValueError("len(bucket_batch_sizes) must equal len(bucket_boundaries) + 1")
    sizes = convert_to_tensor(list(bucket_batch_sizes), dtype=int64)
    limits = convert_to_tensor(list(bucket_boundaries), dtype=int64)

    def bucket(*element: Any) -> Tensor:
        length = cast(element_length_func(*element), int64)
        return reduced("Sum", cast(length >= limits, int64), None, False, None)

    def batched(number_of_bucket: Tensor, group: Dataset) -> Dataset:
        size = gather(sizes, number_of_bucket)
        if no_padding:
            return group.batch(size, drop_remainder)
        filler: Any = None
        if pad_to_bucket_boundary:
            message = "When pad_to_bucket_boundary=True, elements must have length < max(bucket_boundaries)."
            last = convert_to_tensor(len(bucket_batch_sizes) - 1, dtype=int64)
            with control_dependencies([assert_less(number_of_bucket, last, message=message)]):
                filler = gather(limits, number_of_bucket) - 1
        shapes = map_leaves(padded_shapes or group.output_shapes, lambda shape: _filled(shape, filler))
        return group.padded_batch(size, shapes, padding_values, drop_remainder)

    return lambda dataset: dataset.apply(
        group_by_window(bucket, batched, window_size_func=lambda each: gather(sizes, each))
    )


def _filled(shape: Any, filler: Any) -> Any:
    """A padded shape whose unknown sizes are `filler`, where that is given."""
    if filler is None or isinstance(shape, Tensor):
        return shape
    sizes = list(shape.as_list() if hasattr(shape, "as_list") else shape)
    return stack([filler if size in (None, -1) else convert_to_tensor(size, dtype=int64) for size in sizes])


@export(*_names("sample_from_datasets"))
def sample_from_datasets(datasets: Sequence[Dataset], weights: Any = None, seed: int | None = None) -> Dataset:
    """Each next element from one of the datasets, at random by weights, the same by default. Raises ValueError,
    TypeError."""
    _check_alike(datasets)
    if isinstance(weights, Dataset):
        raise Unsupported("sample_from_datasets with a dataset of weights is not supported", hint="a list of weights")
    if weights is not None and not isinstance(weights, Tensor) and len(weights) != len(datasets):
        raise ValueError("`weights` must be a vector of length `len(datasets)`.")
    given = convert_to_tensor([1.0] * len(datasets) if weights is None else weights, dtype=float64)
    made = dataset_operation("SampledDataset", [given, *seeds(seed), [each._variant_tensor for each in datasets]])
    return Dataset._of(made, _common(datasets))


@export(*_names("choose_from_datasets"))
def choose_from_datasets(datasets: Sequence[Dataset], choice_dataset: Dataset) -> Dataset:
    """Each next element from the dataset that `choice_dataset`, of int64 scalars, names. Raises TypeError."""
    _check_alike(datasets)
    spec = choice_dataset.element_spec
    if not isinstance(spec, TensorSpec) or spec.dtype is not int64 or spec.shape.ndims:
        raise TypeError("`choice_dataset` must be a dataset of scalar `tf.int64` tensors.")
    sources = [each._variant_tensor for each in datasets]
    made = dataset_operation("DirectedInterleaveDataset", [choice_dataset._variant_tensor, sources])
    return Dataset._of(made, _common(datasets))


def _check_alike(datasets: Sequence[Dataset]) -> None:
    if not datasets:
        raise ValueError("`datasets` must be a non-empty list.")
    for each in datasets[1:]:
        if each.output_types != datasets[0].output_types:
            raise TypeError("Datasets must have the same type")


def _common(datasets: Sequence[Dataset]) -> Any:
    rows = [flatten(each._structure) for each in datasets]
    found = rows[0]
    for row in rows[1:]:
        found = [
            TensorSpec(left.shape.most_specific_compatible_shape(right.shape), left.dtype)
            for left, right in zip(found, row, strict=True)
        ]
    return pack_as(datasets[0]._structure, found)


@export(*_names("Counter"))
def counter(start: Any = 0, step: Any = 1, dtype: Any = int64) -> Dataset:
    """Numbers from `start` on, by `step`, without an end."""
    first, by = convert_to_tensor(start, dtype=dtype), convert_to_tensor(step, dtype=dtype)
    return Dataset.from_tensors(0).repeat(None).apply(scan(first, lambda state, _: (state + by, state)))


@export(*_names("RandomDataset"))
def random_dataset(seed: int | None = None) -> Dataset:
    """Random int64 numbers below 2**32, without an end."""
    most = 2**32 - 1
    return Dataset.from_tensors(0).repeat(None).map(
        lambda _: random_uniform([], 0, most, dtype=int64, seed=seed)
    )  # fmt: skip


@export(*_names("get_single_element"))
def get_single_element(dataset: Dataset) -> Any:
    """The one element of a dataset, as tensors. A run raises InvalidArgumentError where there is none, or more."""
    made = dataset_operation(
        "DatasetToSingleElement", [dataset._variant_tensor],
        output_types=tuple(each.dtype for each in flatten(dataset._structure)),
        output_shapes=tuple(each.shape.known for each in flatten(dataset._structure)),
    )  # fmt: skip
    return pack_as(dataset._structure, made.op.outputs)


@export("data.experimental.rejection_resample", "contrib.data.rejection_resample")
def rejection_resample(
    class_func: Callable[..., Any], target_dist: Any, initial_dist: Any = None, seed: int | None = None
) -> Change:
    """Pairs of class and element, elements left out at random so that classes come as `target_dist` says, where they
    come as `initial_dist` says without that, which must be given."""
    if initial_dist is None:
        raise Unsupported(
            "rejection_resample without initial_dist is not supported", hint="initial_dist, the shares of the classes"
        )
    wanted, found = convert_to_tensor(target_dist), convert_to_tensor(initial_dist)
    share = wanted / found
    kept = share / reduced("Max", share, None, False, None)

    def change(dataset: Dataset) -> Dataset:
        pairs = dataset.map(lambda *element: (class_func(*element), element[0] if len(element) == 1 else element))
        return pairs.filter(lambda number, _: random_uniform([], seed=seed, dtype=kept.dtype) < gather(kept, number))

    return change
