"""Where each module of the frameworks finds its names in diptych."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec

from diptych.names import FRAMEWORKS, names_of


@dataclass(frozen=True, slots=True)
class Framework:
    """A top-level package that diptych answers for.

    `home` is the module of diptych that stands for it; a module below is looked for at the same path below `home`.
    `homes` says where others are: by prefix of the path, the longest first, a module below `home` (or, with a colon, of
    the whole package) in which the names are looked for, whatever comes behind the prefix.
    """

    name: str
    version: str
    home: str
    homes: Mapping[str, tuple[str, ...]]

    def sources(self, module: str) -> tuple[str, ...] | None:
        """The modules of diptych in which the names of `module` are looked for, in order; none where the framework has
        the module and diptych nothing for it. None where there is no such module."""
        module = module.replace("tensorflow.compat.v1", "tensorflow")  # the same API
        module = module.replace("tensorflow.python.keras", "tensorflow.keras")
        path = module.partition(".")[2]
        own = f"{self.home}.{path}" if path else self.home
        if _exists(own):
            return (own,)
        if not self._is_known(module):
            return None
        for prefix in _prefixes(path):
            if prefix in self.homes:
                rest = path[len(prefix) :].lstrip(".")
                found = [self._full(home, rest) for home in self.homes[prefix]]
                return tuple(each for each in found if each is not None)
        return ()

    def _full(self, home: str, rest: str) -> str | None:
        """The module of a home: the one that `rest` names below it where there is one, else the home itself."""
        full = home[1:] if home.startswith(":") else f"{self.home}.{home}".rstrip(".")
        for candidate in (f"{full}.{rest}", full):
            if _exists(candidate.rstrip(".")):
                return candidate.rstrip(".")
        return None

    def _is_known(self, module: str) -> bool:
        """Whether the framework has the module, or one below it."""
        path = module.partition(".")[2]
        if any(each == path or each.startswith(f"{path}.") for each in self.homes):
            return True
        if self.name not in FRAMEWORKS:
            return False
        return any(each == module or each.startswith(f"{module}.") for each in names_of(self.name).modules)


def _prefixes(path: str) -> list[str]:
    parts = path.split(".")
    return [".".join(parts[:count]) for count in range(len(parts), 0, -1)]


def _exists(module: str) -> bool:
    if module in sys.modules:
        return True
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # of a parent
        return False


TORCH = Framework(
    "torch",
    "2.13.0",
    "diptych.eager",
    {
        "nn.modules": ("nn",),
        "nn.parameter": ("nn",),
        "nn.utils": ("nn.utils",),
        "optim": ("optim",),
        "autograd": ("autograd",),
        "distributions": ("distributions",),
        "utils.data": ("utils.data",),
        "functional": ("",),
        "random": ("",),
        "tensor": ("",),
    },
)

TENSORFLOW = Framework(
    "tensorflow",
    "1.15.0",
    "diptych.static",
    {
        "compat": ("",),
        "contrib": ("contrib",),
        "contrib.learn.python.learn.datasets.mnist": (":diptych.datasets.tutorials.input_data",),
        "examples.tutorials.mnist": (":diptych.datasets.tutorials",),
        "core.util.event_pb2": (":diptych.events.event",),
        "python.client.device_lib": (":diptych.static.platform.devices",),
        "python.framework": ("", "errors"),
        "python.framework.tensor_shape": (":diptych.static.graphs.shapes",),
        "python.framework.tensor_util": ("contrib.util", ""),
        "python.ops.lookup_ops": ("contrib.lookup", "lookup", ""),
        "python.ops.math_ops": ("math", ""),
        "python.ops.nn_ops": ("nn", ""),
        "python.ops.nn": ("nn", ""),
        "python.ops.rnn": ("nn", ""),
        "python.ops.rnn_cell": ("nn.rnn_cell",),
        "python.ops.init_ops": ("initializers", ""),
        "python.ops": ("", "nn"),
        "python.training": ("train",),
        "python.layers": ("layers",),
        "python.platform": ("",),
        "python.pywrap_tensorflow": (":diptych.static.training.events_writer", "train"),
        "python.client": ("",),
        "python.util": ("",),
        "python": ("",),
    },
)

TORCHVISION = Framework("torchvision", "0.28.0", "diptych.vision", {})

# Modules of other packages that are about a framework alone, and the module that stands for each.
PARTS = {"safetensors.torch": ("torch", "diptych.eager.serialization.tensor_files")}

ALL = {framework.name: framework for framework in (TORCH, TENSORFLOW, TORCHVISION)}
