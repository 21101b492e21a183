"""`GradScaler`: losses times a scale, so that small gradients of float16 are not lost, and steps without the scale."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable
from enum import Enum
from typing import Any

import numpy as np
from diptych.backends.accelerators import accelerator_count

from .. import dtypes as dtype_module
from ..tapes.mode import no_grad
from ..tensors.tensor import Tensor

_FIX = "This may indicate your script did not use scaler.scale(loss or outputs) earlier in the iteration."


class OptState(Enum):
    """What an optimizer has done since the last `update`."""

    READY = 0
    UNSCALED = 1
    STEPPED = 2


class _Progress:
    """Of one optimizer: its stage, and whether a gradient was infinite or no number."""

    def __init__(self) -> None:
        self.stage = OptState.READY
        self.found_inf: bool | None = None


class GradScaler:
    """Multiplies losses by a scale, and divides gradients by it before a step. A step is left out where a gradient is
    not finite, and the scale is then multiplied by `backoff_factor`; after `growth_interval` good steps in a row it is
    multiplied by `growth_factor`. For CUDA, where there is none, it warns and does nothing.
    """

    def __init__(
        self,
        device: str = "cuda",
        init_scale: float = 2.0**16,
        growth_factor: float = 2.0,
        backoff_factor: float = 0.5,
        growth_interval: int = 2000,
        enabled: bool = True,
    ) -> None:
        self._device = device
        self._enabled = enabled
        if device == "cuda" and enabled and not accelerator_count():
            warnings.warn("torch.cuda.amp.GradScaler is enabled, but CUDA is not available.  Disabling.", stacklevel=2)
            self._enabled = False
        if self._enabled:
            if growth_factor <= 1.0:
                raise AssertionError("The growth factor must be > 1.0.")
            if backoff_factor >= 1.0:
                raise AssertionError("The backoff factor must be < 1.0.")
        self._scale = np.float32(init_scale)
        self._growth_factor = growth_factor
        self._backoff_factor = backoff_factor
        self._growth_interval = growth_interval
        self._growth_tracker = 0
        self._is_begun = False
        self._progress: dict[int, _Progress] = {}

    def scale(self, outputs: Any) -> Any:
        """A tensor, or an iterable of some, times the scale."""
        if not self._enabled:
            return outputs
        if isinstance(outputs, Tensor):
            self._is_begun = True
            return outputs * float(self._scale)
        if not isinstance(outputs, Iterable):
            raise ValueError("outputs must be a Tensor or an iterable of Tensors")
        scaled = map(self.scale, outputs)
        return type(outputs)(scaled) if isinstance(outputs, (list, tuple)) else scaled  # pyright: ignore

    def _check_begun(self, name: str) -> None:
        if not self._is_begun:
            raise AssertionError(f"Attempted {name} but _scale is None.  {_FIX}")

    def _of(self, optimizer: Any) -> _Progress:
        return self._progress.setdefault(id(optimizer), _Progress())

    def unscale_(self, optimizer: Any) -> None:
        """Divides the gradients of an optimizer's parameters by the scale. Raises RuntimeError the second time."""
        if not self._enabled:
            return
        self._check_begun("unscale_")
        progress = self._of(optimizer)
        if progress.stage is OptState.UNSCALED:
            raise RuntimeError("unscale_() has already been called on this optimizer since the last update().")
        if progress.stage is OptState.STEPPED:
            raise RuntimeError("unscale_() is being called after step().")
        inverse = float(np.float32(1 / np.float64(self._scale)))
        gradients = [
            parameter.grad for group in optimizer.param_groups for parameter in group["params"]
            if parameter.grad is not None
        ]  # fmt: skip
        for gradient in gradients:
            if gradient.dtype is dtype_module.float16:
                raise ValueError("Attempting to unscale FP16 gradients.")
        with no_grad():
            for gradient in gradients:
                gradient.mul_(inverse)
            finite = [gradient.isfinite().all() for gradient in gradients]
        if gradients:
            progress.found_inf = not all(bool(each) for each in finite)
        progress.stage = OptState.UNSCALED

    def step(self, optimizer: Any, *arguments: Any, **options: Any) -> Any:
        """`optimizer.step(...)` with gradients that are divided by the scale, left out where one is not finite."""
        if not self._enabled:
            return optimizer.step(*arguments, **options)
        if "closure" in options:
            raise RuntimeError("Closure use is not currently supported if GradScaler is enabled.")
        self._check_begun("step")
        progress = self._of(optimizer)
        if progress.stage is OptState.STEPPED:
            raise RuntimeError("step() has already been called since the last update().")
        if progress.stage is OptState.READY:
            self.unscale_(optimizer)
        if progress.found_inf is None:
            raise AssertionError("No inf checks were recorded for this optimizer.")
        result = None if progress.found_inf else optimizer.step(*arguments, **options)
        progress.stage = OptState.STEPPED
        return result

    def update(self, new_scale: float | Tensor | None = None) -> None:
        """Changes the scale by what the steps have met, or to `new_scale`."""
        if not self._enabled:
            return
        self._check_begun("update")
        if new_scale is not None:
            if not isinstance(new_scale, float):
                if new_scale.numel() != 1 or new_scale.requires_grad:
                    raise AssertionError(
                        "new_scale should be a float or a 1-element torch.cuda.FloatTensor or torch.FloatTensor with "
                        "requires_grad=False."
                    )
                new_scale = float(new_scale.item())
            self._scale = np.float32(new_scale)
        else:
            found = [each.found_inf for each in self._progress.values() if each.found_inf is not None]
            if not found:
                raise AssertionError("No inf checks were recorded prior to update.")
            self._adapt(any(found))
        self._progress = {}

    def _adapt(self, found_inf: bool) -> None:
        if found_inf:
            self._scale = np.float32(self._scale * np.float32(self._backoff_factor))
            self._growth_tracker = 0
            return
        self._growth_tracker += 1
        if self._growth_tracker == self._growth_interval:
            grown = float(self._scale) * self._growth_factor
            if math.isfinite(grown) and grown <= float(np.finfo(np.float32).max):
                self._scale = np.float32(grown)
            self._growth_tracker = 0

    def get_scale(self) -> float:
        """The scale; 1 where the scaler does nothing."""
        return float(self._scale) if self._enabled else 1.0

    def get_growth_factor(self) -> float:
        """What the scale grows by."""
        return self._growth_factor

    def set_growth_factor(self, new_factor: float) -> None:
        """Sets what the scale grows by."""
        self._growth_factor = new_factor

    def get_backoff_factor(self) -> float:
        """What the scale shrinks by."""
        return self._backoff_factor

    def set_backoff_factor(self, new_factor: float) -> None:
        """Sets what the scale shrinks by."""
        self._backoff_factor = new_factor

    def get_growth_interval(self) -> int:
        """After how many good steps in a row the scale grows."""
        return self._growth_interval

    def set_growth_interval(self, new_interval: int) -> None:
        """Sets after how many good steps in a row the scale grows."""
        self._growth_interval = new_interval

    def is_enabled(self) -> bool:
        """Whether it does anything."""
        return self._enabled

    def state_dict(self) -> dict[str, Any]:
        """What `load_state_dict` continues from; empty where the scaler does nothing."""
        if not self._enabled:
            return {}
        return {
            "scale": self.get_scale(),
            "growth_factor": self._growth_factor,
            "backoff_factor": self._backoff_factor,
            "growth_interval": self._growth_interval,
            "_growth_tracker": self._growth_tracker,
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Continues from a state. Raises RuntimeError for an empty one."""
        if not self._enabled:
            return
        if not state_dict:
            raise RuntimeError(
                "The source state dict is empty, possibly because it was saved from a disabled instance of GradScaler."
            )
        self._scale = np.float32(state_dict["scale"])
        self._growth_factor = state_dict["growth_factor"]
        self._backoff_factor = state_dict["backoff_factor"]
        self._growth_interval = state_dict["growth_interval"]
        self._growth_tracker = state_dict["_growth_tracker"]
