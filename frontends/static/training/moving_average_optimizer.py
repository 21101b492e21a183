"""tf.contrib.opt.MovingAverageOptimizer: an optimizer whose variables have moving averages."""

from __future__ import annotations

from typing import Any

from ..exports import export
from ..graphs.defaults import get_default_graph
from ..graphs.operation import Operation
from ..operations.control import group
from ..variables.listing import global_variables
from .moving_averages import ExponentialMovingAverage
from .optimizer import Optimizer
from .saver import Saver, variables_by_name


@export("contrib.opt.MovingAverageOptimizer")
class MovingAverageOptimizer(Optimizer):
    """Steps as `opt` does, then moves the averages. `swapping_saver` keeps the averages under the variables' names, so
    that a plain saver restores the averages as the variables."""

    def __init__(
        self, opt: Optimizer, average_decay: float = 0.9999, num_updates: Any = None, sequential_update: bool = True
    ) -> None:
        super().__init__(False, "MovingAverage")
        self._optimizer = opt
        self._ema = ExponentialMovingAverage(average_decay, num_updates=num_updates)
        self._swapped: dict[str, str] | None = None
        self._sequential_update = sequential_update

    def compute_gradients(self, *args: Any, **kwargs: Any) -> list[tuple[Any, Any]]:
        """As the optimizer's own."""
        return self._optimizer.compute_gradients(*args, **kwargs)

    def apply_gradients(self, grads_and_vars: Any, global_step: Any = None, name: str | None = None) -> Operation:
        """As the optimizer's own, and the averages move."""
        pairs = list(grads_and_vars)
        step = self._optimizer.apply_gradients(pairs, global_step=global_step, name=name)
        chosen = [variable for gradient, variable in pairs if gradient is not None]
        with get_default_graph().control_dependencies([step] if self._sequential_update else []):
            moved = self._ema.apply(chosen)
        self._swapped = {}
        for variable in chosen:
            average = self._ema.average(variable)
            if average is not None:
                self._swapped |= {variable.op.name: average.op.name, average.op.name: variable.op.name}
        return group(step, moved, name="train_with_avg")

    def swapping_saver(self, var_list: Any = None, name: str = "swapping_saver", **kwargs: Any) -> Saver:
        """A saver under whose names variables and averages have changed places. Raises RuntimeError, ValueError."""
        if self._swapped is None:
            raise RuntimeError("Must call apply_gradients or minimize before creating the swapping_saver")
        named = variables_by_name(global_variables() if var_list is None else var_list)
        for key in named:
            if self._swapped.get(key, key) not in named:
                raise ValueError(
                    f"Variable to swap {self._swapped[key]} is not part of variables to save. "
                    "This breaks MovingAverageOptimizer."
                )
        return Saver({key: named[self._swapped.get(key, key)] for key in named}, name=name, **kwargs)
