"""tf.distribute.ReplicaContext: what the function of a replica may ask and do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..exports import export
from ..graphs.conversion import constant
from .contexts import entered, require_cross_or_default, require_replica_context
from .reductions import reduce_op_of, unreduced

if TYPE_CHECKING:
    from .strategy import Strategy


@export("distribute.ReplicaContext", "contrib.distribute.ReplicaContext")
class ReplicaContext:
    """Of the one replica that a strategy has. `with context:` is a block within its function."""

    def __init__(self, strategy: Strategy, replica_id_in_sync_group: Any) -> None:
        self._strategy = strategy
        self._replica_id_in_sync_group = replica_id_in_sync_group

    @property
    def strategy(self) -> Strategy:
        """The strategy."""
        return self._strategy

    @property
    def num_replicas_in_sync(self) -> int:
        """1."""
        return self._strategy.num_replicas_in_sync

    @property
    def replica_id_in_sync_group(self) -> Any:
        """0, a tensor in the functions of strategies."""
        return self._replica_id_in_sync_group

    @property
    def devices(self) -> tuple[str, ...]:
        """The name of the device that stands for all."""
        return self._strategy.extended.worker_devices

    def merge_call(
        self, merge_fn: Callable[..., Any], args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """merge_fn(strategy, *args, **kwargs), called between functions of replicas. Raises RuntimeError outside of
        this replica's function."""
        require_replica_context(self)
        with entered(self._strategy, None):
            return merge_fn(self._strategy, *args, **kwargs or {})

    def all_reduce(self, reduce_op: Any, value: Any) -> Any:
        """The values of all replicas reduced, of the one replica its own: a nest of tensors. Raises RuntimeError
        outside of this replica's function, ValueError and TypeError for what is no reduction."""
        reduce_op_of(reduce_op)
        return self.merge_call(lambda _: unreduced(value))

    def __enter__(self) -> ReplicaContext:
        require_cross_or_default(self._strategy)
        self._entered = entered(self._strategy, self)
        self._entered.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._entered.__exit__(*error)


class OneReplicaContext(ReplicaContext):
    """What functions get that a strategy calls: their replica's number is a tensor."""

    def __init__(self, strategy: Strategy) -> None:
        super().__init__(strategy, None)

    @property
    def replica_id_in_sync_group(self) -> Any:
        return constant(0, name="replica_id_in_sync_group")
