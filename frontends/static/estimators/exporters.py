"""tf.estimator.Exporter: what becomes of a model after an evaluation."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from typing import Any

from ..exports import export
from ..platform.logs import info


@export("estimator.Exporter")
class Exporter:
    """A subclass has a `name`, and `export`s an estimator."""

    @property
    def name(self) -> str:
        """The folder's name below export/."""
        raise NotImplementedError

    def export(
        self, estimator: Any, export_path: str, checkpoint_path: str, eval_result: Any, is_the_final_export: bool
    ) -> Any:
        """Exports the model of a checkpoint; the path it went to, or None."""
        raise NotImplementedError


class _SavedModelExporter(Exporter):
    def __init__(
        self, name: str, serving_input_receiver_fn: Callable[..., Any], assets_extra: Any = None, as_text: bool = False
    ) -> None:
        self._name = name
        self._serving_input_receiver_fn = serving_input_receiver_fn
        self._assets_extra = assets_extra
        self._as_text = as_text

    @property
    def name(self) -> str:
        return self._name

    def _exported(self, estimator: Any, export_path: str, checkpoint_path: str) -> Any:
        os.makedirs(export_path, exist_ok=True)
        return estimator.export_saved_model(
            export_path, self._serving_input_receiver_fn, assets_extra=self._assets_extra, as_text=self._as_text,
            checkpoint_path=checkpoint_path,
        )  # fmt: skip


def _keep_latest(folder: str, count: int | None) -> None:
    """Removes all exports, whose names are times, but for the latest."""
    if count is None:
        return
    found = sorted((name for name in os.listdir(folder) if name.isdigit()), key=int)
    for name in found[: max(len(found) - count, 0)]:
        shutil.rmtree(os.path.join(folder, name))


def _check_count(count: int | None) -> None:
    if count is not None and count <= 0:
        raise ValueError("`exports_to_keep`, if provided, must be positive number")


@export("estimator.LatestExporter")
class LatestExporter(_SavedModelExporter):
    """Exports after each evaluation, and keeps the last few. Raises ValueError."""

    def __init__(
        self, name: str, serving_input_receiver_fn: Callable[..., Any], assets_extra: Any = None,
        as_text: bool = False, exports_to_keep: int | None = 5,
    ) -> None:  # fmt: skip
        super().__init__(name, serving_input_receiver_fn, assets_extra, as_text)
        _check_count(exports_to_keep)
        self._exports_to_keep = exports_to_keep

    def export(
        self, estimator: Any, export_path: str, checkpoint_path: str, eval_result: Any, is_the_final_export: bool
    ) -> Any:
        found = self._exported(estimator, export_path, checkpoint_path)
        _keep_latest(export_path, self._exports_to_keep)
        return found


@export("estimator.FinalExporter")
class FinalExporter(_SavedModelExporter):
    """Exports at the end of training."""

    def export(
        self, estimator: Any, export_path: str, checkpoint_path: str, eval_result: Any, is_the_final_export: bool
    ) -> Any:
        if not is_the_final_export:
            return None
        info("Performing the final export in the end of training.")
        return self._exported(estimator, export_path, checkpoint_path)


def _loss_smaller(best_eval_result: Any, current_eval_result: Any) -> bool:
    for which, result in (("best_eval_result", best_eval_result), ("current_eval_result", current_eval_result)):
        if not result or "loss" not in result:
            raise ValueError(f"{which} cannot be empty or no loss is found in it.")
    return best_eval_result["loss"] > current_eval_result["loss"]


@export("estimator.BestExporter")
class BestExporter(_SavedModelExporter):
    """Exports where an evaluation is better than all before, by `compare_fn(best_eval_result, current_eval_result)`.
    Raises ValueError."""

    def __init__(
        self, name: str = "best_exporter", serving_input_receiver_fn: Any = None,
        event_file_pattern: str = "eval/*.tfevents.*", compare_fn: Callable[[Any, Any], bool] = _loss_smaller,
        assets_extra: Any = None, as_text: bool = False, exports_to_keep: int | None = 5,
    ) -> None:  # fmt: skip
        if compare_fn is None:
            raise ValueError("`compare_fn` must not be None.")
        super().__init__(name, serving_input_receiver_fn, assets_extra, as_text)
        _check_count(exports_to_keep)
        self._compare_fn = compare_fn
        self._exports_to_keep = exports_to_keep
        self._best: Any = None

    def export(
        self, estimator: Any, export_path: str, checkpoint_path: str, eval_result: Any, is_the_final_export: bool
    ) -> Any:
        if self._best is not None and not self._compare_fn(
            best_eval_result=self._best, current_eval_result=eval_result
        ):
            return None
        info("Performing best model export.")
        self._best = eval_result
        found = self._exported(estimator, export_path, checkpoint_path)
        _keep_latest(export_path, self._exports_to_keep)
        return found
