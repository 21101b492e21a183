"""What an estimator is given, and gives, checked, in TensorFlow's words."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from typing import Any

from ..monitored.hook import SessionRunHook
from ..monitored.saving_hooks import CheckpointSaverListener
from ..platform.logs import info, warning
from ..running.configuration import ConfigProto
from .arguments import argument_names
from .run_config import RunConfig

Hooks = Sequence[SessionRunHook] | None
_MAY_BE_OVERRIDDEN = {"model_fn", "_create_and_assert_global_step", "_export_all_saved_models"}

_MODEL_ARGUMENTS = {"features", "labels", "mode", "params", "self", "config"}


def configured(config: Any, model_dir: Any) -> RunConfig:
    """The options with a folder in them: the one given, or a new one. Raises ValueError."""
    if config is None:
        config = RunConfig()
        info("Using default config.")
    if not isinstance(config, RunConfig):
        raise ValueError(f"config must be an instance of `RunConfig`, but provided {config}.")
    if config.session_config is None:
        config = config.replace(session_config=ConfigProto(allow_soft_placement=True))
    path = None if model_dir is None else os.fspath(model_dir)
    if path is not None and config.model_dir is not None and config.model_dir != path:
        raise ValueError(
            "`model_dir` are set both in constructor and `RunConfig`, but with different values. In constructor: "
            f"'{path}', in `RunConfig`: '{config.model_dir}' "
        )
    if path:
        return config.replace(model_dir=path)
    if config.model_dir is None:
        path = tempfile.mkdtemp()
        warning("Using temporary folder as model directory: %s", path)
        return config.replace(model_dir=path)
    return config


def check_model_fn(model_fn: Callable[..., Any], params: Any) -> None:
    names = set(argument_names(model_fn))
    if "features" not in names:
        raise ValueError(f"model_fn ({model_fn}) must include features argument.")
    if params is not None and "params" not in names:
        raise ValueError(
            f"model_fn ({model_fn}) does not include params argument, but params ({params}) is passed to Estimator."
        )
    if params is None and "params" in names:
        warning("Estimator's model_fn (%s) includes params argument, but params are not passed to Estimator.", model_fn)
    others = list(names - _MODEL_ARGUMENTS)
    if others:
        raise ValueError(f"model_fn ({model_fn}) has following not expected args: {others}")


def check_members(kind: type, base: type) -> None:
    """Raises ValueError for a subclass that overrides what is not meant to be."""
    theirs = {name for name in vars(base) if not name.startswith("__")} & set(vars(kind))
    overridden = [name for name in theirs - _MAY_BE_OVERRIDDEN if getattr(base, name) is not getattr(kind, name)]
    if overridden:
        raise ValueError(
            f"Subclasses of Estimator cannot override members of Estimator. {kind} does override {overridden}"
        )


def checked_hooks(hooks: Hooks) -> list[SessionRunHook]:
    found = list(hooks or [])
    for hook in found:
        if not isinstance(hook, SessionRunHook):
            raise TypeError(f"Hooks must be a SessionRunHook, given: {hook}")
    return found


def checked_listeners(listeners: Any) -> list[CheckpointSaverListener]:
    found = list(listeners or [])
    for listener in found:
        if not isinstance(listener, CheckpointSaverListener):
            raise TypeError(f"saving_listeners must be a list of CheckpointSaverListener, given: {listener}")
    return found


def chosen(predictions: Any, keys: Any) -> Any:
    if not keys:
        return predictions
    if not isinstance(predictions, dict):
        raise ValueError("predict_keys argument is not valid in case of non-dict predictions.")
    found = {key: value for key, value in predictions.items() if key in keys}
    if not found:
        raise ValueError(f"Expected to run at least one output from {predictions.keys()}, provided {keys}.")
    return found


def batch_length(batch: dict[str, Any]) -> int:
    found = None
    for key, value in batch.items():
        found = found or value.shape[0]
        if value.shape[0] != found:
            raise ValueError(
                f"Batch length of predictions should be same. {key} has different batch length than others."
            )
    return found or 0
