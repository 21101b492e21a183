"""Recurrent networks: RNN, LSTM and GRU in stacks of layers, one way or both."""

from __future__ import annotations

import math
import numbers
import warnings
from collections.abc import Sequence
from typing import Any

from diptych.functions.recurrence import GATES

from ..device import Device
from ..dtypes import dtype
from ..functions import recurrent
from ..functions.shapes import squeeze, unsqueeze
from ..tensors.creation import empty
from ..tensors.tensor import Tensor
from . import init
from .module import Module
from .parameter import Parameter
from .utils.rnn import PackedSequence, permuted


class RNNBase(Module):
    """What all have in common: parameters `weight_ih_l0`, `weight_hh_l0`, `bias_ih_l0`, `bias_hh_l0`, `weight_hr_l0`
    and so on, with `_reverse` after the names of the way back, drawn uniformly within 1 / sqrt(hidden_size).

    Input is [time, batch, input_size], [batch, time, input_size] where `batch_first`, [time, input_size] without a
    batch, or a packed sequence.
    """

    def __init__(
        self,
        mode: str,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: Device = None,
        dtype: dtype | None = None,
    ) -> None:
        super().__init__()
        self.mode = mode
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bias = bias
        self.batch_first = batch_first
        self.dropout = float(dropout)
        self.bidirectional = bidirectional
        self.proj_size = proj_size
        self._check_options(dropout)
        self._all_weights: list[list[str]] = []
        self._flat_weights_names: list[str] = []
        for layer in range(num_layers):
            for direction in range(self._directions):
                self._add_weights(layer, "_reverse" if direction else "", device, dtype)
        self.reset_parameters()

    def _check_options(self, dropout: Any) -> None:
        if not isinstance(dropout, numbers.Number) or not 0 <= dropout <= 1 or isinstance(dropout, bool):
            raise ValueError(
                "dropout should be a number in range [0, 1] representing the probability of an element being zeroed"
            )
        if dropout > 0 and self.num_layers == 1:
            warnings.warn(
                "dropout option adds dropout after all but last recurrent layer, so non-zero dropout expects "
                f"num_layers greater than 1, but got dropout={dropout} and num_layers={self.num_layers}",
                stacklevel=4,
            )
        for name, value, kind in (
            ("bias", self.bias, bool), ("batch_first", self.batch_first, bool), ("input_size", self.input_size, int),
            ("hidden_size", self.hidden_size, int),
        ):  # fmt: skip
            if not isinstance(value, kind):
                raise TypeError(f"{name} should be of type {kind.__name__}, got: {type(value).__name__}")
            if kind is int and value <= 0:
                raise ValueError(f"{name} must be greater than zero")
        if self.num_layers <= 0:
            raise ValueError("num_layers must be greater than zero")
        if self.proj_size < 0:
            raise ValueError("proj_size should be a positive integer or zero to disable projections")
        if self.proj_size >= self.hidden_size:
            raise ValueError("proj_size has to be smaller than hidden_size")
        if self.mode not in GATES:
            raise ValueError(f"Unrecognized RNN mode: {self.mode}")

    @property
    def _directions(self) -> int:
        return 2 if self.bidirectional else 1

    @property
    def _out_size(self) -> int:
        return self.proj_size or self.hidden_size

    def _add_weights(self, layer: int, suffix: str, device: Device, dtype: dtype | None) -> None:
        gates = GATES[self.mode] * self.hidden_size
        width = self._out_size * self._directions if layer else self.input_size
        shapes = {"weight_ih": (gates, width), "weight_hh": (gates, self._out_size)}
        if self.bias:
            shapes.update(bias_ih=(gates,), bias_hh=(gates,))
        if self.proj_size:
            shapes["weight_hr"] = (self.proj_size, self.hidden_size)
        names = [f"{name}_l{layer}{suffix}" for name in shapes]
        for name, shape in zip(names, shapes.values(), strict=True):
            setattr(self, name, Parameter(empty(shape, device=device, dtype=dtype)))
        self._all_weights.append(names)
        self._flat_weights_names.extend(names)

    @property
    def _flat_weights(self) -> list[Any]:
        return [getattr(self, name) for name in self._flat_weights_names]

    @_flat_weights.setter
    def _flat_weights(self, weights: list[Any]) -> None:
        """Other tensors in the weights' places, as programs set them that compute weights."""
        for name, weight in zip(self._flat_weights_names, weights, strict=True):
            if weight is not getattr(self, name):
                self._parameters.pop(name, None)
                setattr(self, name, weight)

    @property
    def all_weights(self) -> list[list[Parameter]]:
        """The parameters of each direction of each layer."""
        return [[getattr(self, name) for name in names] for names in self._all_weights]

    def flatten_parameters(self) -> None:
        """Does nothing: there is no faster layout."""

    def reset_parameters(self) -> None:
        """Uniform numbers within 1 / sqrt(hidden_size)."""
        bound = 1.0 / math.sqrt(self.hidden_size)
        for weight in self.parameters():
            init.uniform_(weight, -bound, bound)

    def check_input(self, input: Tensor, batch_sizes: Tensor | None) -> None:
        """Raises ValueError and RuntimeError for input that does not fit."""
        wanted = self._flat_weights[0].dtype
        if input.dtype is not wanted:
            raise ValueError(
                f"RNN input dtype ({input.dtype}) does not match weight dtype ({wanted}). Convert input: "
                f"input.to({wanted}), or convert model: model.to({input.dtype})"
            )
        rank = 3 if batch_sizes is None else 2
        if input.ndim != rank:
            raise RuntimeError(f"input must have {rank} dimensions, got {input.ndim}")
        if input.shape[-1] != self.input_size:
            raise RuntimeError(
                f"input.size(-1) must be equal to input_size. Expected {self.input_size}, got {input.shape[-1]}"
            )

    def _expected(self, input: Tensor, batch_sizes: Tensor | None, size: int) -> tuple[int, int, int]:
        batch = input.shape[0 if self.batch_first else 1] if batch_sizes is None else int(batch_sizes[0])
        return self.num_layers * self._directions, batch, size

    def get_expected_hidden_size(self, input: Tensor, batch_sizes: Tensor | None) -> tuple[int, int, int]:
        """[layers * directions, batch, size] of the state that goes with an input."""
        return self._expected(input, batch_sizes, self._out_size)

    def check_hidden_size(
        self, hx: Tensor, expected_hidden_size: tuple[int, int, int], msg: str = "Expected hidden size {}, got {}"
    ) -> None:
        """Raises RuntimeError for a state of another shape."""
        if hx.shape != expected_hidden_size:
            raise RuntimeError(msg.format(expected_hidden_size, list(hx.shape)))

    def check_forward_args(self, input: Tensor, hidden: Any, batch_sizes: Tensor | None) -> None:
        """Raises ValueError and RuntimeError for input and state that do not fit."""
        self.check_input(input, batch_sizes)
        self.check_hidden_size(hidden, self.get_expected_hidden_size(input, batch_sizes))

    def _ran(self, input: Any, states: tuple[Tensor, ...]) -> tuple[Any, tuple[Tensor, ...]]:
        """(outputs, last states) of an input in one of its forms; no states for zeros."""
        if isinstance(input, PackedSequence):
            return self._ran_packed(input, states)
        is_batched = input.ndim == 3
        x = input if is_batched else unsqueeze(input, 0 if self.batch_first else 1)
        if not is_batched:
            states = tuple(unsqueeze(state, 1) for state in states)
        if states:
            self.check_forward_args(x, self._as_hidden(states), None)
        else:
            self.check_input(x, None)
        output, *last = recurrent.run(x, states, self._flat_weights, self._stack(states), self._active_dropout())
        if not is_batched:
            output = squeeze(output, 0 if self.batch_first else 1)
            last = [squeeze(state, 1) for state in last]
        return output, tuple(last)

    def _ran_packed(self, input: PackedSequence, states: tuple[Tensor, ...]) -> tuple[Any, tuple[Tensor, ...]]:
        data, sizes, order, back = input
        if states and order is not None:
            states = tuple(permuted(state, order) for state in states)
        if states:
            self.check_forward_args(data, self._as_hidden(states), sizes)
        else:
            self.check_input(data, sizes)
        stack = self._stack(states, is_packed=True)
        found, *last = recurrent.run(data, states, self._flat_weights, stack, self._active_dropout(), sizes)
        if back is not None:
            last = [permuted(state, back) for state in last]
        return PackedSequence(found, sizes, order, back), tuple(last)

    def _as_hidden(self, states: tuple[Tensor, ...]) -> Any:
        return states[0]

    def _active_dropout(self) -> float:
        return self.dropout if self.training else 0.0

    def _stack(self, states: Sequence[Tensor], is_packed: bool = False) -> recurrent.Stack:
        return recurrent.Stack(
            self.mode, self.num_layers, self._directions, self.hidden_size, self._out_size,
            bool(self.batch_first) and not is_packed, bool(states), bool(self.bias), is_packed,
        )  # fmt: skip

    def _check_state_rank(self, input: Any, hx: Tensor | None) -> None:
        """Raises RuntimeError where only one of input and state has a batch."""
        if isinstance(input, PackedSequence):
            return
        what = "tensor " if self._get_name() == "RNN" else ""
        if input.ndim not in (2, 3):
            raise ValueError(f"{self._get_name()}: Expected input to be 2D or 3D, got {input.ndim}D {what}instead")
        if hx is not None and hx.ndim != input.ndim:
            kind = "batched 3-D" if input.ndim == 3 else "unbatched 2-D"
            raise RuntimeError(f"For {kind} input, hx should also be {input.ndim}-D but got {hx.ndim}-D tensor")

    def forward(self, input: Any, hx: Any = None) -> Any:
        self._check_state_rank(input, hx)
        output, last = self._ran(input, () if hx is None else (hx,))
        return output, last[0]

    def extra_repr(self) -> str:
        parts = [f"{self.input_size}, {self.hidden_size}"]
        if self.proj_size != 0:
            parts.append(f"proj_size={self.proj_size}")
        if self.num_layers != 1:
            parts.append(f"num_layers={self.num_layers}")
        if self.bias is not True:
            parts.append(f"bias={self.bias}")
        if self.batch_first is not False:
            parts.append(f"batch_first={self.batch_first}")
        if self.dropout != 0:
            parts.append(f"dropout={self.dropout}")
        if self.bidirectional is not False:
            parts.append(f"bidirectional={self.bidirectional}")
        return ", ".join(parts)


def _refuse_projection(options: dict[str, Any]) -> None:
    if "proj_size" in options:
        raise ValueError("proj_size argument is only supported for LSTM, not RNN or GRU")


class RNN(RNNBase):
    """h' = tanh(W_ih x + b_ih + W_hh h + b_hh), or relu of it (Elman, 1990)."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: Device = None,
        dtype: dtype | None = None,
        **options: Any,
    ) -> None:
        _refuse_projection(options)
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"Unknown nonlinearity '{nonlinearity}'. Select from 'tanh' or 'relu'.")
        super().__init__(
            f"RNN_{nonlinearity.upper()}", input_size, hidden_size, num_layers, bias, batch_first, dropout,
            bidirectional, device=device, dtype=dtype, **options,
        )  # fmt: skip
        self.nonlinearity = nonlinearity


class LSTM(RNNBase):
    """Long short-term memory (Hochreiter and Schmidhuber, 1997); with `proj_size` its outputs are projected."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__("LSTM", *args, **kwargs)

    def check_forward_args(self, input: Tensor, hidden: Any, batch_sizes: Tensor | None) -> None:
        self.check_input(input, batch_sizes)
        for place, size in enumerate((self._out_size, self.hidden_size)):
            self.check_hidden_size(
                hidden[place], self._expected(input, batch_sizes, size), f"Expected hidden[{place}] size {{}}, got {{}}"
            )

    def get_expected_cell_size(self, input: Tensor, batch_sizes: Tensor | None) -> tuple[int, int, int]:
        """[layers * directions, batch, size] of the cells that go with an input."""
        return self._expected(input, batch_sizes, self.hidden_size)

    def _as_hidden(self, states: tuple[Tensor, ...]) -> Any:
        return states

    def forward(self, input: Any, hx: Any = None) -> Any:
        if not isinstance(input, PackedSequence):
            self._check_state_rank(input, None)
            if hx is not None and (hx[0].ndim != input.ndim or hx[1].ndim != input.ndim):
                kind = "batched 3-D" if input.ndim == 3 else "unbatched 2-D"
                raise RuntimeError(
                    f"For {kind} input, hx and cx should also be {input.ndim}-D but got ({hx[0].ndim}-D, "
                    f"{hx[1].ndim}-D) tensors"
                )
        return self._ran(input, () if hx is None else (hx[0], hx[1]))


class GRU(RNNBase):
    """Gated recurrent units (Cho et al., 2014)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        _refuse_projection(kwargs)
        super().__init__("GRU", *args, **kwargs)
