"""Writes torch.txt and such, the public names of the real frameworks: a line a module, its names after it.

python make_names.py torch        where torch 2.13 is installed
python make_names.py torchvision  where torchvision 0.28 is
python make_names.py tensorflow   where tensorflow-cpu 2.15 is, for its compat.v1
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

LEFT_OUT = ("torch.testing", "torch.ao", "torch.contrib", "torch.package", "torch.export")
CLASSES = {
    "torch": ("Tensor", "nn.Module", "optim.Optimizer"),
    "torchvision": (),
    "tensorflow": ("Tensor", "Variable", "Operation", "Graph", "Session", "TensorShape"),
}


# Packages of TensorFlow 1.15 that later versions no longer have, and modules in them that programs import.
CONTRIB = """
    autograph batching bayesflow boosted_trees boosted_trees.estimator_batch boosted_trees.estimator_batch.estimator
    boosted_trees.proto boosted_trees.proto.learner_pb2 checkpoint cluster_resolver coder compiler
    constrained_optimization crf cudnn_rnn cudnn_rnn.python cudnn_rnn.python.ops data distribute distributions eager
    eager.python eager.python.tfe estimator factorization feature_column framework gan graph_editor grid_rnn image
    input_pipeline integrate keras kernel_methods labeled_tensor layers layers.python layers.python.layers learn
    learn.python learn.python.learn legacy_seq2seq linear_optimizer lookup losses metrics mixed_precision model_pruning
    nccl nearest_neighbor nn opt optimizer_v2 periodic_resample predictor quantize receptive_field recurrent resampler
    rnn rnn.python rnn.python.ops saved_model seq2seq seq2seq.python seq2seq.python.ops session_bundle slim slim.nets
    slim.python slim.python.slim slim.python.slim.nets solvers sparsemax specs staging stateless summary tensor_forest
    tensor_forest.python tensor_forest.python.tensor_forest tensorboard tensorboard.plugins
    tensorboard.plugins.projector tensorrt testing timeseries tpu training training.python util
"""
# What is known of the names in such packages.
CONTRIB_NAMES = {
    "cluster_resolver": """
        ClusterResolver GCEClusterResolver KubernetesClusterResolver SimpleClusterResolver SlurmClusterResolver
        TFConfigClusterResolver TPUClusterResolver UnionClusterResolver
    """,
    "distribute": """
        AllReduceCrossDeviceOps CollectiveAllReduceStrategy CrossDeviceOps DistributeConfig DistributionStrategy
        DistributionStrategyExtended MirroredStrategy Monitor MultiWorkerAllReduce OneDeviceStrategy
        ParameterServerStrategy ReductionToOneDeviceCrossDeviceOps ReplicaContext StandardInputStep
        StandardSingleLossStep Step TPUStrategy UpdateContext get_cross_replica_context get_distribution_strategy
        get_loss_reduction get_replica_context get_strategy has_distribution_strategy has_strategy
        in_cross_replica_context initialize_tpu_system require_replica_context run_standard_tensorflow_server
    """,
}
# Private modules of PyTorch that programs import.
PRIVATE_TORCH = (
    "torch._dynamo", "torch.distributed._tensor", "torch.distributed._tensor.device_mesh",
    "torch.distributed.algorithms._checkpoint", "torch.distributed.algorithms._checkpoint.checkpoint_wrapper",
    "torch.utils._pytree",
)  # fmt: skip
OTHERS = [
    "compat",
    "compat.v1",
    "examples",
    "examples.tutorials",
    "examples.tutorials.mnist",
    "examples.tutorials.mnist.input_data",
]
PRIVATE = ("client", "framework", "layers", "ops", "platform", "saved_model", "summary", "training", "util")


def private_modules() -> list[str]:
    """The modules of tensorflow.python that programs reach into, by their files' names."""
    folder = Path(importlib.import_module("tensorflow.python").__file__).parent
    found = ["python", *(f"python.{part}" for part in PRIVATE), "core", "core.util", "core.util.event_pb2"]
    for part in PRIVATE:
        files = sorted((folder / part).glob("*.py"))
        found += [f"python.{part}.{file.stem}" for file in files if not file.stem.startswith("_")]
    return [*found, "core.framework", "core.framework.summary_pb2", "core.framework.graph_pb2", "core.protobuf",
            "core.protobuf.config_pb2", "python.pywrap_tensorflow", "python.tools", "python.keras"]  # fmt: skip


def is_public(module: ModuleType, name: str, value: Any) -> bool:
    """Whether a name belongs to the module's API, and is not just imported there."""
    if name.startswith("_") or isinstance(value, ModuleType):
        return False
    origin = getattr(value, "__module__", None)
    if name in (getattr(module, "__all__", None) or ()):
        return True
    return origin is None or not isinstance(origin, str) or origin.split(".")[0] == module.__name__.split(".")[0]


def package_modules(package: str) -> dict[str, ModuleType]:
    """All public modules, by name."""
    root = importlib.import_module(package)
    found = {package: root}
    for info in pkgutil.walk_packages(root.__path__, f"{package}."):
        private = any(part.startswith("_") for part in info.name.split("."))
        if not private and not info.name.startswith(LEFT_OUT):
            try:
                found[info.name] = importlib.import_module(info.name)
            except Exception as error:  # what is missing on this machine
                print(f"{info.name}: {error}", file=sys.stderr)
    return found


def tensorflow_modules() -> dict[str, ModuleType]:
    """The modules of the version-1 API, by the names that they had then."""
    pending = {"tensorflow": importlib.import_module("tensorflow.compat.v1")}
    found: dict[str, ModuleType] = {}
    while pending:
        name, module = pending.popitem()
        found[name] = module
        for part, value in vars(module).items():
            inner = f"{name}.{part}"
            is_module = isinstance(value, ModuleType) and ("tensorflow" in value.__name__ or "keras" in value.__name__)
            is_new = part[0] != "_" and "compat" not in part and inner.count(".") < 5 and value not in found.values()
            if is_module and is_new:
                pending[inner] = value
    return found


def main(framework: str) -> None:
    warnings.simplefilter("ignore")
    modules = tensorflow_modules() if framework == "tensorflow" else package_modules(framework)
    lines: list[str] = []
    for name, module in sorted(modules.items()):
        own = vars(module)
        names = {part for part, value in own.items() if framework == "tensorflow" or is_public(module, part, value)}
        names |= {part for part in getattr(module, "__all__", ()) if isinstance(part, str)}
        lines.append(" ".join([f"{name}:", *sorted(part for part in names if not part.startswith("_"))]))
    if framework == "tensorflow":
        paths = [*OTHERS, "contrib", *(f"contrib.{path}" for path in CONTRIB.split()), *private_modules()]
        known = {f"contrib.{package}": names.split() for package, names in CONTRIB_NAMES.items()}
        lines.extend(" ".join([f"tensorflow.{path}:", *known.get(path, ())]) for path in sorted(paths))
    elif framework == "torch":
        lines.extend(f"{name}:" for name in PRIVATE_TORCH)
    root = modules[framework]
    for path in CLASSES[framework]:
        value: Any = root
        for part in path.split("."):
            value = getattr(value, part)
        names = [part for part in dir(value) if not part.startswith("_")]
        lines.append(" ".join([f"{framework}.{path}()", *sorted(names)]))
    (Path(__file__).parent / f"{framework}.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
