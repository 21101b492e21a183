"""tf.contrib.layers: normalization over the batch, over a layer, over an image."""

from __future__ import annotations

from typing import Any

from diptych.ir import Unsupported, user_location

from ..exports import export
from ..graphs.collections import GraphKeys, add_to_collection
from ..graphs.conversion import convert_to_tensor
from ..graphs.defaults import get_default_graph
from ..graphs.dtypes import float16
from ..graphs.tensor import Tensor
from ..layers.normalization import BatchNormalization
from ..operations.arrays import identity, reshape, shape
from ..operations.moments import batch_normalization as normalized
from ..operations.moments import moments
from ..variables.initializers import Ones, Zeros
from ..variables.scopes import variable_scope
from .arg_scope import add_arg_scope
from .variables import collect, model_variable, renaming


@export("contrib.layers.batch_norm", "contrib.slim.batch_norm")
@add_arg_scope
def batch_norm(
    inputs: Any, decay: float = 0.999, center: bool = True, scale: bool = False, epsilon: float = 0.001,
    activation_fn: Any = None, param_initializers: Any = None, param_regularizers: Any = None,
    updates_collections: Any = GraphKeys.UPDATE_OPS, is_training: Any = True, reuse: Any = None,
    variables_collections: Any = None, outputs_collections: Any = None, trainable: bool = True,
    batch_weights: Any = None, fused: bool | None = None, data_format: str = "NHWC",
    zero_debias_moving_mean: bool = False, scope: Any = None, renorm: bool = False, renorm_clipping: Any = None,
    renorm_decay: float = 0.99, adjustment: Any = None,
) -> Tensor:  # fmt: skip
    """Normalization by the moments of the batch in training, by their moving averages elsewhere.

    The updates of the averages go into a collection, which the program runs itself; where `updates_collections` is
    None, the result waits for them.
    """
    if data_format not in ("NCHW", "NHWC"):
        raise ValueError("data_format has to be either NCHW or NHWC.")
    for option, given in (("batch_weights", batch_weights), ("zero_debias_moving_mean", zero_debias_moving_mean)):
        if given is not None and given is not False:
            raise Unsupported(
                f"tf.contrib.layers.batch_norm: {option} is {given} but must be left out", location=user_location(),
                hint="the moments of the whole batch",
            )  # fmt: skip
    first, regularizers = param_initializers or {}, param_regularizers or {}
    x = convert_to_tensor(inputs)
    with variable_scope(scope, "BatchNorm", [x], reuse=reuse, custom_getter=renaming()) as inside:
        flat = x.shape.ndims == 2 and fused is not False  # images of one element, so that the variance is the same one
        layer = BatchNormalization(
            axis=1 if data_format == "NCHW" else -1, momentum=decay, epsilon=epsilon, center=center, scale=scale,
            beta_initializer=first.get("beta", Zeros()), gamma_initializer=first.get("gamma", Ones()),
            moving_mean_initializer=first.get("moving_mean", Zeros()),
            moving_variance_initializer=first.get("moving_variance", Ones()),
            beta_regularizer=regularizers.get("beta"), gamma_regularizer=regularizers.get("gamma"),
            trainable=trainable, renorm=renorm, adjustment=adjustment, name=inside.name, _scope=inside, _reuse=reuse,
            fused=True if fused is None else fused,
        )  # fmt: skip
        given = reshape(x, [-1, 1, 1, x.shape[-1].value] if data_format == "NHWC" else [-1, x.shape[-1].value, 1, 1]
                        ) if flat else x  # fmt: skip
        outputs = layer.apply(given, training=is_training)
        _move_updates(layer.updates, updates_collections)
        if updates_collections is None and layer.updates:
            with get_default_graph().control_dependencies(layer.updates):
                outputs = identity(outputs)
        if flat:
            outputs = reshape(outputs, shape(x))
            outputs.set_shape(x.shape)
        for name in ("moving_mean", "moving_variance", "beta", "gamma"):
            if getattr(layer, name) is not None:
                collect(getattr(layer, name), variables_collections, name)
        if activation_fn is not None:
            outputs = activation_fn(outputs)
        collect(outputs, outputs_collections)
        return outputs


def _move_updates(updates: list[Any], collections: Any) -> None:
    """Takes updates out of the collection that layers use and puts them into those that are wanted."""
    if collections == GraphKeys.UPDATE_OPS:
        return
    kept = get_default_graph().get_collection_ref(GraphKeys.UPDATE_OPS)
    kept[:] = [each for each in kept if all(each is not update for update in updates)]
    for key in [collections] if isinstance(collections, str) else collections or ():
        for update in updates:
            add_to_collection(key, update)


@export("contrib.layers.layer_norm", "contrib.slim.layer_norm")
@add_arg_scope
def layer_norm(
    inputs: Any, center: bool = True, scale: bool = True, activation_fn: Any = None, reuse: Any = None,
    variables_collections: Any = None, outputs_collections: Any = None, trainable: bool = True,
    begin_norm_axis: int = 1, begin_params_axis: int = -1, scope: Any = None,
) -> Tensor:  # fmt: skip
    """Each example normalized by its moments over the axes from `begin_norm_axis` on (Ba et al., 2016). Raises
    ValueError for axes that inputs do not have, or of unknown size."""
    with variable_scope(scope, "LayerNorm", [inputs], reuse=reuse):
        x = convert_to_tensor(inputs)
        rank = x.shape.ndims
        if rank is None:
            raise ValueError(f"Inputs {x.name} has undefined rank.")
        begin = begin_norm_axis + rank if begin_norm_axis < 0 else begin_norm_axis
        if begin_params_axis >= rank or begin >= rank:
            raise ValueError(
                f"begin_params_axis ({begin_params_axis}) and begin_norm_axis ({begin}) must be < rank(inputs) ({rank})"
            )
        sizes = x.shape[begin_params_axis:]
        if not sizes.is_fully_defined():
            raise ValueError(f"Inputs {x.name}: shape(inputs)[{begin_params_axis}:] is not fully defined: {x.shape}")
        beta, gamma = _parameters(sizes, x, center, scale, variables_collections, trainable)
        mean, variance = moments(x, list(range(begin, rank)), keep_dims=True)
        epsilon = 1e-3 if x.dtype.base_dtype is float16 else 1e-12
        outputs = normalized(x, mean, variance, beta, gamma, epsilon)
        outputs.set_shape(x.shape)
        if activation_fn is not None:
            outputs = activation_fn(outputs)
        collect(outputs, outputs_collections)
        return outputs


def _parameters(sizes: Any, x: Tensor, center: bool, scale: bool, collections: Any, trainable: bool) -> tuple[Any, Any]:
    """(beta, gamma) as model variables, as far as wanted."""
    found: list[Any] = []
    for name, wanted, initializer in (("beta", center, Zeros()), ("gamma", scale, Ones())):
        made = None
        if wanted:
            made = model_variable(
                name, shape=sizes, dtype=x.dtype.base_dtype, initializer=initializer, trainable=trainable
            )
            collect(made, collections, name)
        found.append(made)
    return found[0], found[1]


@export("contrib.layers.instance_norm", "contrib.slim.instance_norm")
@add_arg_scope
def instance_norm(
    inputs: Any, center: bool = True, scale: bool = True, epsilon: float = 1e-6, activation_fn: Any = None,
    param_initializers: Any = None, reuse: Any = None, variables_collections: Any = None,
    outputs_collections: Any = None, trainable: bool = True, data_format: str = "NHWC", scope: Any = None,
) -> Tensor:  # fmt: skip
    """Each channel of each image normalized by its own moments (Ulyanov et al., 2016)."""
    if data_format not in ("NCHW", "NHWC"):
        raise ValueError("data_format has to be either NCHW or NHWC.")
    first = param_initializers or {}
    with variable_scope(scope, "InstanceNorm", [inputs], reuse=reuse):
        x = convert_to_tensor(inputs)
        rank = x.shape.ndims
        if rank is None:
            raise ValueError(f"Inputs {x.name} has undefined rank.")
        axis = 1 if data_format == "NCHW" else rank - 1
        size = x.shape[axis].value
        if size is None:
            raise ValueError(f"Inputs {x.name} has undefined channels dimension {x.shape[axis : axis + 1]}.")
        spread: list[Any] = []
        for name, wanted, initializer in (("beta", center, Zeros()), ("gamma", scale, Ones())):
            made = None
            if wanted:
                variable = model_variable(
                    name, shape=[size], dtype=x.dtype.base_dtype, initializer=first.get(name, initializer),
                    trainable=trainable,
                )  # fmt: skip
                collect(variable, variables_collections, name)
                made = reshape(variable, [size if other == axis else 1 for other in range(rank)])
            spread.append(made)
        mean, variance = moments(x, [other for other in range(1, rank) if other != axis], keep_dims=True)
        outputs = normalized(x, mean, variance, spread[0], spread[1], epsilon)
        outputs.set_shape(x.shape)
        if activation_fn is not None:
            outputs = activation_fn(outputs)
        collect(outputs, outputs_collections)
        return outputs
