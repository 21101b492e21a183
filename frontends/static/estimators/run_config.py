"""tf.estimator.RunConfig: where an estimator keeps its files, and how often it writes."""

from __future__ import annotations

import copy
import os
from typing import Any

from diptych.ir import Unsupported, user_location

from ..exports import export
from ..platform.logs import info
from ..running.configuration import ConfigProto
from ..strategies import tf_config
from .arguments import argument_names
from .roles import check_shares, role_of

_USE_DEFAULT: Any = object()
_BOTH = "`save_checkpoints_steps` and `save_checkpoints_secs` cannot be both set."
_REPLACEABLE = [
    "model_dir", "tf_random_seed", "save_summary_steps", "save_checkpoints_steps", "save_checkpoints_secs",
    "session_config", "keep_checkpoint_max", "keep_checkpoint_every_n_hours", "log_step_count_steps",
    "train_distribute", "device_fn", "protocol", "eval_distribute", "experimental_distribute",
    "experimental_max_worker_delay_secs", "session_creation_timeout_secs",
]  # fmt: skip


@export("estimator.RunConfig")
class RunConfig:
    """Options of an estimator. A checkpoint is written every 600 seconds unless told otherwise. `train_distribute` and
    `eval_distribute` are strategies of tf.distribute. Raises ValueError, and Unsupported for several processes that
    share no strategy."""

    def __init__(
        self, model_dir: Any = None, tf_random_seed: int | None = None, save_summary_steps: int = 100,
        save_checkpoints_steps: Any = _USE_DEFAULT, save_checkpoints_secs: Any = _USE_DEFAULT,
        session_config: Any = None, keep_checkpoint_max: int | None = 5, keep_checkpoint_every_n_hours: float = 10000,
        log_step_count_steps: int | None = 100, train_distribute: Any = None, device_fn: Any = None,
        protocol: str | None = None, eval_distribute: Any = None, experimental_distribute: Any = None,
        experimental_max_worker_delay_secs: int | None = None, session_creation_timeout_secs: float = 7200,
    ) -> None:  # fmt: skip
        given = dict(locals())
        steps, seconds = save_checkpoints_steps, save_checkpoints_secs
        if steps is _USE_DEFAULT and seconds is _USE_DEFAULT:
            steps, seconds = None, 600
        steps, seconds = (None if each is _USE_DEFAULT else each for each in (steps, seconds))
        if steps is not None and seconds is not None:
            raise ValueError(_BOTH)
        settings = tf_config.read()
        if settings:
            info("TF_CONFIG environment variable: %s", settings)
        values = {name: given[name] for name in _REPLACEABLE}
        values |= {"save_checkpoints_steps": steps, "save_checkpoints_secs": seconds}
        values["model_dir"] = _model_dir(settings, model_dir)
        _replaced(self, values)
        self._take_strategies(experimental_distribute)
        role = role_of(settings)
        if role.workers > 1:
            check_shares(self._train_distribute, role.workers)
        self._task_type = role.kind
        self._task_id = role.index
        self._global_id_in_cluster = role.number
        self._master = settings.get("session_master", "")
        self._evaluation_master = settings.get("eval_session_master", "")
        self._is_chief = role.is_chief
        self._num_ps_replicas = 0
        self._num_worker_replicas = role.workers
        self._service = settings.get("service")
        self._cluster_spec = role.cluster

    def _take_strategies(self, given: Any) -> None:
        """Takes over those of a tf.contrib.distribute.DistributeConfig. Raises ValueError for one that there is
        already, Unsupported for a cluster elsewhere."""
        if not given:
            return
        if given.remote_cluster:
            raise Unsupported(
                "tf.contrib.distribute.DistributeConfig: remote_cluster is not supported", location=user_location(),
                hint="TF_CONFIG in each process",
            )  # fmt: skip
        for name in ("train_distribute", "eval_distribute"):
            strategy = getattr(given, name)
            if strategy and getattr(self, name):
                raise ValueError(f"Either `{name}` or `experimental_distribute.{name}` can be set.")
            setattr(self, f"_{name}", strategy or getattr(self, name))

    def replace(self, **changes: Any) -> RunConfig:
        """A copy with other values. Raises ValueError for what cannot be replaced."""
        return _replaced(copy.deepcopy(self), changes)


def _declare(name: str) -> None:
    setattr(RunConfig, name, property(lambda self: getattr(self, f"_{name}"), doc=f"The option {name}."))


for _name in [
    *_REPLACEABLE, "cluster_spec", "evaluation_master", "is_chief", "master", "num_ps_replicas",
    "num_worker_replicas", "task_id", "task_type", "global_id_in_cluster", "service",
]:  # fmt: skip
    if _name != "experimental_distribute":
        _declare(_name)


def _replaced(config: RunConfig, changes: dict[str, Any]) -> RunConfig:
    for name, value in changes.items():
        if name not in _REPLACEABLE:
            raise ValueError(f"Replacing {name} is not supported. Allowed properties are {_REPLACEABLE}.")
        setattr(config, f"_{name}", value)
    steps, seconds = config.save_checkpoints_steps, config.save_checkpoints_secs
    if "save_checkpoints_steps" in changes and "save_checkpoints_secs" in changes:
        if steps is not None and seconds is not None:
            raise ValueError(_BOTH)
    elif "save_checkpoints_steps" in changes and steps is not None:
        config._save_checkpoints_secs = None
    elif "save_checkpoints_secs" in changes and seconds is not None:
        config._save_checkpoints_steps = None
    for name, holds, message in _CHECKS:
        value = getattr(config, name)
        if value is not None and not holds(value):
            raise ValueError(message)
    return config


_CHECKS: list[tuple[str, Any, str]] = [
    ("model_dir", bool, "model_dir should be non-empty"),
    *(
        (name, lambda value: value >= 0, f"{name} should be >= 0")
        for name in ("save_summary_steps", "save_checkpoints_steps", "save_checkpoints_secs")
    ),
    ("session_config", lambda value: isinstance(value, ConfigProto), "session_config must be instance of ConfigProto"),
    ("keep_checkpoint_max", lambda value: value >= 0, "keep_checkpoint_max should be >= 0"),
    ("keep_checkpoint_every_n_hours", lambda value: value > 0, "keep_checkpoint_every_n_hours should be > 0"),
    ("log_step_count_steps", lambda value: value > 0, "log_step_count_steps should be > 0"),
    ("tf_random_seed", lambda value: isinstance(value, int), "tf_random_seed must be integer."),
    (
        "experimental_max_worker_delay_secs", lambda value: isinstance(value, int),
        "experimental_max_worker_delay_secs must be an integer if set.",
    ),
    ("session_creation_timeout_secs", lambda value: value > 0, "session_creation_timeout_secs should be > 0"),
    (
        "device_fn", lambda value: callable(value) and argument_names(value) == ["op"],
        'device_fn must be callable with exactly one argument "op".',
    ),
    ("protocol", lambda value: value in ("grpc", "grpc+verbs"), "protocol should be grpc or grpc+verbs"),
]  # fmt: skip


def _model_dir(settings: dict[str, Any], model_dir: Any) -> str | None:
    """The folder that is given, or the one that the environment names."""
    given = None if model_dir is None else os.fspath(model_dir)
    if given == "":
        raise ValueError("model_dir should be non-empty.")
    found = settings.get("model_dir")
    if found == "":
        raise ValueError("model_dir in TF_CONFIG should be non-empty.")
    if found and given and found != given:
        raise ValueError(
            "`model_dir` provided in RunConfig construct, if set, must have the same value as the model_dir in "
            f'TF_CONFIG. model_dir: {given}\nTF_CONFIG["model_dir"]: {found}.\n'
        )
    if found:
        info("Using model_dir in TF_CONFIG: %s", found)
    return given or found
