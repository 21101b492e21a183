"""Schedulers in cycles, with momentum turned against the rate (Smith, 2017; Smith and Topin, 2019)."""

from __future__ import annotations

import math
import types
from collections.abc import Callable
from typing import Any

from ..optimizer import Optimizer
from .scheduler import LRScheduler, Rate, check_optimizer, for_each_group, set_rate

_NO_MOMENTUM = "optimizer must support momentum or beta1 with `cycle_momentum` option enabled"


class _Cycling(LRScheduler):
    """A scheduler that may change momentum too: the setting `momentum`, or the first of `betas`."""

    use_beta1: bool

    def _start_momentum(self, base: Any, most: Any, *, is_fresh: bool) -> tuple[list[float], list[float]]:
        """The least and the largest momenta of all groups, which get the largest where training starts."""
        defaults = self.optimizer.defaults
        if "momentum" not in defaults and "betas" not in defaults:
            raise ValueError(_NO_MOMENTUM)
        self.use_beta1 = "betas" in defaults
        bases = for_each_group("base_momentum", self.optimizer, base)
        mosts = for_each_group("max_momentum", self.optimizer, most)
        if is_fresh:
            for group, least, largest in zip(self.optimizer.param_groups, bases, mosts, strict=True):
                self._set_momentum(group, largest)
                group["max_momentum"], group["base_momentum"] = largest, least
        return bases, mosts

    def _set_momentum(self, group: dict[str, Any], momentum: float) -> None:
        if self.use_beta1:
            group["betas"] = (momentum, *group["betas"][1:])
        else:
            group["momentum"] = momentum


class CyclicLR(_Cycling):
    """From base_lr up to max_lr within `step_size_up` steps and back within `step_size_down` (None: as many), again and
    again.

    mode "triangular" keeps the height, "triangular2" halves it each cycle, "exp_range" has it times gamma each step;
    `scale_fn` of the cycle or of the iteration, as `scale_mode` says, does in their place. With cycle_momentum the
    momentum goes from max_momentum down to base_momentum meanwhile. Raises ValueError for settings that do not fit.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        base_lr: float | list[float],
        max_lr: float | list[float],
        step_size_up: int = 2000,
        step_size_down: int | None = None,
        mode: str = "triangular",
        gamma: float = 1.0,
        scale_fn: Callable[[float], float] | None = None,
        scale_mode: str = "cycle",
        cycle_momentum: bool = True,
        base_momentum: float = 0.8,
        max_momentum: float = 0.9,
        last_epoch: int = -1,
    ) -> None:
        check_optimizer(optimizer)
        self.optimizer = optimizer
        base = for_each_group("base_lr", optimizer, base_lr)
        if last_epoch == -1:
            for group, rate in zip(optimizer.param_groups, base, strict=True):
                set_rate(group, rate)
        self.max_lrs = for_each_group("max_lr", optimizer, max_lr)
        up = float(step_size_up)
        self.total_size = up + (up if step_size_down is None else float(step_size_down))
        self.step_ratio = up / self.total_size
        if mode not in ("triangular", "triangular2", "exp_range") and scale_fn is None:
            raise ValueError("mode is invalid and scale_fn is None")
        self.mode = mode
        self.gamma = gamma
        self._scale_fn_custom = scale_fn
        self.scale_mode = scale_mode
        if scale_fn is None:
            self.scale_mode = "iterations" if mode == "exp_range" else "cycle"
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            self.base_momentums, self.max_momentums = self._start_momentum(
                base_momentum, max_momentum, is_fresh=last_epoch == -1
            )
        super().__init__(optimizer, last_epoch)
        self.base_lrs = base

    def scale_fn(self, x: float) -> float:
        """The height of a cycle, of 1 at most for the modes that have a name."""
        if self._scale_fn_custom is not None:
            return self._scale_fn_custom(x)
        if self.mode == "triangular":
            return 1.0
        return 1 / 2.0 ** (x - 1) if self.mode == "triangular2" else self.gamma**x

    def get_lr(self) -> list[Rate]:
        """The rates at `last_epoch`; momenta are set."""
        self._warn_outside_of_step()
        cycle = math.floor(1 + self.last_epoch / self.total_size)
        place = 1.0 + self.last_epoch / self.total_size - cycle
        share = place / self.step_ratio if place <= self.step_ratio else (place - 1) / (self.step_ratio - 1)
        scale = self.scale_fn(cycle if self.scale_mode == "cycle" else self.last_epoch)
        if self.cycle_momentum:
            momenta = zip(self.optimizer.param_groups, self.base_momentums, self.max_momentums, strict=True)
            for group, least, most in momenta:
                self._set_momentum(group, most - (most - least) * share * scale)
        pairs = zip(self.base_lrs, self.max_lrs, strict=True)
        return [least + (most - least) * share * scale for least, most in pairs]

    def state_dict(self) -> dict[str, Any]:
        """All attributes but the optimizer; of a function that is an object those that it has itself."""
        state = super().state_dict()
        function = state["_scale_fn_custom"]
        is_object = function is not None and not isinstance(function, types.FunctionType)
        state["_scale_fn_custom"] = dict(function.__dict__) if is_object else None
        return state

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Takes over what `state_dict` gave; a function stays, with the state's attributes where it is an object."""
        attributes = state_dict["_scale_fn_custom"]
        super().load_state_dict({name: each for name, each in state_dict.items() if name != "_scale_fn_custom"})
        if attributes is not None:
            self._scale_fn_custom.__dict__.update(attributes)


class OneCycleLR(_Cycling):
    """From max_lr / div_factor up to max_lr within pct_start of all steps, then down to that / final_div_factor; with
    three_phase down to the start as long as up, and to the end in what is left.

    The number of steps is total_steps, or epochs * steps_per_epoch. anneal_strategy is "cos" or "linear". With
    cycle_momentum the momentum goes the other way between base_momentum and max_momentum. Raises ValueError for
    settings that do not fit, and for more steps than there are.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: float | list[float],
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.85,
        max_momentum: float | list[float] = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        check_optimizer(optimizer)
        self.optimizer = optimizer
        self.total_steps = _total_steps(total_steps, epochs, steps_per_epoch)
        self._schedule_phases = _phases(self.total_steps, pct_start, three_phase)
        if pct_start < 0 or pct_start > 1 or not isinstance(pct_start, float):
            raise ValueError(f"Expected float between 0 and 1 pct_start, but got {pct_start}")
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f"anneal_strategy must be one of 'cos' or 'linear', instead got {anneal_strategy}")
        self._anneal_func_type = anneal_strategy
        largest = for_each_group("max_lr", optimizer, max_lr)
        if last_epoch == -1:
            for group, rate in zip(optimizer.param_groups, largest, strict=True):
                start = rate / div_factor
                group.update(initial_lr=start, max_lr=rate, min_lr=start / final_div_factor)
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            self._start_momentum(base_momentum, max_momentum, is_fresh=last_epoch == -1)
        super().__init__(optimizer, last_epoch)

    def _annealed(self, start: Any, end: Any, passed: float) -> Any:
        if self._anneal_func_type == "linear":
            return (end - start) * passed + start
        return end + (start - end) / 2.0 * (math.cos(math.pi * passed) + 1)

    def get_lr(self) -> list[Rate]:
        """The rates at `last_epoch`; momenta are set."""
        self._warn_outside_of_step()
        step = self.last_epoch
        if step > self.total_steps:
            raise ValueError(f"Tried to step {step} times. The specified number of total steps is {self.total_steps}")
        begin: float = 0
        for phase in self._schedule_phases:
            if step <= phase["end_step"] or phase is self._schedule_phases[-1]:
                break
            begin = phase["end_step"]
        passed = (step - begin) / (phase["end_step"] - begin)
        found: list[Rate] = []
        for group in self.optimizer.param_groups:
            found.append(self._annealed(group[phase["start_lr"]], group[phase["end_lr"]], passed))
            if self.cycle_momentum:
                bounds = group[phase["start_momentum"]], group[phase["end_momentum"]]
                self._set_momentum(group, self._annealed(*bounds, passed))
        return found


def _total_steps(total: int | None, epochs: int | None, steps_per_epoch: int | None) -> int:
    """Raises ValueError where the number of steps is not told, or no positive integer."""
    if total is not None:
        if total <= 0 or not isinstance(total, int):
            raise ValueError(f"Expected positive integer total_steps, but got {total}")
        return total
    if epochs is None or steps_per_epoch is None:
        raise ValueError("You must define either total_steps OR (epochs AND steps_per_epoch)")
    if not isinstance(epochs, int) or epochs <= 0:
        raise ValueError(f"Expected positive integer epochs, but got {epochs}")
    if not isinstance(steps_per_epoch, int) or steps_per_epoch <= 0:
        raise ValueError(f"Expected positive integer steps_per_epoch, but got {steps_per_epoch}")
    return epochs * steps_per_epoch


def _phases(total: int, share: float, three_phase: bool) -> list[dict[str, Any]]:
    """Where each phase ends, and the settings of a group that it goes between."""
    ends = [float(share * total) - 1, *([float(2 * share * total) - 2] if three_phase else []), total - 1]
    rates = ["initial_lr", "max_lr", *(["initial_lr"] if three_phase else []), "min_lr"]
    momenta = ["max_momentum", "base_momentum", *(["max_momentum"] if three_phase else []), "max_momentum"]
    return [
        {
            "end_step": end, "start_lr": rates[place], "end_lr": rates[place + 1],
            "start_momentum": momenta[place], "end_momentum": momenta[place + 1],
        }
        for place, end in enumerate(ends)
    ]  # fmt: skip
