"""tf.distribute.Strategy: one program, whose batches and work devices share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from ..data.dataset import Dataset
from ..exports import export
from ..graphs import nest
from ..operations.control import group as grouped
from . import inputs
from .contexts import require_cross_or_default
from .extended import StrategyExtended
from .inputs import InputContext, InputIterator
from .reductions import reduced_over
from .scope import Scope


@export("distribute.Strategy", "contrib.distribute.DistributionStrategy")
class Strategy:
    """There is one replica, which holds whole batches: functions are called once, and values need no reduction. XLA
    works out what devices send one another."""

    def __init__(self, extended: StrategyExtended) -> None:
        self._extended = extended

    def __deepcopy__(self, memo: Any) -> Strategy:
        return self

    @property
    def extended(self) -> StrategyExtended:
        """What libraries ask of the strategy."""
        return self._extended

    @property
    def num_replicas_in_sync(self) -> int:
        """1."""
        return 1

    def scope(self) -> Any:
        """`with strategy.scope():`, in which it is in force. The sessions of the graph that is the default one there
        run on its devices from then on. Raises RuntimeError in another strategy's scope and in a replica's function."""
        return Scope(self)

    # -- functions ----

    def experimental_run_v2(
        self, fn: Callable[..., Any], args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """fn(*args, **kwargs), called once, as the function of the replica. Raises RuntimeError in such a function."""
        return self._extended.call_for_each_replica(fn, args, kwargs)

    run = experimental_run_v2

    def experimental_run(self, fn: Callable[..., Any], input_iterator: Any = None) -> Any:
        """fn(element), called once, with the next element of an iterator, or fn()."""
        with self.scope():
            given = () if input_iterator is None else (input_iterator.get_next(),)
        return self.experimental_run_v2(fn, given)

    # -- values ----

    def reduce(self, reduce_op: Any, value: Any, axis: Any = None) -> Any:
        """The values of all replicas reduced: a nest of tensors. With `axis`, a tensor that is reduced over that axis
        or several as well, to a mean of float64 for integers. Raises RuntimeError in a replica's function, ValueError
        and TypeError for what is no reduction."""
        require_cross_or_default(self)
        return reduced_over(reduce_op, value, axis)

    def experimental_local_results(self, value: Any) -> tuple[Any, ...]:
        """(value,), the values of the replicas."""
        return (value,)

    unwrap = experimental_local_results

    def group(self, value: Any, name: str | None = None) -> Any:
        """An operation that waits for what all replicas made; of one thing without a name its own, so that loops over a
        finished graph may ask again."""
        flat = nest.flatten(value, expand_composites=True)
        if len(flat) != 1 or name is not None:
            return grouped(*flat, name=name)
        return getattr(flat[0], "op", flat[0])

    # -- input ----

    def make_dataset_iterator(self, dataset: Any) -> InputIterator:
        """An iterator over whole batches, which begins when `initialize()` is run. Raises TypeError for what is no
        dataset."""
        return InputIterator(inputs.distributed(self, dataset))

    def make_input_fn_iterator(self, input_fn: Callable[[InputContext], Any], replication_mode: Any = None) -> Any:
        """An iterator over what input_fn(context) gives, a dataset or a function of no arguments that gives elements.
        Raises ValueError for other things."""
        return inputs.of_function(self, input_fn)

    def experimental_distribute_dataset(self, dataset: Any) -> Dataset:
        """The dataset, whose batches devices share; of several processes each gets its part of every batch. Raises
        TypeError for what is no dataset."""
        return inputs.distributed(self, dataset)

    def experimental_distribute_datasets_from_function(self, dataset_fn: Callable[[InputContext], Any]) -> Dataset:
        """The dataset that dataset_fn(context) gives; of several processes each gives its parts of the batches."""
        return inputs.joined(self, dataset_fn(inputs.context_of(self)))

    def experimental_make_numpy_dataset(self, numpy_input: Any, session: Any = None) -> Dataset:
        """A dataset of the rows of arrays; a session is not needed."""
        return self._extended.experimental_make_numpy_dataset(numpy_input, session)

    # -- what else programs call ----

    def colocate_vars_with(self, colocate_with_variable: Any) -> AbstractContextManager[None]:
        """As that of `extended`."""
        return self._extended.colocate_vars_with(colocate_with_variable)

    def configure(
        self, session_config: Any = None, cluster_spec: Any = None, task_type: str | None = None,
        task_id: int | None = None,
    ) -> None:  # fmt: skip
        """Accepted: TF_CONFIG says what processes there are."""

    def update_config_proto(self, config_proto: Any) -> Any:
        """The options of a session, as they are."""
        return config_proto
