"""tf.data.Options: accepted, since they change how TensorFlow makes elements and not which."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from diptych.backends.processes import process_count
from diptych.ir import Unsupported, user_location

from ..exports import export


@export("data.Options")
class Options:
    """Options of datasets, such as `experimental_deterministic`; any may be set and read again."""

    def __init__(self) -> None:
        self.experimental_deterministic: bool | None = None
        self.experimental_distribute = OptionGroup()
        self.experimental_optimization = OptionGroup()
        self.experimental_slack: bool | None = None
        self.experimental_stats = OptionGroup()
        self.experimental_threading = OptionGroup()

    def merge(self, options: Options) -> Options:
        """These options, replaced by those that another has set."""
        merged = Options()
        for name, value in {**vars(self), **{k: v for k, v in vars(options).items() if v is not None}}.items():
            setattr(merged, name, value)
        return merged


@export("data.experimental.AutoShardPolicy")
class AutoShardPolicy(IntEnum):
    """Who of several processes takes which elements."""

    OFF = -1
    AUTO = 0
    FILE = 1
    DATA = 2


def check_shared(options: Any) -> None:
    """Raises Unsupported where several processes share the elements of data sets, for options that say otherwise."""
    shared = options.experimental_distribute
    if process_count() > 1 and (shared.auto_shard is False or shared.auto_shard_policy in (-1, AutoShardPolicy.FILE)):
        raise Unsupported(
            "tf.data.Options: experimental_distribute must leave it to strategies to give each process its rows of a "
            "batch",
            location=user_location(),
            hint="strategy.make_input_fn_iterator, whose function gives this process's own elements",
        )


@export(
    "data.experimental.DistributeOptions", "data.experimental.OptimizationOptions", "data.experimental.StatsOptions",
    "data.experimental.ThreadingOptions",
)  # fmt: skip
class OptionGroup:
    """Options of one kind."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return None
