"""tf.train.load_checkpoint and its kin: looking into checkpoints without a graph."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from ..exports import export
from ..graphs.dtypes import DType
from .bundles import BundleReader
from .management import latest_checkpoint


@export("train.NewCheckpointReader")
class CheckpointReader:
    """Reads the checkpoint of a path. Raises NotFoundError where there is none, DataLossError where it is damaged."""

    def __init__(self, filepattern: str) -> None:
        self._bundle = BundleReader(os.fspath(filepattern))

    def has_tensor(self, tensor_str: str) -> bool:
        """Whether there is a tensor of this name."""
        return self._bundle.has(tensor_str)

    def get_tensor(self, tensor_str: str) -> Any:
        """The elements of a tensor; of a scalar numpy's scalar. Raises NotFoundError, DataLossError."""
        found = self._bundle.read(tensor_str)
        return found if found.ndim else found[()]

    def get_variable_to_shape_map(self) -> dict[str, list[int]]:
        """The names, each with its shape."""
        return {name: list(self._bundle.shape(name)) for name in self._bundle.names()}

    def get_variable_to_dtype_map(self) -> dict[str, DType]:
        """The names, each with its dtype."""
        return {name: self._bundle.dtype(name) for name in self._bundle.names()}

    def debug_string(self) -> bytes:
        """A line for each tensor: name, dtype and shape."""
        lines = [
            f"{name} (DT_{self._bundle.dtype(name).name.upper()}) [{','.join(map(str, self._bundle.shape(name)))}]\n"
            for name in self._bundle.names()
        ]
        return "".join(lines).encode()


@export("train.load_checkpoint")
def load_checkpoint(ckpt_dir_or_file: str) -> CheckpointReader:
    """A reader of a checkpoint, or of the last one in a folder. Raises ValueError where the folder has none."""
    path = os.fspath(ckpt_dir_or_file)
    if os.path.isdir(path):
        found = latest_checkpoint(path)
        if found is None:
            raise ValueError(f"Couldn't find 'checkpoint' file or checkpoints in given directory {path}")
        path = found
    return CheckpointReader(path)


@export("train.load_variable", "contrib.framework.load_variable")
def load_variable(ckpt_dir_or_file: str, name: str) -> np.ndarray[Any, Any]:
    """The elements of one tensor of a checkpoint."""
    return load_checkpoint(ckpt_dir_or_file).get_tensor(name.removesuffix(":0"))


@export("train.list_variables", "contrib.framework.list_variables")
def list_variables(ckpt_dir_or_file: str) -> list[tuple[str, list[int]]]:
    """(name, shape) of each tensor of a checkpoint, by name."""
    return sorted(load_checkpoint(ckpt_dir_or_file).get_variable_to_shape_map().items())
