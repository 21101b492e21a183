"""Elementary functions and activations, softmax, casts and copies."""

from __future__ import annotations

from typing import Any

from diptych.functions import activations
from diptych.ir import Builder, DType, Op, Value, ops

from .. import dtypes as dtype_module
from ..calling import autocasting
from ..dtypes import default_type, dtype
from ..promotion import promoted_floats
from ..tapes.callers import renamed
from ..tapes.operation import Operation, operation
from ..tapes.recording import call, copy
from ..tensors.memory_formats import check_rank
from ..tensors.tensor import Tensor
from .axes import counted
from .operands import not_implemented, tensor, unary

# -- operations: what is written as equations ----


def _elementary(name: str, op: Op) -> Operation:
    def write(b: Builder, x: Value, default: DType) -> Value:
        return b.emit(op, promoted_floats(b, x, default=default), {})[0]

    write.__name__ = name
    return operation(write)


@operation
def _relu(b: Builder, x: Value) -> Value:
    if x.dtype.is_bool:
        raise RuntimeError("Boolean inputs not supported for relu")
    if x.dtype.is_complex:
        raise NotImplementedError("clamp is not supported for complex types")
    return activations.relu(b, x)


def _along(name: str) -> Operation:
    def write(b: Builder, x: Value, dim: int) -> Value:
        if not x.dtype.is_float:
            raise not_implemented(name, x)
        if x.rank:
            return getattr(activations, name)(b, x, axis=dim)
        whole = getattr(activations, name)(b, b.reshape(x, shape=(1,)), axis=0)
        return b.reshape(whole, shape=())

    write.__name__ = name
    return operation(write)


_softmax, _log_softmax = _along("softmax"), _along("log_softmax")


@operation
def _cast(b: Builder, x: Value, target: DType) -> Value:
    return x if x.dtype is target else b.cast(x, dtype=target)


# -- functions: what users call ----


def _function(name: str, op: Op) -> object:
    operation = _elementary(name, op)

    def function(input: Tensor) -> Tensor:
        return call(operation, (tensor(name, "input", 1, input),), (default_type(),))

    def full_function(input: Tensor) -> Tensor:
        x = tensor(name, "input", 1, input)
        if autocasting.on_cuda:
            x = autocasting.full_on_cuda(x)
        return call(operation, (x,), (default_type(),))

    made = full_function if name in _FULL_ON_CUDA else function
    made.__doc__ = op.doc.splitlines()[0]
    return renamed(made, name)


_FULL_ON_CUDA = ("acos", "asin", "cosh", "erfinv", "exp", "expm1", "log", "log1p", "rsqrt", "sinh", "tan")
_ELEMENTARY = {
    "exp": ops.exp, "expm1": ops.expm1, "log": ops.log, "log1p": ops.log1p, "sqrt": ops.sqrt, "rsqrt": ops.rsqrt,
    "sin": ops.sin, "cos": ops.cos, "tan": ops.tan, "asin": ops.asin, "acos": ops.acos, "atan": ops.atan,
    "sinh": ops.sinh, "cosh": ops.cosh, "tanh": ops.tanh, "asinh": ops.asinh, "acosh": ops.acosh, "atanh": ops.atanh,
    "sigmoid": ops.logistic, "erf": ops.erf, "erfc": ops.erfc, "erfinv": ops.erfinv, "lgamma": ops.lgamma,
    "digamma": ops.digamma,
}  # fmt: skip

globals().update({name: _function(name, op) for name, op in _ELEMENTARY.items()})

relu = unary("relu", _relu, "max(input, 0), with gradient 0 at 0. Raises RuntimeError for bools.")


def softmax(input: Tensor, dim: int, *, dtype: dtype | None = None) -> Tensor:
    """exp(input) / sum(exp(input)) along `dim`. Raises NotImplementedError for integers, unless `dtype` is float."""
    return _along_dim("softmax", _softmax, input, dim, dtype)


def log_softmax(input: Tensor, dim: int, *, dtype: dtype | None = None) -> Tensor:
    """Logarithm of softmax along `dim`."""
    return _along_dim("log_softmax", _log_softmax, input, dim, dtype)


def _along_dim(name: str, operation: Operation, input: Tensor, dim: int, dtype: dtype | None) -> Tensor:
    x = tensor(name, "input", 1, input)
    if autocasting.on_cuda:
        x = autocasting.full_on_cuda(x)
    target = dtype_module.chosen(name, dtype)
    return call(operation, (x if target is None else cast(x, target),), (counted(dim, x.ndim),))


def cast(input: Tensor, dtype: dtype) -> Tensor:
    """input in another dtype; input itself where it has it."""
    return input if input.dtype is dtype else call(_cast, (input,), (dtype.ir,))


def clone(input: Tensor, *, memory_format: Any = None) -> Tensor:
    """A copy with a storage of its own, through which gradients flow. Raises RuntimeError for a format that input
    cannot have."""
    if memory_format is not None:
        check_rank(memory_format, input.ndim)
    return call(copy, (tensor("clone", "input", 1, input),))
