"""tf.contrib.layers.optimize_loss, slim.learning.create_train_op and slim.losses: a training step as one operation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..exports import NAMES, export
from ..graphs.collections import GraphKeys, get_collection
from ..graphs.conversion import convert_to_tensor
from ..graphs.defaults import get_default_graph
from ..graphs.tensor import Tensor
from ..operations.arrays import identity
from ..training.global_step import get_or_create_global_step
from ..training.optimizer import Optimizer
from ..variables.listing import trainable_variables
from ..variables.scopes import variable_scope

OPTIMIZERS = {
    "Adagrad": "train.AdagradOptimizer", "Adam": "train.AdamOptimizer", "Ftrl": "train.FtrlOptimizer",
    "Momentum": "train.MomentumOptimizer", "RMSProp": "train.RMSPropOptimizer",
    "SGD": "train.GradientDescentOptimizer",
}  # fmt: skip


def _optimizer(given: Any, rate: Any) -> Optimizer:
    """An optimizer given by its name, its class, a function of the learning rate, or itself. Raises ValueError."""
    if isinstance(given, Optimizer):
        return given
    if isinstance(given, str):
        if given not in OPTIMIZERS:
            raise ValueError(f"Optimizer name should be one of [{', '.join(OPTIMIZERS)}], you provided {given}.")
        made: Any = NAMES[OPTIMIZERS[given]]
        return made(learning_rate=rate, momentum=0.9) if given == "Momentum" else made(learning_rate=rate)
    if isinstance(given, type) and issubclass(given, Optimizer):
        if rate is None:
            raise ValueError("Learning rate is None, but should be specified if optimizer is class.")
        return given(learning_rate=rate)
    if callable(given):
        return given(rate) if rate is not None else given()
    raise ValueError(
        f"Unrecognized optimizer: should be string, subclass of Optimizer, instance of subclass of Optimizer or "
        f"function with one argument. Got {given!s}[type(given)]."
    )


@export("contrib.layers.optimize_loss")
def optimize_loss(
    loss: Any, global_step: Any, learning_rate: Any, optimizer: Any, gradient_noise_scale: Any = None,
    gradient_multipliers: Any = None, clip_gradients: Any = None,
    learning_rate_decay_fn: Callable[..., Any] | None = None, update_ops: Any = None, variables: Any = None,
    name: str | None = None, summaries: Any = None, colocate_gradients_with_ops: bool = False,
    increment_global_step: bool = True,
) -> Tensor:  # fmt: skip
    """The loss, whose evaluation takes a training step. `clip_gradients` is a bound on the norm of all gradients, or a
    function of pairs. Raises ValueError."""
    if gradient_noise_scale is not None or gradient_multipliers is not None:
        raise ValueError("optimize_loss: gradient_noise_scale and gradient_multipliers must be None")
    loss = convert_to_tensor(loss)
    step = get_or_create_global_step() if global_step is None else global_step
    with variable_scope(name, "OptimizeLoss", [loss, step]):
        waits = set(get_collection(GraphKeys.UPDATE_OPS)) if update_ops is None else set(update_ops)
        if waits:
            with get_default_graph().control_dependencies(list(waits)):
                loss = identity(loss)
        rate = learning_rate
        if learning_rate_decay_fn is not None:
            rate = learning_rate_decay_fn(rate, step)
        chosen = _optimizer(optimizer, rate)
        pairs = chosen.compute_gradients(loss, trainable_variables() if variables is None else variables)
        if callable(clip_gradients):
            pairs = clip_gradients(pairs)
        elif clip_gradients is not None:
            clip: Any = NAMES["clip_by_global_norm"]
            clipped, _ = clip([gradient for gradient, _ in pairs], clip_gradients)
            pairs = list(zip(clipped, [variable for _, variable in pairs], strict=True))
        train = chosen.apply_gradients(pairs, global_step=step if increment_global_step else None, name="train")
        with get_default_graph().control_dependencies([train]):
            return identity(loss)


_STEP = object()  # create_train_op's own global step


@export("contrib.slim.learning.create_train_op", "contrib.training.create_train_op")
def create_train_op(
    total_loss: Any, optimizer: Optimizer, global_step: Any = _STEP, update_ops: Any = None,
    variables_to_train: Any = None, clip_gradient_norm: float = 0, transform_grads_fn: Any = None, **options: Any,
) -> Tensor:  # fmt: skip
    """The loss, whose evaluation takes a training step and runs the updates of layers."""
    step = get_or_create_global_step() if global_step is _STEP else global_step
    waits = list(dict.fromkeys(get_collection(GraphKeys.UPDATE_OPS) if update_ops is None else update_ops))
    loss = total_loss
    if waits:
        with get_default_graph().control_dependencies(waits):
            loss = identity(loss)
    pairs = optimizer.compute_gradients(loss, variables_to_train)
    if transform_grads_fn is not None:
        pairs = transform_grads_fn(pairs)
    if clip_gradient_norm > 0:
        clip: Any = NAMES["clip_by_norm"]
        pairs = [(g if g is None else clip(g, clip_gradient_norm), variable) for g, variable in pairs]
    train = optimizer.apply_gradients(pairs, global_step=step)
    with get_default_graph().control_dependencies([train]):
        return identity(total_loss, name="train_op")
