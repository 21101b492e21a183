"""Evaluations of an estimator's checkpoints: each once, on the way of a training or in a process beside it."""

from __future__ import annotations

import os
import time
from typing import Any

from ..platform.logs import info, warning
from .evaluating import STEP

_MISSING, _NOT_NEW = "missing checkpoint", "no new checkpoint"
_WARNINGS = {
    _MISSING: "Estimator is not trained yet. Will start an evaluation when a checkpoint is ready.",
    _NOT_NEW: "No new checkpoint ready for evaluation. Skip the current evaluation pass as evaluation results are "
    "expected to be same for the same checkpoint.",
}
_SECONDS_BETWEEN_WARNINGS = 600


class CheckpointEvaluator:
    """Evaluates the last checkpoint as an EvalSpec says. `metrics` and what exporters gave, `exported`, are those of
    the last evaluation, and None before."""

    def __init__(self, estimator: Any, train_spec: Any, eval_spec: Any) -> None:
        self._estimator = estimator
        self._most = train_spec.max_steps
        self._spec = eval_spec
        self._evaluated: str | None = None
        self.metrics: dict[str, Any] | None = None
        self.exported: list[Any] | None = None

    def evaluate(self) -> str | None:
        """Evaluates, unless that was done with the last checkpoint, or there is none: it says so then."""
        path = self._estimator.latest_checkpoint()
        if path is None or path == self._evaluated:
            return _MISSING if path is None else _NOT_NEW
        self.metrics = self._estimator.evaluate(
            self._spec.input_fn, self._spec.steps, self._spec.hooks, path, self._spec.name
        )
        self._evaluated = path
        is_last = bool(self._most) and self.metrics[STEP] >= self._most
        folder = os.path.join(self._estimator.model_dir, "export")
        self.exported = [
            each.export(
                estimator=self._estimator, export_path=os.path.join(folder, each.name), checkpoint_path=path,
                eval_result=self.metrics, is_the_final_export=is_last,
            )
            for each in self._spec.exporters
        ]  # fmt: skip
        return None


def evaluate_until_trained(
    evaluator: CheckpointEvaluator, max_steps: int | None, start_delay_secs: float, throttle_secs: float
) -> None:
    """Evaluates what other processes train, a checkpoint not more often than every `throttle_secs`, until one has made
    `max_steps` steps; without that for ever."""
    if start_delay_secs:
        info("Waiting %f secs before starting eval.", start_delay_secs)
        time.sleep(start_delay_secs)
    warned = float("-inf")
    while True:
        begin = time.monotonic()
        missing = evaluator.evaluate()
        if missing is None:
            warned = float("-inf")
            step = (evaluator.metrics or {}).get(STEP)
            if step and max_steps and step >= max_steps:
                info("Exiting evaluation, global_step=%s >= train max_steps=%s", step, max_steps)
                return
        elif begin - warned > _SECONDS_BETWEEN_WARNINGS:
            warning("%s", _WARNINGS[missing])
            warned = begin
        rest = throttle_secs - (time.monotonic() - begin)
        if rest > 0:
            info("Waiting %f secs before starting next eval run.", rest)
            time.sleep(rest)
