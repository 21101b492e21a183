"""An approximation of softmax over many classes, the frequent ones first (Grave et al., 2017)."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Sequence
from typing import Any

import numpy as np
from diptych.ir import Builder, Value, dtypes

from ..device import Device
from ..dtypes import dtype
from ..functions.activations import log_softmax
from ..functions.extremes import argmax
from ..functions.indexing import narrow
from ..functions.joining import cat
from ..functions.logic import where
from ..functions.shapes import squeeze, unsqueeze
from ..tapes.operation import operation
from ..tapes.recording import call
from ..tensors.data import from_array
from ..tensors.tensor import Tensor
from .container import ModuleList, Sequential
from .linear import Linear
from .module import Module

_ASMoutput = namedtuple("_ASMoutput", ["output", "loss"])


@operation
def _rows(b: Builder, x: Value, places: Value) -> Value:
    return b.gather(x, places, axes=(0,))


@operation
def _of_classes(b: Builder, logs: Value, classes: Value) -> Value:
    """The number of each row [rows, classes] that `classes` [rows] names."""
    numbers = b.iota(shape=classes.shape, axis=0, dtype=dtypes.i64)
    return b.gather(logs, numbers, classes, axes=(0, 1))


class AdaptiveLogSoftmaxWithLoss(Module):
    """Classes up to the first of `cutoffs` are in the head, each cluster between two cutoffs has one class there, and
    inner features fewer by `div_value` from cluster to cluster."""

    def __init__(
        self,
        in_features: int,
        n_classes: int,
        cutoffs: Sequence[int],
        div_value: float = 4.0,
        head_bias: bool = False,
        device: Device = None,
        dtype: dtype | None = None,
    ) -> None:
        super().__init__()
        cutoffs = list(cutoffs)
        if not cutoffs:
            raise ValueError("cutoffs should be a sequence of length larger than 0")
        if (
            cutoffs != sorted(set(cutoffs)) or cutoffs[0] <= 0 or cutoffs[-1] > n_classes - 1
            or any(int(each) != each for each in cutoffs)
        ):  # fmt: skip
            raise ValueError(
                "cutoffs should be a sequence of unique, positive integers sorted in an increasing order, where each "
                "value is between 1 and n_classes-1"
            )
        self.in_features = in_features
        self.n_classes = n_classes
        self.cutoffs = [*cutoffs, n_classes]
        self.div_value = div_value
        self.head_bias = head_bias
        self.shortlist_size = self.cutoffs[0]
        self.n_clusters = len(self.cutoffs) - 1
        self.head_size = self.shortlist_size + self.n_clusters
        kind: dict[str, Any] = {"device": device, "dtype": dtype}
        self.head = Linear(in_features, self.head_size, bias=head_bias, **kind)
        self.tail = ModuleList()
        for place in range(self.n_clusters):
            inner = int(in_features // div_value ** (place + 1))
            classes = self.cutoffs[place + 1] - self.cutoffs[place]
            self.tail.append(
                Sequential(Linear(in_features, inner, bias=False, **kind), Linear(inner, classes, bias=False, **kind))
            )

    def reset_parameters(self) -> None:
        """As the linear maps do."""
        self.head.reset_parameters()
        for first, second in self.tail:
            first.reset_parameters()
            second.reset_parameters()

    def forward(self, input_: Tensor, target_: Tensor) -> _ASMoutput:
        """(log-probability of each target [batch], minus their mean) of input [batch, in_features] and classes [batch],
        or without the batch. Raises RuntimeError for what does not fit."""
        _check(input_, target_)
        is_batched = target_.ndim > 0
        input = input_ if is_batched else unsqueeze(input_, 0)
        classes = np.asarray(target_._array()).reshape(-1)
        if classes.size and not (classes.min() >= 0 and classes.max() < self.n_classes):
            raise RuntimeError(
                f"Target values should be in [0, {self.n_classes - 1}], but values in range [{classes.min()}, "
                f"{classes.max()}] were found. "
            )
        cluster = np.searchsorted(self.cutoffs, classes, side="right")  # 0 for the head
        in_head = np.where(cluster == 0, classes, self.shortlist_size + cluster - 1)
        output = call(
            _of_classes, (log_softmax(self.head(input), 1), from_array(in_head.astype(np.int64), input.device))
        )
        parts: list[Tensor] = []
        places = np.zeros(classes.size, np.int64)
        count = 0
        for number, tail in enumerate(self.tail, 1):
            rows = np.flatnonzero(cluster == number)
            if not rows.size:
                continue
            size = 1 << int(rows.size - 1).bit_length()  # so that batches have few different shapes
            padded = np.resize(rows, size)
            logs = log_softmax(tail(call(_rows, (input, from_array(padded, input.device)))), 1)
            within = classes[padded] - self.cutoffs[number - 1]
            parts.append(call(_of_classes, (logs, from_array(within.astype(np.int64), input.device))))
            places[rows] = count + np.arange(rows.size)
            count += size
        if parts:
            found = call(_rows, (cat(parts), from_array(places, input.device)))
            output = output + where(from_array(cluster > 0, input.device), found, found * 0)
        loss = (-output).mean()
        return _ASMoutput(output if is_batched else squeeze(output, 0), loss)

    def log_prob(self, input: Tensor) -> Tensor:
        """The log-probabilities of all classes [batch, n_classes]."""
        return self._get_full_log_prob(input, self.head(input))

    def _get_full_log_prob(self, input: Tensor, head_output: Tensor) -> Tensor:
        logs = log_softmax(head_output, 1)
        parts = [narrow(logs, 1, 0, self.shortlist_size)]
        for number, tail in enumerate(self.tail):
            of_cluster = narrow(logs, 1, self.shortlist_size + number, 1)
            parts.append(log_softmax(tail(input), 1) + of_cluster)
        return cat(parts, 1)

    def predict(self, input: Tensor) -> Tensor:
        """The likeliest class [batch]; one of the head where that is likelier than all clusters."""
        head = self.head(input)
        output = argmax(head, 1)
        return where(output >= self.shortlist_size, argmax(self._get_full_log_prob(input, head), 1), output)


def _check(input: Tensor, target: Tensor) -> None:
    if target.ndim > 1:
        raise RuntimeError("0D or 1D target tensor expected, multi-target not supported")
    if target.ndim and input.shape[0] != target.shape[0]:
        raise RuntimeError("Input and target should have the same size in the batch dimension.")
    if input.ndim != target.ndim + 1:
        raise RuntimeError(
            f"{target.ndim}D target tensor expects {target.ndim + 1}D input tensors, but found inputs with size "
            f"{input.shape}"
        )
