"""The workloads, one module each: its data, and the same program for every framework.

A module has `TITLE`, `WAIT` (what a timed step ends with: "value" reads its loss, "ready" waits for its result, "none"
leaves waiting to the end of some milliseconds, and steps), and functions `torch(run)`, `tensorflow(run)`, `jax(run)`
and `numpy()` that return a `Step`. `run` is one of `benchmarks.peers`: so PyTorch's program runs on diptych's eager
front end too, and TensorFlow's on its static one. Weights are laid out [in, out], images NCHW; all numbers come from
seeds.

Nothing was made fast for the sake of H1 to H7: they show what programs of other shapes meet. None has a `numpy`.
"""

from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from benchmarks.step import Step


@dataclass(frozen=True)
class Workload:
    """A module, and what its functions are given."""

    label: str
    module: str
    sizes: dict[str, int] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return self._module.TITLE.format(**self.sizes)

    @property
    def wait(self) -> str:
        return self._module.WAIT

    @property
    def is_by_hand(self) -> bool:
        """Whether it is there in plain numpy."""
        return hasattr(self._module, "numpy")

    def step(self, framework: str, *run: Any) -> Step:
        """The workload's step on `framework`: torch, tensorflow, jax or numpy."""
        return getattr(self._module, framework)(*run, **self.sizes)

    @property
    def _module(self) -> Any:
        return import_module(f"benchmarks.workloads.{self.module}")


WORKLOADS = {
    each.label: each
    for each in (
        Workload("W1", "softmax_regression"),
        Workload("W2", "perceptron"),
        Workload("W3", "convolutions"),
        Workload("W4", "transformer"),
        Workload("W4b", "transformer_forward"),
        Workload("W5", "elementwise", {"size": 1 << 24}),
        Workload("W5s", "elementwise", {"size": 1 << 16}),
        Workload("W6", "lstm"),
        Workload("W8-100", "chain", {"count": 100}),
        Workload("W8-1000", "chain", {"count": 1_000}),
        Workload("W8-10000", "chain", {"count": 10_000}),
        Workload("W11", "tiny_network"),
        Workload("H1", "normalized_perceptron"),
        Workload("H2", "strided_convolutions"),
        Workload("H3", "encoder"),
        Workload("H4", "uneven_recurrence"),
        Workload("H5", "statistics"),
        Workload("H6", "bag_of_words"),
        Workload("H7", "autoencoder"),
    )
}
