"""What a strategy makes of datasets: batches stay whole, since devices share each. Where several processes do, each
takes its rows of every batch, and programs see the batch that all have together."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..data.dataset import Dataset, number
from ..data.functions import dataset_operation
from ..data.iterators import Iterator
from ..data.structure import OfElements, TensorSpec, flatten, map_leaves
from ..exports import export
from ..graphs.defaults import get_default_graph
from ..operations.control import no_op

if TYPE_CHECKING:
    from .strategy import Strategy


@export("distribute.InputContext")
class InputContext:
    """What an input function is told: how many of them there are, `num_input_pipelines`, which one it is, and how many
    parts a batch has."""

    def __init__(self, num_input_pipelines: int = 1, input_pipeline_id: int = 0, num_replicas_in_sync: int = 1) -> None:
        self._pipelines, self._pipeline, self._parts = num_input_pipelines, input_pipeline_id, num_replicas_in_sync

    @property
    def num_input_pipelines(self) -> int:
        """How many input functions there are."""
        return self._pipelines

    @property
    def input_pipeline_id(self) -> int:
        """Which of them this one is."""
        return self._pipeline

    @property
    def num_replicas_in_sync(self) -> int:
        """How many parts a batch has."""
        return self._parts

    def get_per_replica_batch_size(self, global_batch_size: int) -> int:
        """How many examples a part of a batch has. Raises ValueError where it cannot be split so."""
        if global_batch_size % self.num_replicas_in_sync:
            raise ValueError(
                f"The `global_batch_size` {global_batch_size} is not divisible by `num_replicas_in_sync` "
                f"{self.num_replicas_in_sync} "
            )
        return global_batch_size // self.num_replicas_in_sync

    def __str__(self) -> str:
        return (
            f"tf.distribute.InputContext(input pipeline id {self.input_pipeline_id}, total: {self.num_input_pipelines})"
        )


def context_of(strategy: Strategy) -> InputContext:
    """What input functions of this process are told: each process feeds a part of every batch."""
    count, rank = strategy.extended.input_pipelines
    return InputContext(count, rank, count)


class InputIterator(OfElements):
    """An iterator over a dataset that begins when `initialize()` is run, a method here."""

    def __init__(self, dataset: Dataset) -> None:
        self._iterator: Iterator = Dataset.make_initializable_iterator(dataset)
        self._structure = self._iterator.element_spec

    @property
    def initializer(self) -> Any:
        """The operation that begins it."""
        return self._iterator.initializer

    def initialize(self) -> Any:
        """The operation that begins it."""
        return self._iterator.initializer

    def get_next(self, name: str | None = None) -> Any:
        """The next element, a nest of tensors; each call makes an operation, which takes an element of its own."""
        return self._iterator.get_next(name)


class CalledIterator:
    """Elements that a function of no arguments makes."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make

    @property
    def initializer(self) -> Any:
        """An operation that does nothing."""
        return no_op()

    def initialize(self) -> Any:
        """An operation that does nothing."""
        return no_op()

    def get_next(self, name: str | None = None) -> Any:
        """What the function gives."""
        return self._make()


class DistributedDataset(Dataset):
    """A dataset whose batches are shared; `whole` is the one of whole batches that it was made of, None where each
    process makes its part by itself."""

    def __init__(self, made: Dataset, whole: Dataset | None) -> None:
        super().__init__(made._variant_tensor, made._structure)
        self.whole = whole

    def make_initializable_iterator(self, shared_name: str | None = None) -> Any:
        """An iterator that begins when its `initializer`, or `initialize()`, is run."""
        return InputIterator(self)

    _make_initializable_iterator = make_initializable_iterator


def distributed(strategy: Strategy, dataset: Any) -> DistributedDataset:
    """This process's rows of the batches of a dataset, which all processes have alike. Raises TypeError for what is no
    dataset, ValueError for one without batches where there are several processes."""
    if not isinstance(dataset, Dataset):
        raise TypeError(f"Invalid `dataset`. Expected a `tf.data.Dataset` object but got {type(dataset)}.")
    if isinstance(dataset, DistributedDataset):
        return dataset
    count, rank = strategy.extended.input_pipelines
    if count == 1:
        return DistributedDataset(dataset, dataset)
    for leaf in flatten(dataset._structure):
        if not isinstance(leaf, TensorSpec) or leaf.shape.ndims == 0:
            raise ValueError(
                "experimental_distribute_dataset: elements must be batches, which processes share, but are "
                f"{dataset!r}; call batch() first"
            )
    with _uncounted():
        parts = dataset_operation(
            "PartsOfBatchesDataset", [dataset._variant_tensor, number(count, "num_parts"), number(rank, "index")]
        )
    return DistributedDataset(Dataset._of(parts, dataset._structure), dataset)


def of_function(strategy: Strategy, input_fn: Callable[[InputContext], Any]) -> InputIterator | CalledIterator:
    """The iterator over what an input function gives. Raises ValueError."""
    found = input_fn(context_of(strategy))
    if isinstance(found, Dataset):
        return InputIterator(joined(strategy, found))
    if callable(found):
        return CalledIterator(found)
    raise ValueError("input_fn must return a tf.data.Dataset or a callable.")


def joined(strategy: Strategy, dataset: Dataset) -> DistributedDataset:
    """A dataset of this process's parts of batches, with the sizes that the batches of all have."""
    count, _ = strategy.extended.input_pipelines
    if count == 1:
        return DistributedDataset(dataset, dataset)

    def whole(leaf: Any) -> Any:
        if not isinstance(leaf, TensorSpec) or not leaf.shape.ndims or leaf.shape.as_list()[0] is None:
            return leaf
        first, *rest = leaf.shape.as_list()
        return TensorSpec([count * first, *rest], leaf.dtype)

    with _uncounted():
        parts = dataset_operation("OwnPartsDataset", [dataset._variant_tensor])
    return DistributedDataset(Dataset._of(parts, map_leaves(dataset._structure, whole)), None)


@contextmanager
def _uncounted() -> Generator[None]:
    """A block whose operations do not change the seeds of those behind, which are those of one process."""
    graph = get_default_graph()
    before = len(graph._operations)
    yield
    graph.uncounted += len(graph._operations) - before
