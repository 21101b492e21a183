"""tf.contrib.opt's relatives of Adam: with Nesterov's step, with lazy rows, with decoupled weight decay."""

from __future__ import annotations

from typing import Any

from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.defaults import get_default_graph
from ..graphs.operation import Operation
from ..graphs.tensor import Tensor
from ..operations.control import no_op
from ..operations.gathering import gather
from ..operations.indexed_slices import IndexedSlices
from ..variables.variable import Variable
from .adam import AdamOptimizer
from .momentum import MomentumOptimizer
from .optimizer import Optimizer, sums_repeated_rows


@export("contrib.opt.NadamOptimizer")
class NadamOptimizer(AdamOptimizer):
    """Adam with Nesterov's step (Dozat, 2016)."""

    _use_nesterov = True


@export("contrib.opt.LazyAdamOptimizer")
class LazyAdamOptimizer(AdamOptimizer):
    """Adam that leaves alone the rows that a gradient says nothing of, and their means."""

    @sums_repeated_rows
    def _apply_sparse(self, grad: IndexedSlices, var: Variable) -> Any:
        return apply("SparseApplyAdam", [*self._inputs(var), grad.values, grad.indices]).op


@export("contrib.opt.DecoupledWeightDecayExtension")
class DecoupledWeightDecayExtension:
    """Makes an optimizer take weight_decay * variable from each variable before its step (Loshchilov and Hutter, 2019).

    The first of the bases, before an optimizer. With `decay_var_list` given, only those variables decay.
    """

    def __init__(self, weight_decay: Any, **kwargs: Any) -> None:
        self._decay_var_list: Any = None
        self._weight_decay = weight_decay
        super().__init__(**kwargs)

    def minimize(self, loss: Any, *args: Any, decay_var_list: Any = None, **kwargs: Any) -> Operation:
        """As the optimizer's own."""
        kept = self._decay_var_list = set(decay_var_list) if decay_var_list else False
        pairs = {name: kwargs.pop(name) for name in ("global_step", "name") if name in kwargs}
        if args:
            pairs["global_step"], args = args[0], args[1:]
        found = self.compute_gradients(loss, *args, **kwargs)
        return self.apply_gradients(found, decay_var_list=kept, **pairs)

    def apply_gradients(
        self, grads_and_vars: Any, global_step: Any = None, name: str | None = None, decay_var_list: Any = None
    ) -> Operation:
        """As the optimizer's own."""
        self._decay_var_list = set(decay_var_list) if decay_var_list else False
        return super().apply_gradients(grads_and_vars, global_step=global_step, name=name)

    def _prepare(self) -> None:
        decay = self._weight_decay
        self._weight_decay_tensor = convert_to_tensor(decay() if callable(decay) else decay, name="weight_decay")
        super()._prepare()

    def _decays(self, var: Variable) -> bool:
        return not self._decay_var_list or var in self._decay_var_list

    def _apply_dense(self, grad: Tensor, var: Variable) -> Any:
        decay = var.assign_sub(self._weight_decay_tensor * var) if self._decays(var) else no_op()
        with get_default_graph().control_dependencies([decay]):
            return super()._apply_dense(grad, var)

    def _apply_sparse(self, grad: IndexedSlices, var: Variable) -> Any:
        rate, decay = convert_to_tensor(self._weight_decay_tensor, var.dtype.base_dtype), no_op()
        if self._decays(var):
            inputs = [var, rate, gather(var, grad.indices), grad.indices]
            decay = apply("SparseApplyGradientDescent", inputs).op
        with get_default_graph().control_dependencies([decay]):
            return super()._apply_sparse(grad, var)


@export("contrib.opt.extend_with_decoupled_weight_decay")
def extend_with_decoupled_weight_decay(base_optimizer: type[Optimizer]) -> type[Optimizer]:
    """The class of an optimizer with weight decay, whose first argument is the decay."""

    class OptimizerWithDecoupledWeightDecay(DecoupledWeightDecayExtension, base_optimizer):
        """The optimizer, with weight decay."""

        def __init__(self, weight_decay: Any, *args: Any, **kwargs: Any) -> None:
            self._decay_var_list = None
            self._weight_decay = weight_decay
            base_optimizer.__init__(self, *args, **kwargs)

    return OptimizerWithDecoupledWeightDecay


@export("contrib.opt.AdamWOptimizer")
class AdamWOptimizer(DecoupledWeightDecayExtension, AdamOptimizer):
    """Adam with decoupled weight decay."""

    def __init__(
        self,
        weight_decay: Any,
        learning_rate: Any = 0.001,
        beta1: Any = 0.9,
        beta2: Any = 0.999,
        epsilon: Any = 1e-8,
        use_locking: bool = False,
        name: str = "AdamW",
    ) -> None:
        super().__init__(
            weight_decay,
            learning_rate=learning_rate,
            beta1=beta1,
            beta2=beta2,
            epsilon=epsilon,
            use_locking=use_locking,
            name=name,
        )


@export("contrib.opt.MomentumWOptimizer")
class MomentumWOptimizer(DecoupledWeightDecayExtension, MomentumOptimizer):
    """Momentum with decoupled weight decay."""

    def __init__(
        self,
        weight_decay: Any,
        learning_rate: Any,
        momentum: Any,
        use_locking: bool = False,
        name: str = "MomentumW",
        use_nesterov: bool = False,
    ) -> None:
        super().__init__(
            weight_decay,
            learning_rate=learning_rate,
            momentum=momentum,
            use_locking=use_locking,
            name=name,
            use_nesterov=use_nesterov,
        )
