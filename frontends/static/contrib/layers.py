"""tf.contrib.layers: layers whose variables are called weights and biases."""

from __future__ import annotations

from typing import Any

from ..exports import NAMES, export
from ..graphs.conversion import convert_to_tensor
from ..graphs.scopes import name_scope
from ..graphs.tensor import Tensor
from ..layers import convolutional, core
from ..layers.pooling import Pooling
from ..operations.arrays import reshape, shape
from ..operations.neural import softmax as softmax_of
from ..variables.initializers import ZEROS
from ..variables.more_initializers import xavier_initializer
from ..variables.scopes import variable_scope
from .arg_scope import add_arg_scope
from .variables import collect, renaming

_relu: Any = NAMES["nn.relu"]
_XAVIER = xavier_initializer()
_RENAMED = {"bias": "biases", "kernel": "weights"}


def finished(
    outputs: Tensor, normalizer_fn: Any, normalizer_params: Any, activation_fn: Any, collections: Any
) -> Tensor:
    """The outputs of a layer, normalized and activated, put into collections."""
    if normalizer_fn is not None:
        outputs = normalizer_fn(outputs, **(normalizer_params or {}))
    if activation_fn is not None:
        outputs = activation_fn(outputs)
    collect(outputs, collections)
    return outputs


@export("contrib.layers.fully_connected", "contrib.slim.fully_connected")
@add_arg_scope
def fully_connected(
    inputs: Any, num_outputs: int, activation_fn: Any = _relu, normalizer_fn: Any = None,
    normalizer_params: Any = None, weights_initializer: Any = _XAVIER, weights_regularizer: Any = None,
    biases_initializer: Any = ZEROS, biases_regularizer: Any = None, reuse: Any = None,
    variables_collections: Any = None, outputs_collections: Any = None, trainable: bool = True, scope: Any = None,
) -> Tensor:  # fmt: skip
    """activation_fn(inputs @ weights + biases) over the last axis; with a normalizer there are no biases."""
    if not isinstance(num_outputs, int):
        raise ValueError(f"num_outputs type should be one of {[int]}, got {type(num_outputs)}.")
    getter = renaming(_RENAMED)
    with variable_scope(scope, "fully_connected", [inputs], reuse=reuse, custom_getter=getter) as inside:
        x = convert_to_tensor(inputs)
        layer = core.Dense(
            num_outputs, use_bias=bool(not normalizer_fn and biases_initializer),
            kernel_initializer=weights_initializer, bias_initializer=biases_initializer,
            kernel_regularizer=weights_regularizer, bias_regularizer=biases_regularizer, trainable=trainable,
            name=inside.name, dtype=x.dtype.base_dtype, _scope=inside, _reuse=reuse,
        )  # fmt: skip
        outputs = layer.apply(x)
        collect_weights(layer, variables_collections)
        return finished(outputs, normalizer_fn, normalizer_params, activation_fn, outputs_collections)


def collect_weights(layer: Any, collections: Any) -> None:
    """Puts the variables of a layer into collections."""
    for variable, name in ((getattr(layer, "kernel", None), "weights"), (layer.bias, "biases")):
        if variable is not None:
            collect(variable, collections, name)


def _format(data_format: str | None) -> str:
    if data_format not in (None, "NHWC", "NCHW", "NWC", "NCW", "NDHWC", "NCDHW"):
        raise ValueError(f"Invalid data_format: {data_format!r}")
    return "channels_first" if data_format and data_format.startswith("NC") else "channels_last"


def _convolution(
    kind: Any, default: str, inputs: Any, num_outputs: Any, kernel_size: Any, stride: Any, padding: str,
    data_format: Any, rate: Any, activation_fn: Any, normalizer_fn: Any, normalizer_params: Any,
    weights_initializer: Any, weights_regularizer: Any, biases_initializer: Any, biases_regularizer: Any, reuse: Any,
    variables_collections: Any, outputs_collections: Any, trainable: bool, scope: Any,
) -> Tensor:  # fmt: skip
    with variable_scope(scope, default, [inputs], reuse=reuse, custom_getter=renaming(_RENAMED)) as inside:
        x = convert_to_tensor(inputs)
        options = {} if rate is None else {"dilation_rate": rate}
        layer = kind(
            num_outputs, kernel_size, stride, padding.lower(), data_format=_format(data_format),
            use_bias=bool(not normalizer_fn and biases_initializer), kernel_initializer=weights_initializer,
            bias_initializer=biases_initializer, kernel_regularizer=weights_regularizer,
            bias_regularizer=biases_regularizer, trainable=trainable, name=inside.name, dtype=x.dtype.base_dtype,
            _scope=inside, _reuse=reuse, **options,
        )  # fmt: skip
        outputs = layer.apply(x)
        collect_weights(layer, variables_collections)
        return finished(outputs, normalizer_fn, normalizer_params, activation_fn, outputs_collections)


@export(
    "contrib.layers.conv2d", "contrib.layers.convolution2d", "contrib.layers.convolution", "contrib.slim.conv2d",
    "contrib.slim.convolution2d", "contrib.slim.convolution",
)  # fmt: skip
@add_arg_scope
def convolution2d(
    inputs: Any, num_outputs: int, kernel_size: Any, stride: Any = 1, padding: str = "SAME", data_format: Any = None,
    rate: Any = 1, activation_fn: Any = _relu, normalizer_fn: Any = None, normalizer_params: Any = None,
    weights_initializer: Any = _XAVIER, weights_regularizer: Any = None,
    biases_initializer: Any = ZEROS, biases_regularizer: Any = None, reuse: Any = None,
    variables_collections: Any = None, outputs_collections: Any = None, trainable: bool = True, scope: Any = None,
) -> Tensor:  # fmt: skip
    """activation_fn(convolution of images + biases); with a normalizer there are no biases."""
    return _convolution(
        convolutional.Conv2D, "Conv", inputs, num_outputs, kernel_size, stride, padding, data_format, rate,
        activation_fn, normalizer_fn, normalizer_params, weights_initializer, weights_regularizer, biases_initializer,
        biases_regularizer, reuse, variables_collections, outputs_collections, trainable, scope,
    )  # fmt: skip


@export(
    "contrib.layers.conv2d_transpose", "contrib.layers.convolution2d_transpose", "contrib.slim.conv2d_transpose",
    "contrib.slim.convolution2d_transpose",
)  # fmt: skip
@add_arg_scope
def convolution2d_transpose(
    inputs: Any, num_outputs: int, kernel_size: Any, stride: Any = 1, padding: str = "SAME", data_format: Any = "NHWC",
    activation_fn: Any = _relu, normalizer_fn: Any = None, normalizer_params: Any = None,
    weights_initializer: Any = _XAVIER, weights_regularizer: Any = None,
    biases_initializer: Any = ZEROS, biases_regularizer: Any = None, reuse: Any = None,
    variables_collections: Any = None, outputs_collections: Any = None, trainable: bool = True, scope: Any = None,
) -> Tensor:  # fmt: skip
    """activation_fn(transpose of a convolution of images + biases); with a normalizer there are no biases."""
    return _convolution(
        convolutional.Conv2DTranspose, "Conv2d_transpose", inputs, num_outputs, kernel_size, stride, padding,
        data_format, None, activation_fn, normalizer_fn, normalizer_params, weights_initializer, weights_regularizer,
        biases_initializer, biases_regularizer, reuse, variables_collections, outputs_collections, trainable, scope,
    )  # fmt: skip


def _pooled(kind: str, inputs: Any, kernel_size: Any, stride: Any, padding: str, data_format: Any, keys: Any,
            scope: Any) -> Tensor:  # fmt: skip
    made: Any = NAMES[f"layers.{kind}Pooling2D"]
    with name_scope(scope, f"{'Avg' if kind == 'Average' else kind}Pool2D", [inputs]):
        layer: Pooling = made(kernel_size, stride, padding.lower(), _format(data_format), _scope=None)
        outputs = layer.call(convert_to_tensor(inputs))
        collect(outputs, keys)
        return outputs


@export("contrib.layers.max_pool2d", "contrib.slim.max_pool2d")
@add_arg_scope
def max_pool2d(
    inputs: Any, kernel_size: Any, stride: Any = 2, padding: str = "VALID", data_format: Any = "NHWC",
    outputs_collections: Any = None, scope: Any = None,
) -> Tensor:  # fmt: skip
    """The largest element of each window of images."""
    return _pooled("Max", inputs, kernel_size, stride, padding, data_format, outputs_collections, scope)


@export("contrib.layers.avg_pool2d", "contrib.slim.avg_pool2d")
@add_arg_scope
def avg_pool2d(
    inputs: Any, kernel_size: Any, stride: Any = 2, padding: str = "VALID", data_format: Any = "NHWC",
    outputs_collections: Any = None, scope: Any = None,
) -> Tensor:  # fmt: skip
    """The mean of each window of images."""
    return _pooled("Average", inputs, kernel_size, stride, padding, data_format, outputs_collections, scope)


@export("contrib.layers.flatten", "contrib.slim.flatten")
@add_arg_scope
def flatten(inputs: Any, outputs_collections: Any = None, scope: Any = None) -> Tensor:
    """All axes but the first made one."""
    with name_scope(scope, "Flatten", [inputs]):
        x = convert_to_tensor(inputs)
        layer = core.Flatten()
        outputs = layer.call(x)
        collect(outputs, outputs_collections)
        return outputs


@export("contrib.layers.dropout", "contrib.slim.dropout")
@add_arg_scope
def dropout(
    inputs: Any, keep_prob: Any = 0.5, noise_shape: Any = None, is_training: Any = True,
    outputs_collections: Any = None, scope: Any = None, seed: Any = None,
) -> Tensor:  # fmt: skip
    """In training each element kept with probability `keep_prob`, and then divided by it."""
    with variable_scope(scope, "Dropout", [inputs], custom_getter=renaming()) as inside:
        x = convert_to_tensor(inputs)
        layer = core.Dropout(1 - keep_prob, noise_shape, seed, name=inside.name, _scope=inside)
        outputs = layer.apply(x, training=is_training)
        collect(outputs, outputs_collections)
        return outputs


@export("contrib.layers.softmax", "contrib.slim.softmax")
def softmax(logits: Any, scope: Any = None) -> Tensor:
    """Softmax along the last axis."""
    with name_scope(scope, "softmax", [logits]):
        x = convert_to_tensor(logits)
        rows = softmax_of(reshape(x, [-1, x.shape[-1].value]))
        result = reshape(rows, shape(x))
        result.set_shape(x.shape)
        return result


@export("contrib.layers.repeat", "contrib.slim.repeat")
@add_arg_scope
def repeat(inputs: Any, repetitions: int, layer: Any, *arguments: Any, **options: Any) -> Tensor:
    """A layer applied several times, in scopes numbered from 1."""
    scope = options.pop("scope", None)
    name = getattr(layer, "__name__", "repeat")
    with variable_scope(scope, "Repeat", [inputs]):
        outputs = convert_to_tensor(inputs)
        for number in range(repetitions):
            outputs = layer(outputs, *arguments, **{**options, "scope": f"{scope or name}_{number + 1}"})
        return outputs


@export("contrib.layers.stack", "contrib.slim.stack")
@add_arg_scope
def stack(inputs: Any, layer: Any, stack_args: Any, **options: Any) -> Tensor:
    """A layer applied once for each element of `stack_args`, which are its arguments, in scopes numbered from 1."""
    scope = options.pop("scope", None)
    if not isinstance(stack_args, list | tuple):
        raise ValueError("stack_args need to be a list or tuple")
    name = getattr(layer, "__name__", "stack")
    with variable_scope(scope, "Stack", [inputs]):
        outputs = convert_to_tensor(inputs)
        for number, each in enumerate(stack_args):
            arguments = each if isinstance(each, list | tuple) else [each]
            outputs = layer(outputs, *arguments, **{**options, "scope": f"{scope or name}_{number + 1}"})
        return outputs


def _as_named(function: Any, activation: Any, *names: str) -> None:
    @export(*names)
    def named(*arguments: Any, **options: Any) -> Tensor:
        return function(*arguments, **{"activation_fn": activation, **options})

    named.__name__ = names[0].rpartition(".")[2]
    named.__doc__ = f"fully_connected with the activation {named.__name__}."


_as_named(fully_connected, None, "contrib.layers.linear", "contrib.slim.linear")
_as_named(fully_connected, _relu, "contrib.layers.relu", "contrib.slim.relu")
_as_named(fully_connected, NAMES["nn.relu6"], "contrib.layers.relu6", "contrib.slim.relu6")
