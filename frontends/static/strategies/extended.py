"""tf.distribute.StrategyExtended: what libraries ask of a strategy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, NoReturn

from diptych.backends.jax import device_count
from diptych.backends.mesh import DATA, Mesh, current, make_mesh
from diptych.backends.processes import process_count, process_rank
from diptych.backends.settings import settings
from diptych.ir import Unsupported, user_location

from ..data.dataset import Dataset
from ..exports import export
from ..graphs.defaults import get_default_graph
from ..graphs.tensor import Tensor
from ..operations.arrays import identity
from ..variables.variable import Variable
from .contexts import entered, made_under, require_cross_or_default, require_scope
from .reductions import reduce_op_of, unreduced
from .replica import OneReplicaContext

if TYPE_CHECKING:
    from .strategy import Strategy


@export("distribute.StrategyExtended", "contrib.distribute.DistributionStrategyExtended")
class StrategyExtended:
    """Of a strategy whose one replica is computed by `devices` of jax's devices: by all for None. Where programs run on
    numpy, or there is one device, nothing is split."""

    experimental_between_graph = False
    experimental_require_static_shapes = False
    experimental_should_init = True

    def __init__(self, container_strategy: Strategy, devices: int | None = None, device: str = "/device:CPU:0") -> None:
        self._strategy = container_strategy
        self._devices = devices
        self._device = device

    def mesh(self) -> Mesh | None:
        """The mesh that programs run on: the active one or, without one, `devices` along `data`; None where there is
        nothing to split."""
        if current() is not None or settings().backend != "jax" or self._devices == 1:
            return current()
        count = device_count() if self._devices is None else self._devices
        return make_mesh({DATA: count}, None, zero=False) if count > 1 else None

    # -- devices ----

    @property
    def worker_devices(self) -> tuple[str, ...]:
        """The name of the device that stands for all."""
        return (self._device,)

    @property
    def parameter_devices(self) -> tuple[str, ...]:
        """Where variables are: on all devices, for which one stands."""
        return (self._device,)

    def non_slot_devices(self, var_list: Any) -> tuple[str, ...]:
        """Where what an optimizer keeps beside its variables is."""
        return self.parameter_devices

    @property
    def should_checkpoint(self) -> bool:
        """Whether this process is the one that writes checkpoints."""
        return process_rank() == 0

    @property
    def should_save_summary(self) -> bool:
        """Whether this process is the one that writes summaries."""
        return process_rank() == 0

    @property
    def input_pipelines(self) -> tuple[int, int]:
        """How many processes feed a part of each batch, and which of them this one is."""
        return process_count(), process_rank()

    # -- calling functions ----

    def call_for_each_replica(
        self, fn: Callable[..., Any], args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """fn(*args, **kwargs), called once, as the function of the replica. Raises RuntimeError in such a function."""
        require_cross_or_default(self._strategy)
        with self._strategy.scope(), entered(self._strategy, OneReplicaContext(self._strategy)):
            return fn(*args, **kwargs or {})

    def update(
        self, var: Any, fn: Callable[..., Any], args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None,
        group: bool = True,
    ) -> Any:  # fmt: skip
        """fn(var, *args, **kwargs), between functions of replicas; in a tuple without `group`. Raises RuntimeError in
        such a function."""
        require_cross_or_default(self._strategy)
        with self._strategy.scope():
            found = fn(var, *args, **kwargs or {})
        return found if group else (found,)

    def update_non_slot(
        self, colocate_with: Any, fn: Callable[..., Any], args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None, group: bool = True,
    ) -> Any:  # fmt: skip
        """fn(*args, **kwargs), between functions of replicas; in a tuple without `group`."""
        return self.update(None, lambda _, *given, **named: fn(*given, **named), args, kwargs, group)

    def experimental_run_steps_on_iterator(self, *_: Any, **__: Any) -> NoReturn:
        """Raises Unsupported."""
        raise Unsupported(
            "tf.distribute.StrategyExtended.experimental_run_steps_on_iterator is not supported",
            location=user_location(), hint="Session.run in a loop, of what Strategy.experimental_run_v2 gives",
        )  # fmt: skip

    # -- values ----

    def reduce_to(self, reduce_op: Any, value: Any, destinations: Any) -> Any:
        """The values of all replicas reduced, of the one replica its own. Raises RuntimeError in a replica's function,
        ValueError and TypeError for what is no reduction."""
        require_cross_or_default(self._strategy)
        reduce_op_of(reduce_op)
        return unreduced(value)

    def batch_reduce_to(self, reduce_op: Any, value_destination_pairs: Iterable[tuple[Any, Any]]) -> list[Any]:
        """As `reduce_to`, of several values."""
        return [self.reduce_to(reduce_op, value, destination) for value, destination in value_destination_pairs]

    def broadcast_to(self, tensor: Any, destinations: Any) -> Tensor:
        """The same: all devices have it."""
        require_cross_or_default(self._strategy)
        return identity(tensor)

    def read_var(self, v: Any) -> Tensor:
        """The value of a variable."""
        return v.read_value() if isinstance(v, Variable) else identity(v)

    def variable_created_in_scope(self, v: Any) -> bool:
        """Whether a variable was made in the scope of this strategy."""
        return made_under(v) is self._strategy

    def value_container(self, value: Any) -> Any:
        """What holds the values of the replicas: the one value itself."""
        return value

    def colocate_vars_with(self, colocate_with_variable: Any) -> AbstractContextManager[None]:
        """A block that makes variables where another one is. Raises RuntimeError outside the scope, ValueError for what
        is no variable."""
        require_scope(self._strategy)
        if not isinstance(colocate_with_variable, Variable):
            raise ValueError(
                "`colocate_vars_with` must only be passed a variable created in this tf.distribute.Strategy.scope(), "
                f"not: {colocate_with_variable}"
            )
        return get_default_graph().colocate_with(colocate_with_variable.op)

    def experimental_make_numpy_dataset(self, numpy_input: Any, session: Any = None) -> Dataset:
        """A dataset of the rows of arrays; a session is not needed."""
        return Dataset.from_tensor_slices(numpy_input)


class Unshared(StrategyExtended):
    """Of the default strategy and those of a single device: nothing is split, and each process computes by itself."""

    should_checkpoint = True
    should_save_summary = True

    def mesh(self) -> None:
        """None."""

    @property
    def input_pipelines(self) -> tuple[int, int]:
        return 1, 0
