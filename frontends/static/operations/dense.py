"""tf.nn: affine maps by name, and activations that make several channels of one."""

from __future__ import annotations

from typing import Any

from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.scopes import name_scope
from ..graphs.tensor import Tensor
from .joining import concat
from .neural import bias_add
from .products import matmul


@export("nn.xw_plus_b")
def xw_plus_b(x: Any, weights: Any, biases: Any, name: str | None = None) -> Tensor:
    """x [rows, inputs] @ weights [inputs, outputs] + biases [outputs]."""
    with name_scope(name, "xw_plus_b", [x, weights, biases]) as scope:
        x = convert_to_tensor(x, name="x")
        weights = convert_to_tensor(weights, name="weights")
        biases = convert_to_tensor(biases, name="biases")
        return bias_add(matmul(x, weights), biases, name=scope)


@export("nn.relu_layer")
def relu_layer(x: Any, weights: Any, biases: Any, name: str | None = None) -> Tensor:
    """relu(x @ weights + biases)."""
    with name_scope(name, "relu_layer", [x, weights, biases]) as scope:
        x = convert_to_tensor(x, name="x")
        weights = convert_to_tensor(weights, name="weights")
        biases = convert_to_tensor(biases, name="biases")
        return apply("Relu", [bias_add(matmul(x, weights), biases)], name=scope)


@export("nn.crelu")
def crelu(features: Any, name: str | None = None, axis: int = -1) -> Tensor:
    """relu of x and relu of -x, side by side along `axis` (Shang et al., 2016)."""
    with name_scope(name, "CRelu", [features]) as scope:
        x = convert_to_tensor(features, name="features")
        return apply("Relu", [concat([x, apply("Neg", [x])], axis, name=scope)])


@export("nn.swish")
def swish(features: Any) -> Tensor:
    """x * sigmoid(x) (Ramachandran et al., 2017)."""
    x = convert_to_tensor(features, name="features")
    return x * apply("Sigmoid", [x])
