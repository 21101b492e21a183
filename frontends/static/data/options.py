"""tf.data.Options: accepted, since they change how TensorFlow makes elements and not which."""

from __future__ import annotations

from typing import Any

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


@export("data.experimental.OptimizationOptions", "data.experimental.ThreadingOptions", "data.experimental.StatsOptions")
class OptionGroup:
    """Options of one kind."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return None
