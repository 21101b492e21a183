"""TensorFlow 1's static graph: `import diptych.static as tf`.

Programs build a graph of operations and run parts of it in a session. A run is lowered to the IR, compiled and cached.
"""

import importlib as _importlib
import pkgutil as _pkgutil
import sys as _sys
from typing import Any as _Any

from . import namespaces as _namespaces

# Each module declares, by @export, what the API has of it; names of modules are no names of the API.
for _found in _pkgutil.walk_packages(__path__, f"{__name__}."):
    _importlib.import_module(_found.name)
    globals().pop(_found.name.rpartition(".")[2], None)

_namespaces.build(_sys.modules[__name__])

__version__ = "1.15.0"  # of TensorFlow, whose behaviour this is
VERSION = __version__


def __getattr__(name: str) -> _Any:
    if name.startswith("__"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    raise _namespaces.missing(__name__, name)
