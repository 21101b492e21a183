"""`torch.optim.swa_utils`: averages of weights (Izmailov et al., "Averaging Weights Leads to Wider Optima", 2018)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from itertools import chain
from typing import Any

from ..dtypes import int64
from ..nn.batchnorm import _BatchNorm
from ..nn.module import Module
from ..tapes.mode import no_grad
from ..tensors.data import tensor
from ..tensors.tensor import Tensor
from .lr_scheduler import LRScheduler
from .lr_scheduler.scheduler import Rate, for_each_group
from .optimizer import Optimizer

AverageOfMany = Callable[[Sequence[Tensor], Sequence[Tensor], Any], None]
AverageOfOne = Callable[[Tensor, Tensor, Any], Tensor]


def _checked(decay: float) -> float:
    if decay < 0.0 or decay > 1.0:
        raise ValueError(f"Invalid decay value {decay} provided. Please provide a value in [0,1] range.")
    return decay


def _of_many(average: AverageOfOne) -> AverageOfMany:
    @no_grad()
    def update(averages: Sequence[Tensor], current: Sequence[Tensor], count: Any) -> None:
        for mean, value in zip(averages, current, strict=True):
            mean.copy_(average(mean, value, count))

    return update


def get_ema_avg_fn(decay: float = 0.999) -> AverageOfOne:
    """The function of (average, value, count) that gives decay * average + (1 - decay) * value."""
    decay = _checked(decay)

    @no_grad()
    def average(mean: Tensor, value: Tensor, count: Any) -> Tensor:
        return decay * mean + (1 - decay) * value

    return average


def get_ema_multi_avg_fn(decay: float = 0.999) -> AverageOfMany:
    """As `get_ema_avg_fn`, of lists, writing into the averages."""
    decay = _checked(decay)

    def average(mean: Tensor, value: Tensor, count: Any) -> Tensor:
        if mean.dtype.ir.is_differentiable:
            return mean + (value - mean) * (1 - decay)
        return mean * decay + value * (1 - decay)

    return _of_many(average)


def get_swa_avg_fn() -> AverageOfOne:
    """The function of (average, value, count) that gives the mean of count values before and this one."""

    @no_grad()
    def average(mean: Tensor, value: Tensor, count: Any) -> Tensor:
        return mean + (value - mean) / (count + 1)

    return average


def get_swa_multi_avg_fn() -> AverageOfMany:
    """As `get_swa_avg_fn`, of lists, writing into the averages."""
    return _of_many(lambda mean, value, count: mean + (value - mean) * (1 / (count + 1)))


class AveragedModel(Module):
    """A copy of a model whose parameters are averages of the model's, as often as `update_parameters` was called.

    avg_fn(average, value, count) gives an average, multi_avg_fn writes those of lists; without either, all have equal
    weight. With `use_buffers` buffers are averaged too, else they are copied.
    """

    n_averaged: Tensor

    def __init__(
        self,
        model: Module,
        device: Any = None,
        avg_fn: AverageOfOne | None = None,
        multi_avg_fn: AverageOfMany | None = None,
        use_buffers: bool = False,
    ) -> None:
        super().__init__()
        if avg_fn is not None and multi_avg_fn is not None:
            raise AssertionError("Only one of avg_fn and multi_avg_fn should be provided")
        self.module = deepcopy(model) if device is None else deepcopy(model).to(device)
        self.register_buffer("n_averaged", tensor(0, dtype=int64, device=device))
        self.avg_fn = avg_fn
        self.multi_avg_fn = multi_avg_fn
        self.use_buffers = use_buffers

    def forward(self, *arguments: Any, **options: Any) -> Any:
        """What the copy computes."""
        return self.module(*arguments, **options)

    def update_parameters(self, model: Module) -> None:
        """Takes the parameters of `model` into the averages; the first ones are copied."""
        averages, values = ([each.detach() for each in self._averaged(of)] for of in (self.module, model))
        if self.n_averaged == 0:
            for mean, value in zip(averages, values, strict=True):
                mean.copy_(value)
        elif self.multi_avg_fn is None:
            average = self.avg_fn or get_swa_avg_fn()
            for mean, value in zip(averages, values, strict=True):
                mean.copy_(average(mean, value, self.n_averaged))
        else:
            by_dtype: dict[Any, tuple[list[Tensor], list[Tensor]]] = {}
            for mean, value in zip(averages, values, strict=True):
                batch = by_dtype.setdefault(mean.dtype, ([], []))
                batch[0].append(mean)
                batch[1].append(value)
            for batch in by_dtype.values():
                self.multi_avg_fn(*batch, self.n_averaged)
        if not self.use_buffers:
            for mean, value in zip(self.module.buffers(), model.buffers(), strict=True):
                mean.detach().copy_(value.detach())
        self.n_averaged += 1

    def _averaged(self, model: Module) -> Iterable[Tensor]:
        return chain(model.parameters(), model.buffers()) if self.use_buffers else model.parameters()


@no_grad()
def update_bn(loader: Iterable[Any], model: Module, device: Any = None) -> None:
    """Computes the running statistics of all batch norms anew, as the means over the batches of `loader`, which are
    tensors or begin with one."""
    norms = [module for module in model.modules() if isinstance(module, _BatchNorm)]
    if not norms:
        return
    momenta = [module.momentum for module in norms]
    for module in norms:
        module.reset_running_stats()
        module.momentum = None
    was_training = model.training
    model.train()
    for batch in loader:
        given = batch[0] if isinstance(batch, (list, tuple)) else batch
        model(given if device is None else given.to(device))
    for module, momentum in zip(norms, momenta, strict=True):
        module.momentum = momentum
    model.train(was_training)


class SWALR(LRScheduler):
    """From the initial rate to swa_lr within anneal_epochs, along a line ("linear") or a cosine ("cos"). Raises
    ValueError for settings out of range."""

    def __init__(
        self,
        optimizer: Optimizer,
        swa_lr: float | list[float],
        anneal_epochs: int = 10,
        anneal_strategy: str = "cos",
        last_epoch: int = -1,
    ) -> None:
        for group, rate in zip(optimizer.param_groups, for_each_group("swa_lr", optimizer, swa_lr), strict=True):
            group["swa_lr"] = rate
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f"anneal_strategy must be one of 'cos' or 'linear', instead got {anneal_strategy}")
        self._anneal_strategy = anneal_strategy
        if not isinstance(anneal_epochs, int) or anneal_epochs < 0:
            raise ValueError(f"anneal_epochs must be equal or greater than 0, got {anneal_epochs}")
        self.anneal_epochs = anneal_epochs
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Rate]:
        """The next rates, from those that are set, whose start is reckoned back."""
        self._warn_outside_of_step()
        step = self._step_count - 1
        if self.anneal_epochs == 0:
            step = max(1, step)
        before, now = self._share(step - 1), self._share(step)
        found: list[Rate] = []
        for group in self.optimizer.param_groups:
            rate, end = group["lr"], group["swa_lr"]
            start = end if before == 1 else (rate - before * end) / (1 - before)
            found.append(end * now + start * (1 - now))
        return found

    def _share(self, step: int) -> float:
        """How much of the way is gone after a step."""
        passed = max(0, min(1, step / max(1, self.anneal_epochs)))
        return passed if self._anneal_strategy == "linear" else (1 - math.cos(math.pi * passed)) / 2
