"""What is noted of training with the eager front end: which parameters ever have a gradient when an optimizer steps."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from diptych.ir import Location, located
from diptych.ir.location import scope_finders


@dataclass(slots=True)
class Steps:
    """Those of one optimizer: the line, and for each parameter that wants a gradient whether it ever had one."""

    place: Location
    parameters: dict[Any, bool] = field(default_factory=dict[Any, bool])


class Training:
    """What was noted. Front ends ask where in the user's model a call stands whenever it is new in what was recorded:
    which parameters an optimizer changes decides that, so that all kinds of steps are seen."""

    def __init__(self) -> None:
        self.optimizers: dict[Any, Steps] = {}
        self.models: dict[Any, None] = {}  # modules that no other one calls
        self._frame: FrameType | None = None  # of the last step

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Looks at what is recorded within the block."""
        scope_finders.insert(0, self._look)
        try:
            yield
        finally:
            scope_finders.remove(self._look)

    def names(self) -> dict[Any, str]:
        """Parameters by their names in the models."""
        found: dict[Any, str] = {}
        for model in self.models:
            for name, parameter in model.named_parameters():
                found.setdefault(parameter, name)
        return found

    def _look(self, frame: FrameType | None) -> str:
        """Notes the step or the model that a call is recorded in, from the inside out; finds no scope itself."""
        modules, optimizers = (sys.modules.get(f"diptych.eager.{name}") for name in ("nn.module", "optim.optimizer"))
        if modules is None or optimizers is None:
            return ""
        called = modules.Module.__call__.__code__
        model = None
        while frame is not None:
            if frame.f_code is called:
                model = frame.f_locals["self"]
            elif frame.f_code.co_name == "stepped" and frame.f_globals is vars(optimizers):
                if frame is not self._frame:
                    self._frame = frame
                    self._step(frame.f_locals["self"], frame)
                break
            frame = frame.f_back
        if model is not None:
            self.models[model] = None
        return ""

    def _step(self, optimizer: Any, frame: FrameType) -> None:
        steps = self.optimizers.get(optimizer)
        if steps is None:
            steps = self.optimizers[optimizer] = Steps(_user(frame))
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                if parameter.requires_grad:
                    had = steps.parameters.get(parameter, False)
                    steps.parameters[parameter] = had or parameter.grad is not None


def _user(frame: FrameType) -> Location:
    """The line outside of the package that a frame was called from."""
    outer = frame.f_back
    while outer is not None and outer.f_globals.get("__name__", "").startswith("diptych."):
        outer = outer.f_back
    outer = outer or frame
    return located(outer.f_code.co_filename, outer.f_lineno)
