"""Modules that stand for the frameworks': who is answered, who is left alone, and how the modules behave."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


def run(code: str, folder: Path | None = None, **environment: str) -> str:
    """What a fresh interpreter prints that runs `code` after installing."""
    import os

    program = "import diptych.replace\ndiptych.replace.install()\n" + code
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=folder, env={**os.environ, **environment}
    )
    assert found.returncode == 0, found.stderr
    return found.stdout.strip()


def fake(folder: Path, name: str) -> None:
    """A package that stands beside and tells when it is imported."""
    (folder / name).mkdir()
    (folder / name / "__init__.py").write_text(f"print('the real {name}')\nORIGIN = 'real'\n")
    (folder / name / "nn.py").write_text(f"print('the real {name}.nn')\n")


@pytest.mark.parametrize("name", ["torch", "tensorflow", "torchvision"])
def test_a_real_framework_beside_stays_unimported(name: str, tmp_path: Path) -> None:
    fake(tmp_path, name)
    assert run(f"import importlib.util as u; print(u.find_spec({name!r}).origin)", tmp_path) == "diptych"


def test_modules_below_come_from_diptych_alone(tmp_path: Path) -> None:
    fake(tmp_path, "torch")
    (tmp_path / "torch" / "extra.py").write_text("print('the real torch.extra')\n")
    code = "import torch.nn\ntry:\n    import torch.extra\nexcept ModuleNotFoundError as error:\n    print(error)"
    assert run(code, tmp_path) == "No module named 'torch.extra'"


def test_what_is_imported_already_stays(tmp_path: Path) -> None:
    fake(tmp_path, "torch")
    code = (
        "import sys; sys.path.insert(0, '.'); diptych.replace.uninstall(); import torch; diptych.replace.install()\n"
        "import torch; print(torch.ORIGIN)"
    )
    assert run(code, tmp_path).splitlines()[-1] == "real"


@pytest.mark.parametrize("way", ["argument", "environment"])
def test_kept_names_go_to_others(way: str, tmp_path: Path) -> None:
    fake(tmp_path, "torchvision")
    code = "import sys; sys.path.insert(0, '.')\n"
    if way == "argument":
        code += "diptych.replace.install(keep=['torchvision'])\n"
    code += "import torch, torchvision; print(torchvision.ORIGIN, torch.__version__)"
    found = run(code, tmp_path, DIPTYCH_KEEP="a,torchvision" if way == "environment" else "")
    assert found.splitlines()[-1] == "real 2.13.0"


def test_modules_are_modules() -> None:
    code = """
import types, sys, torch, torch.nn as nn, torch.nn.functional as F
from torch.nn.modules.linear import Linear
from torch.optim.optimizer import Optimizer
print(isinstance(torch, types.ModuleType), torch.nn is nn is sys.modules["torch.nn"], torch.nn.functional is F)
print(Linear is nn.Linear, Optimizer is torch.optim.Optimizer, "Linear" in dir(nn), "_sources" in dir(nn))
print(torch.__name__, torch.__version__, torch.__spec__.name, torch.nn.__package__)
"""
    assert run(code).splitlines() == ["True True True", "True True True False", "torch 2.13.0 torch torch.nn"]


def test_modules_say_where_they_lie() -> None:
    code = "import os, torch, tensorflow as tf\nprint(*(os.path.basename(os.path.dirname(m.__file__)) for m in (torch, tf)))"
    assert run(code) == "eager static"


def test_submodules_need_no_import_of_their_own() -> None:
    assert run("import torch; print(torch.nn.functional.relu.__name__, torch.optim.SGD.__name__)") == "relu SGD"


def test_modules_of_torch_nn_have_their_names_wherever_diptych_keeps_them() -> None:
    code = """
import torch
from torch.nn.modules.activation import MultiheadAttention, ReLU
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.linear import NonDynamicallyQuantizableLinear
from torch.nn.modules.module import Module, register_module_forward_hook
from torch.nn.utils.parametrize import register_parametrization
print(MultiheadAttention is torch.nn.MultiheadAttention, ReLU is torch.nn.ReLU, Module is torch.nn.Module)
print(torch.nn.modules.pixelshuffle.PixelShuffle is torch.nn.PixelShuffle, issubclass(torch.nn.BatchNorm1d, _BatchNorm))
"""
    assert run(code).splitlines() == ["True True True", "True True"]


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("import tensorflow as tf", "tf.keras.datasets.mnist"),
        ("from tensorflow.keras.datasets import mnist", "mnist"),
        ("from tensorflow.python.keras.datasets import mnist", "mnist"),
        ("from tensorflow.keras import datasets", "datasets.mnist"),
        ("import tensorflow.compat.v1 as tf", "tf.keras.datasets.mnist"),
    ],
)
def test_data_sets_of_keras(statement: str, name: str) -> None:
    assert run(f"{statement}; print({name}.load_data.__module__)") == "diptych.datasets.tutorials.keras.mnist"


def test_modules_deep_inside_of_tensorflow() -> None:
    code = """
from tensorflow.contrib.learn.python.learn.datasets.mnist import read_data_sets
from tensorflow.contrib.learn.python.learn.datasets import mnist
from tensorflow.python.ops import lookup_ops
print(read_data_sets is mnist.read_data_sets, lookup_ops.index_to_string_table_from_file.__name__)
"""
    assert run(code) == "True index_to_string_table_from_file"


def test_torch_holds_itself() -> None:
    assert run("import torch; print(torch.torch is torch)") == "True"


def test_both_front_ends_in_one_process() -> None:
    code = """
import numpy as np, torch, tensorflow as tf
x = tf.placeholder(tf.float32, [2])
with tf.Session() as session:
    print(session.run(x * 2, {x: torch.ones(2).numpy()}).tolist(), tf.__version__)
"""
    assert run(code) == "[2.0, 2.0] 1.15.0"


def test_names_of_version_one_stand_under_compat_too() -> None:
    code = (
        "import tensorflow as tf, tensorflow.compat.v1 as v1; print(tf.nn.relu is v1.nn.relu is tf.compat.v1.nn.relu)"
    )
    assert run(code) == "True"


def test_private_paths_lead_to_the_api() -> None:
    code = """
from tensorflow.python.framework import ops
from tensorflow.python.ops import math_ops, array_ops
import tensorflow as tf
print(ops.get_default_graph is tf.get_default_graph, math_ops.matmul is tf.matmul, array_ops.reshape is tf.reshape)
"""
    assert run(code) == "True True True"


def test_versions_as_metadata() -> None:
    code = (
        "from importlib.metadata import version; print(version('torch'), version('tensorflow'), version('numpy') > '1')"
    )
    assert run(code) == "2.13.0 1.15.0 True"


def test_star_imports() -> None:
    assert run("from torch.nn import *\nprint(Linear(1, 1).in_features)") == "1"


def test_flags_that_programs_set_reach_the_module() -> None:
    code = """
import torch.nn.functional as F, diptych.eager.nn.functional as own
mine = lambda x: x
F.relu = mine
print(own.relu is mine, F.relu is mine)
"""
    assert run(code) == "True True"


def test_classes_are_subclassed_and_pickled() -> None:
    code = """
import pickle, torch
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(2, 1)
print(isinstance(Net(), nn.Module), pickle.loads(pickle.dumps(nn.Linear)) is nn.Linear, pickle.loads(pickle.dumps(torch.float32)))
"""
    assert run(code) == "True True torch.float32"


def test_uninstall_answers_no_more() -> None:
    code = """
diptych.replace.uninstall()
try:
    import torch
except ModuleNotFoundError as error:
    print(error, diptych.replace.installed())
"""
    assert run(code) == "No module named 'torch' False"


def test_programs_reach_inside_tensorflow() -> None:
    code = (
        "from tensorflow.python.framework import ops, tensor_shape, tensor_util\n"
        "from tensorflow.python.client import device_lib\n"
        "from tensorflow.python import pywrap_tensorflow\n"
        "from tensorflow.core.util import event_pb2\n"
        "x = ops.convert_to_tensor(3)\n"
        "print(x.shape == tensor_shape.scalar(), tensor_util.constant_value(x), event_pb2.Event(step=2).step)\n"
        "print(device_lib.list_local_devices()[0].device_type, pywrap_tensorflow.EventsWriter.__name__)"
    )
    assert run(code).splitlines() == ["True 3 2", "CPU EventsWriter"]


def test_plain_pickles_of_tensors() -> None:
    path = Path(__file__).parents[1] / "eager" / "serialization" / "files" / "plain.pickle"
    code = f"""
import pickle, torch
found = pickle.load(open({str(path)!r}, "rb"))
print(found["base"].tolist() == torch.arange(12.0).view(3, 4).tolist(), found["columns"].stride(), found["row"].tolist())
print(type(found["parameter"]).__name__, found["parameter"].tolist(), found["leaf"].requires_grad, found["ints"])
print(found["size"], found["dtype"], found["device"])
"""
    assert run(code).splitlines() == [
        "True (1, 4) [4.0, 5.0, 6.0, 7.0]",
        "Parameter [1.0, 1.0] True tensor([1, 2])",
        "torch.Size([3, 4]) torch.float16 cpu",
    ]


def test_plain_pickles_that_name_old_storages() -> None:
    data = (
        b"\x80\x03ctorch._utils\n_rebuild_tensor\n(ctorch\nLongStorage\n](K\x01K\x02K\x03K\x04e\x85R"
        b"K\x01K\x03\x85K\x01\x85tR."
    )
    code = f"""
import pickle, torch, warnings
with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("always")
    print(pickle.loads({data!r}), pickle.loads(pickle.dumps(torch.LongStorage)) is torch.LongStorage)
print(len(told), str(told[0].message)[:26])
"""
    assert run(code).splitlines() == ["tensor([2, 3, 4]) True", "1 TypedStorage is deprecated"]
