"""tf.nn.rnn_cell.RNNCell: the base of recurrent cells, and their first states."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..exports import export
from ..graphs import nest
from ..graphs.conversion import convert_to_tensor
from ..graphs.dtypes import as_dtype, int32
from ..graphs.probe import constant_value
from ..graphs.scopes import name_scope
from ..graphs.shapes import Dimension, TensorShape, as_shape
from ..graphs.tensor import Tensor
from ..layers.layer import Layer
from ..operations.arrays import shape
from ..operations.joining import concat
from ..operations.ranges import zeros
from ..variables.listing import trainable_variables
from ..variables.scopes import get_variable_scope, variable_scope


@export("nn.rnn_cell.RNNCell", "contrib.rnn.RNNCell")
class RNNCell(Layer):
    """One step of a recurrent network: (output, state) = cell(inputs, state).

    `state_size` is the size of a state, or a nest of sizes; `output_size` that of an output. Variables that `call` gets
    by tf.get_variable count as the cell's.
    """

    def __call__(self, inputs: Any, state: Any, scope: Any = None) -> tuple[Any, Any]:
        """(output, next state) for inputs [batch, size] and a state as `zero_state` has it."""
        if scope is not None:
            with variable_scope(scope, custom_getter=self._noting) as entered:
                return super().__call__(inputs, state, scope=entered)
        entered = self.__dict__.get("rnncell_scope")
        if entered is None:
            entered = self.rnncell_scope = variable_scope(get_variable_scope(), custom_getter=self._noting)
        with entered:
            return super().__call__(inputs, state)

    def _noting(self, getter: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        variable = getter(*arguments, **options)
        kept = self._trainable_weights if variable in trainable_variables() else self._non_trainable_weights
        if all(variable is not each for each in kept):
            kept.append(variable)
        return variable

    @property
    def state_size(self) -> Any:
        """The size of a state, or a nest of sizes."""
        raise NotImplementedError("Abstract method")

    @property
    def output_size(self) -> Any:
        """The size of an output."""
        raise NotImplementedError("Abstract method")

    def build(self, input_shape: Any) -> None:
        """Nothing: variables are made when they are asked for."""

    def get_initial_state(self, inputs: Any = None, batch_size: Any = None, dtype: Any = None) -> Any:
        """A state of zeros for as many rows as `inputs` have, or `batch_size`. Raises ValueError where neither tells,
        or they do not agree."""
        if inputs is not None:
            inputs = convert_to_tensor(inputs, name="inputs")
            known = inputs.shape.dims[0].value
            if batch_size is not None and not isinstance(batch_size, Tensor) and known != batch_size:
                raise ValueError(
                    "batch size from input tensor is different from the input param. Input tensor batch: "
                    f"{known}, batch_size: {batch_size}"
                )
            if dtype is not None and inputs.dtype != as_dtype(dtype):
                raise ValueError(
                    "dtype from input tensor is different from the input param. Input tensor dtype: "
                    f"{inputs.dtype}, dtype: {dtype}"
                )
            batch_size, dtype = known or shape(inputs)[0], inputs.dtype
        if batch_size is None or dtype is None:
            raise ValueError(
                "batch_size and dtype cannot be None while constructing initial state: "
                f"batch_size={batch_size}, dtype={dtype}"
            )
        return self.zero_state(batch_size, dtype)

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        """A state of zeros for `batch_size` rows."""
        with name_scope(f"{type(self).__name__}ZeroState", values=[batch_size]):
            return nest.rebuild(self.state_size, lambda size: zeros_of(batch_size, size, dtype))


def zeros_of(batch_size: Any, size: Any, dtype: Any) -> Tensor:
    """Zeros of the shape [batch_size, size], where the size may be a whole shape."""
    rest = as_shape(size if isinstance(size, TensorShape | list | tuple) else [size])
    if isinstance(batch_size, Tensor):
        sizes = convert_to_tensor(rest.as_list(), dtype=int32)
        first = batch_size if batch_size.shape.ndims == 1 else [batch_size]
        made = zeros(concat([first, sizes], 0), dtype=dtype)
        known = constant_value(batch_size)
        made.set_shape(TensorShape([None if known is None else int(known.reshape(()))]).concatenate(rest))
        return made
    count = batch_size.value if isinstance(batch_size, Dimension) else batch_size
    return zeros(TensorShape([count]).concatenate(rest), dtype=dtype)


def check_cell(name: str, cell: Any) -> None:
    """Raises TypeError for what is no cell."""
    missing = [
        text
        for text, is_there in (
            ("'output_size' property is missing", hasattr(cell, "output_size")),
            ("'state_size' property is missing", hasattr(cell, "state_size")),
            (
                "either 'zero_state' or 'get_initial_state' method is required",
                hasattr(cell, "zero_state") or hasattr(cell, "get_initial_state"),
            ),
            ("is not callable", callable(cell)),
        )
        if not is_there
    ]
    if missing:
        raise TypeError(f"The argument {name!r} ({cell}) is not an RNNCell: {', '.join(missing)}.")


def check_dtypes(*values: Any) -> None:
    """Raises ValueError where something is neither of floats nor of complex numbers."""
    for value in nest.flatten(list(values)):
        dtype = as_dtype(value.dtype if hasattr(value, "dtype") else value)
        if not (dtype.is_floating or dtype.is_complex):
            raise ValueError(f"RNN cell only supports floating point inputs, but saw dtype: {dtype}")
