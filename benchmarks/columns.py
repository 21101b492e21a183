"""The columns of the table: a way to run the workloads, and the environment that it wants."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from benchmarks.step import Step
from benchmarks.workloads import Workload

BY_HAND = "numpy by hand"  # of workloads that are there so
NATIVE = {"OPENBLAS_CORETYPE": None, "OPENBLAS_L2_SIZE": None, "OPENBLAS_NUM_THREADS": None}  # None takes it away

ON_JAX: dict[str, str | None] = {**NATIVE, "DIPTYCH_BACKEND": "jax"}


@dataclass(frozen=True)
class Column:
    """`make(workload)` gives its step. `environment` names the Python that has the framework; diptych's own is "here".
    `versions()` is what to note of it."""

    name: str
    environment: str
    make: Callable[[Workload], Step]
    modules: tuple[str, ...]
    variables: dict[str, str | None] = field(default_factory=lambda: dict(NATIVE))


def _diptych_static(workload: Workload) -> Step:
    import diptych.static as tf

    from benchmarks.peers.tensorflow_steps import TensorFlowSteps

    return workload.step("tensorflow", TensorFlowSteps(tf))


def _diptych_eager(workload: Workload, *, compiled: bool = False) -> Step:
    import diptych.eager as torch

    from benchmarks.peers.torch_steps import TorchSteps

    return workload.step("torch", TorchSteps(torch, compiled=compiled))


def _diptych_compiled(workload: Workload) -> Step:
    return _diptych_eager(workload, compiled=True)


def _torch(workload: Workload, *, compiled: bool = False) -> Step:
    import torch

    from benchmarks.peers.torch_steps import TorchSteps

    return workload.step("torch", TorchSteps(torch, compiled=compiled))


def _tensorflow(workload: Workload) -> Step:
    import tensorflow

    from benchmarks.peers.tensorflow_steps import TensorFlowSteps

    tf: Any = tensorflow.compat.v1
    tf.disable_v2_behavior()
    return workload.step("tensorflow", TensorFlowSteps(tf))


def _jax(workload: Workload) -> Step:
    from benchmarks.peers.jax_steps import JaxSteps

    return workload.step("jax", JaxSteps())


COLUMNS = {
    column.name: column
    for column in (
        Column("diptych static", "here", _diptych_static, ("numpy",)),
        Column("diptych compiled", "here", _diptych_compiled, ("numpy",)),
        Column("diptych eager", "here", _diptych_eager, ("numpy",)),
        Column("diptych static on jax", "here", _diptych_static, ("jax",), ON_JAX),
        Column("diptych compiled on jax", "here", _diptych_compiled, ("jax",), ON_JAX),
        Column("diptych eager on jax", "here", _diptych_eager, ("jax",), ON_JAX),
        Column(BY_HAND, "here", lambda workload: workload.step("numpy"), ("numpy",)),
        Column("jax.jit", "jax", _jax, ("jax",)),
        Column("PyTorch eager", "torch", _torch, ("torch",), {}),
        Column("torch.compile", "torch", lambda workload: _torch(workload, compiled=True), ("torch",), {}),
        Column("TensorFlow graph", "tensorflow", _tensorflow, ("tensorflow",), {"TF_CPP_MIN_LOG_LEVEL": "2"}),
    )
}
