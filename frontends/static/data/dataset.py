"""tf.data.Dataset: elements that are made one after another while a session runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.dtypes import DType, bool_, int64, string
from ..graphs.graph import Graph
from ..graphs.probe import constant_value
from ..graphs.scopes import control_dependencies, name_scope
from ..graphs.shapes import TensorShape, as_shape
from ..graphs.tensor import Tensor
from ..operations.arrays import identity, shape
from ..operations.files import matching_files
from ..operations.messages import Assert
from ..operations.random import get_seed
from . import generators, operations  # noqa: F401 (operations declares what datasets are made by)
from .functions import Traced, dataset_operation
from .iterators import Iterator, initializable, one_shot
from .options import Options, check_shared
from .structure import (
    DatasetSpec,
    OfElements,
    TensorSpec,
    batched,
    flat_types,
    flatten,
    flatten_up_to,
    is_nested,
    map_leaves,
    normalized,
    of_types,
    pack_as,
    spec_of,
    types_of,
    unbatched,
)


def number(value: Any, name: str, default: int = -1) -> Tensor:
    """An integer as a scalar of int64; None stands for the default."""
    return convert_to_tensor(default if value is None else value, dtype=int64, name=name)


def seeds(seed: int | None) -> tuple[Tensor, Tensor]:
    """The two seeds of an operation, 0 where none is set."""
    first, second = get_seed(seed)
    if first == 0 and second == 0:
        second = 2**31 - 1  # zeros stand for no seed
    return number(first, "seed", 0), number(second, "seed2", 0)


@export("data.Dataset")
class Dataset(OfElements):
    """A series of elements, each a nest of tensors in tuples and dictionaries. Methods make other datasets of it."""

    def __init__(self, variant_tensor: Tensor, structure: Any) -> None:
        self._variant_tensor = variant_tensor
        self._structure = structure

    @classmethod
    def _of(cls, variant_tensor: Tensor, structure: Any) -> Dataset:
        """The dataset that a tensor stands for."""
        made = Dataset.__new__(Dataset)
        made._variant_tensor, made._structure = variant_tensor, structure
        return made

    @property
    def _graph(self) -> Graph:
        return self._variant_tensor.graph

    def __iter__(self) -> Any:
        raise RuntimeError(
            "__iter__() is only supported inside of tf.function or when eager execution is enabled. "
            "Take an iterator of make_one_shot_iterator() or make_initializable_iterator()."
        )

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        shapes = str(map_leaves(self.output_shapes, str)).replace("'", "")
        types = str(map_leaves(self.output_types, repr)).replace("'", "")
        return f"<DatasetV1Adapter shapes: {shapes}, types: {types}>"

    # -- iterators ----

    def make_one_shot_iterator(self) -> Iterator:
        """An iterator that needs no initialization. It is at its end for good when the elements are."""
        return one_shot(self._variant_tensor, self._structure)

    def make_initializable_iterator(self, shared_name: str | None = None) -> Iterator:
        """An iterator whose `initializer` must run before it, and may run again."""
        return initializable(self._variant_tensor, self._structure, shared_name)

    _make_one_shot_iterator = make_one_shot_iterator
    _make_initializable_iterator = make_initializable_iterator

    # -- sources ----

    @staticmethod
    def from_tensors(tensors: Any) -> Dataset:
        """One element."""
        element = normalized(tensors)
        return Dataset._of(dataset_operation("TensorDataset", [flatten(element)]), spec_of(element))

    @staticmethod
    def from_tensor_slices(tensors: Any) -> Dataset:
        """An element for each row of the tensors, which have as many. Raises ValueError."""
        element = normalized(tensors)
        leaves = flatten(element)
        for leaf in leaves:
            if leaf.shape.ndims == 0:
                raise ValueError("Unbatching a tensor is only supported for rank >= 1")
        counts = [leaf.shape[0] if leaf.shape.ndims else None for leaf in leaves]
        for count in counts[1:]:
            if count is not None and counts[0] is not None:
                counts[0].assert_is_compatible_with(count)
        return Dataset._of(dataset_operation("TensorSliceDataset", [leaves]), unbatched(spec_of(element)))

    @staticmethod
    def from_generator(
        generator: Callable[..., Any], output_types: Any, output_shapes: Any = None, args: Any = None
    ) -> Dataset:
        """What generator(*args) gives, called anew for each pass; `args` are tensors that it gets as arrays. Raises
        TypeError."""
        if not callable(generator):
            raise TypeError("`generator` must be callable.")
        structure = of_types(output_types, output_shapes)
        given = [] if args is None else [convert_to_tensor(each, name="args") for each in args]
        made = dataset_operation("GeneratorDataset", [given], generator=generator, structure=structure)
        return Dataset._of(made, structure)

    @staticmethod
    def range(*args: Any) -> Dataset:
        """Integers as Python's range gives them: stop; start and stop; or start, stop and step. Raises ValueError."""
        if not 1 <= len(args) <= 3:
            raise ValueError(f"Invalid `args`. The length of `args` should be between 1 and 3 but was {len(args)}.")
        start, stop, step = (0, args[0], 1) if len(args) == 1 else (*args, 1)[:3]
        bounds = [number(start, "start"), number(stop, "stop"), number(step, "step")]
        return Dataset._of(dataset_operation("RangeDataset", bounds), TensorSpec([], int64))

    @staticmethod
    def zip(datasets: Any) -> Dataset:
        """Elements of datasets side by side, in a nest like theirs, as long as each has one. Raises TypeError."""
        leaves = flatten(datasets)
        for leaf in leaves:
            if not isinstance(leaf, Dataset):
                if isinstance(leaf, list):
                    raise TypeError(
                        "The argument to `Dataset.zip()` must be a nested structure of `Dataset` objects. Nested "
                        "structures do not support Python lists; please use a tuple instead."
                    )
                raise TypeError("The argument to `Dataset.zip()` must be a nested structure of `Dataset` objects.")
        structure = map_leaves(datasets, lambda dataset: dataset._structure)
        return Dataset._of(dataset_operation("ZipDataset", [[leaf._variant_tensor for leaf in leaves]]), structure)

    @staticmethod
    def list_files(file_pattern: Any, shuffle: bool | None = None, seed: int | None = None) -> Dataset:
        """The names of the files that match a glob or several, in random order by default. A run raises
        InvalidArgumentError where there is none."""
        with name_scope("list_files", None, []):
            pattern = convert_to_tensor(file_pattern, dtype=string, name="file_pattern")
            found = matching_files(pattern)
            count = shape(found, out_type=int64)[0]
            with control_dependencies([Assert(count > 0, ["No files matched pattern: ", pattern], summarize=1)]):
                found = identity(found)
            dataset = Dataset.from_tensor_slices(found)
            return dataset if shuffle is False else dataset.shuffle(apply("Maximum", [count, 1]), seed=seed)

    # -- order and parts ----

    def _changed(self, type: str, *inputs: Any, **attributes: Any) -> Dataset:
        """A dataset of elements of the same kind."""
        return Dataset._of(dataset_operation(type, [self._variant_tensor, *inputs], **attributes), self._structure)

    def repeat(self, count: Any = None) -> Dataset:
        """The elements `count` times, for ever by default."""
        return self._changed("RepeatDataset", number(count, "count"))

    def shuffle(self, buffer_size: Any, seed: Any = None, reshuffle_each_iteration: bool | None = None) -> Dataset:
        """The elements in random order: each next is any of `buffer_size` in a buffer. Every pass has another order
        unless `reshuffle_each_iteration` is False."""
        again = reshuffle_each_iteration is not False
        size = number(buffer_size, "buffer_size")
        return self._changed("ShuffleDataset", size, *seeds(seed), reshuffle_each_iteration=again)

    def take(self, count: Any) -> Dataset:
        """The first `count` elements, all of them for -1."""
        return self._changed("TakeDataset", number(count, "count"))

    def skip(self, count: Any) -> Dataset:
        """All but the first `count` elements, none for -1."""
        return self._changed("SkipDataset", number(count, "count"))

    def shard(self, num_shards: Any, index: Any) -> Dataset:
        """Every `num_shards`th element, from the `index`th on."""
        return self._changed("ShardDataset", number(num_shards, "num_shards"), number(index, "index"))

    def prefetch(self, buffer_size: Any) -> Dataset:
        """The same elements; they are made when they are asked for."""
        return self._changed("PrefetchDataset", number(buffer_size, "buffer_size"))

    def cache(self, filename: Any = "") -> Dataset:
        """The same elements, kept in memory from the first pass on; no file is written."""
        return self._changed("CacheDataset", convert_to_tensor(filename, dtype=string, name="filename"))

    def with_options(self, options: Any) -> Dataset:
        """The same: options change how TensorFlow makes elements, not which. Raises Unsupported where several processes
        share batches, for options that say that they do not."""
        check_shared(options)
        return Dataset._of(self._variant_tensor, self._structure)

    def options(self) -> Any:
        """Options, all by default."""
        return Options()

    def concatenate(self, dataset: Dataset) -> Dataset:
        """The elements of this one, then those of another of the same types. Raises TypeError."""
        if self.output_types != dataset.output_types:
            raise TypeError(
                f"Two datasets to concatenate have different types {self.output_types} and {dataset.output_types}"
            )
        pairs = zip(flatten(self._structure), flatten(dataset._structure), strict=True)
        leaves = [
            left if isinstance(left, DatasetSpec)
            else TensorSpec(left.shape.most_specific_compatible_shape(right.shape), left.dtype) for left, right in pairs
        ]  # fmt: skip
        inputs = [self._variant_tensor, dataset._variant_tensor]
        return Dataset._of(dataset_operation("ConcatenateDataset", inputs), pack_as(self._structure, leaves))

    def enumerate(self, start: Any = 0) -> Dataset:
        """Pairs of a number, from `start` on, and an element."""
        return Dataset.zip((Dataset.range(start, np.iinfo(np.int64).max), self))

    # -- batches ----

    def batch(self, batch_size: Any, drop_remainder: Any = False) -> Dataset:
        """Elements together, along a new first axis, `batch_size` at a time; the last batch may have fewer."""
        size = number(batch_size, "batch_size")
        drops = convert_to_tensor(drop_remainder, dtype=bool_, name="drop_remainder")
        made = dataset_operation("BatchDatasetV2", [self._variant_tensor, size, drops])
        return Dataset._of(made, batched(self._structure, _known_size(size, drops)))

    def padded_batch(
        self, batch_size: Any, padded_shapes: Any, padding_values: Any = None, drop_remainder: Any = False
    ) -> Dataset:
        """Batches of elements that are filled up to `padded_shapes`, a nest of shapes, with `padding_values`, a nest of
        scalars, zeros by default. An unknown size stands for the largest in the batch. Raises TypeError, ValueError."""
        leaves = flatten(self._structure)
        size = number(batch_size, "batch_size")
        shapes = [
            _padded_shape(given, leaf.shape)
            for given, leaf in zip(flatten_up_to(self._structure, padded_shapes), leaves, strict=True)
        ]
        if padding_values is None:
            padding = [convert_to_tensor("" if leaf.dtype is string else 0, dtype=leaf.dtype) for leaf in leaves]
        else:
            given = flatten_up_to(self._structure, padding_values)
            padding = [_padding(value, leaf.dtype) for value, leaf in zip(given, leaves, strict=True)]
        drops = convert_to_tensor(drop_remainder, dtype=bool_, name="drop_remainder")
        made = dataset_operation("PaddedBatchDatasetV2", [self._variant_tensor, size, shapes, padding, drops])
        found = [
            TensorSpec([None if each < 0 else each for each in known] if known is not None else None, leaf.dtype)
            for known, leaf in zip(map(_constant_sizes, shapes), leaves, strict=True)
        ]
        return Dataset._of(made, batched(pack_as(self._structure, found), _known_size(size, drops)))

    def unbatch(self) -> Dataset:
        """The rows of each element, one after another. Raises ValueError for scalars."""
        made = dataset_operation("UnbatchDataset", [self._variant_tensor])
        return Dataset._of(made, unbatched(self._structure))

    def window(self, size: Any, shift: Any = None, stride: Any = 1, drop_remainder: Any = False) -> Dataset:
        """Datasets of `size` elements, which begin `shift` apart (`size` by default) and take every `stride`th."""
        wide = number(size, "size")
        inputs = [wide, wide if shift is None else number(shift, "shift"), number(stride, "stride")]
        drops = convert_to_tensor(drop_remainder, dtype=bool_, name="drop_remainder")
        made = dataset_operation("WindowDataset", [self._variant_tensor, *inputs, drops])
        return Dataset._of(made, map_leaves(self._structure, lambda leaf: DatasetSpec(leaf, Dataset._of)))

    # -- functions ----

    def _called(self, type: str, what: str, function: Callable[..., Any]) -> tuple[Tensor, Traced]:
        traced = Traced(what, function, self._structure)
        return dataset_operation(type, [self._variant_tensor], [traced]), traced

    def map(self, map_func: Callable[..., Any], num_parallel_calls: Any = None) -> Dataset:
        """map_func(element) for each element; a tuple's parts are arguments of their own. It is called once, here, to
        build what is computed for each element. Raises TypeError."""
        made, traced = self._called("MapDataset", "Dataset.map()", map_func)
        return Dataset._of(made, traced.structure)

    def filter(self, predicate: Callable[..., Any]) -> Dataset:
        """The elements for which predicate(element), a scalar bool, holds. Raises ValueError."""
        made, traced = self._called("FilterDataset", "Dataset.filter()", predicate)
        _check_predicate(traced)
        return Dataset._of(made, self._structure)

    def flat_map(self, map_func: Callable[..., Any]) -> Dataset:
        """The elements of each dataset map_func(element), one dataset after another. Raises TypeError."""
        made, traced = self._called("FlatMapDataset", "Dataset.flat_map()", map_func)
        return Dataset._of(made, _inner(traced))

    def interleave(
        self,
        map_func: Callable[..., Any],
        cycle_length: Any = -1,
        block_length: Any = 1,
        num_parallel_calls: Any = None,
    ) -> Dataset:
        """As flat_map, but `cycle_length` datasets take turns, with `block_length` elements each. Raises TypeError."""
        traced = Traced("Dataset.interleave()", map_func, self._structure)
        cycle = 2 if isinstance(cycle_length, int) and cycle_length == -1 else cycle_length
        made = dataset_operation(
            "InterleaveDataset", [self._variant_tensor], [traced],
            rest=(number(cycle, "cycle_length"), number(block_length, "block_length")),
        )  # fmt: skip
        return Dataset._of(made, _inner(traced))

    def map_with_legacy_function(self, map_func: Callable[..., Any], num_parallel_calls: Any = None) -> Dataset:
        """As `map`."""
        return self.map(map_func, num_parallel_calls)

    def filter_with_legacy_function(self, predicate: Callable[..., Any]) -> Dataset:
        """As `filter`."""
        return self.filter(predicate)

    def apply(self, transformation_func: Callable[[Dataset], Dataset]) -> Dataset:
        """What the function makes of this dataset. Raises TypeError."""
        found = transformation_func(self)
        if not isinstance(found, Dataset):
            raise TypeError(f"`transformation_func` must return a Dataset. Got {found}.")
        return found

    def reduce(self, initial_state: Any, reduce_func: Callable[..., Any]) -> Any:
        """state = reduce_func(state, element) for all elements: the last state, a nest of tensors like the first.
        Raises TypeError."""
        state = normalized(initial_state)
        traced = Traced("Dataset.reduce()", reduce_func, (spec_of(state), self._structure))
        check_state(traced, state, "Dataset.reduce()")
        outputs = [
            TensorSpec(left.shape.most_specific_compatible_shape(right.shape), left.dtype)
            for left, right in zip(flatten(spec_of(state)), flatten(traced.structure), strict=True)
        ]
        made = dataset_operation(
            "ReduceDataset", [self._variant_tensor, flatten(state)], [traced],
            output_shapes=tuple(each.shape.known for each in outputs),
        )  # fmt: skip
        return pack_as(state, made.op.outputs)


def check_state(traced: Traced, state: Any, what: str) -> None:
    """Raises TypeError where a function gives another kind of state than it was given."""
    wanted, found = flat_types(spec_of(state)), flat_types(traced.structure)
    if wanted != found or is_nested(state) != is_nested(traced.returned):
        raise TypeError(
            f"The element types for the new state must match the initial state. Expected {types_of(spec_of(state))}; "
            f"got {types_of(traced.structure)}. ({what})"
        )


def _check_predicate(traced: Traced) -> None:
    leaves = flatten(traced.structure)
    if len(leaves) != 1 or is_nested(traced.structure) or leaves[0].dtype is not bool_ or leaves[0].shape.ndims:
        raise ValueError(
            f"`predicate` must return a scalar boolean tensor, but its return value is {traced.structure}."
        )


def _inner(traced: Traced) -> Any:
    """The structure of what the dataset holds that a function makes."""
    if not isinstance(traced.structure, DatasetSpec):
        raise TypeError(f"`map_func` must return a `Dataset` object. Got {type(traced.returned)}")
    return traced.structure.element


def _known_size(size: Tensor, drops: Tensor) -> int | None:
    known, dropped = constant_value(size), constant_value(drops)
    return int(known) if known is not None and dropped is not None and dropped else None


def _padded_shape(given: Any, wanted: TensorShape) -> Tensor:
    if isinstance(given, Tensor):
        return given
    known = as_shape([None if each == -1 else each for each in given] if isinstance(given, list | tuple) else given)
    inner = wanted.known
    fits = inner is None or (
        len(inner) == len(known.known or ())
        and all(a is None or b is None or a >= b for a, b in zip(known.known or (), inner, strict=True))
    )
    if not fits:
        raise ValueError(
            f"The padded shape {known} is not compatible with the corresponding input component shape {wanted}."
        )
    return convert_to_tensor([-1 if each is None else each for each in known.as_list()], dtype=int64)


def _constant_sizes(padded: Tensor) -> list[int] | None:
    found = constant_value(padded)
    if found is not None:
        return [int(each) for each in found]
    count = padded.shape.as_list()[0] if padded.shape.ndims == 1 else None
    return None if count is None else [-1] * count


def _padding(value: Any, dtype: DType) -> Tensor:
    found = convert_to_tensor(value, name="padding_value")
    if found.shape.ndims:
        raise ValueError(f"Padding value should be a scalar, but is not: {found}")
    if found.dtype is not dtype:
        raise TypeError(f"Padding value tensor ({found}) does not match output type: {dtype}")
    return found


@export("data.make_one_shot_iterator")
def make_one_shot_iterator(dataset: Dataset) -> Iterator:
    """As the dataset's own method."""
    return dataset.make_one_shot_iterator()


@export("data.make_initializable_iterator")
def make_initializable_iterator(dataset: Dataset, shared_name: str | None = None) -> Iterator:
    """As the dataset's own method."""
    return dataset.make_initializable_iterator(shared_name)


@export("data.get_output_types")
def get_output_types(dataset_or_iterator: Any) -> Any:
    """The dtypes of the components of elements, in a nest."""
    return dataset_or_iterator.output_types


@export("data.get_output_shapes")
def get_output_shapes(dataset_or_iterator: Any) -> Any:
    """The static shapes of the components of elements, in a nest."""
    return dataset_or_iterator.output_shapes


@export("data.get_output_classes")
def get_output_classes(dataset_or_iterator: Any) -> Any:
    """The classes of the components of elements, in a nest."""
    return dataset_or_iterator.output_classes
