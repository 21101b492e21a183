"""Names in saved files, and what they stand for here: no code is in a file, only names of it."""

from __future__ import annotations

import argparse
import collections
import functools
import importlib
import sys
import types
from typing import Any

from diptych.names import names_of

from ..device import device
from ..dtypes import ALL, dtype, uint8
from ..nn.module import Module
from ..nn.parameter import Parameter
from ..size import Size
from ..storage import TypedStorage
from ..tensors.legacy_storage import TYPES
from ..tensors.tensor import Tensor
from ..tensors.untyped_storage import AnyStorage, UntypedStorage

_HERE = "diptych.eager"
_RENAMED = {"torch.tensor": "torch._tensor", "__builtin__": "builtins", "copy_reg": "copyreg"}
_PLAIN: dict[str, Any] = {
    "collections.OrderedDict": collections.OrderedDict, "collections.Counter": collections.Counter,
    "builtins.set": set, "builtins.bytearray": bytearray, "builtins.complex": complex,
    "torch.Size": Size, "torch.Tensor": Tensor, "torch.device": device, "torch.nn.parameter.Parameter": Parameter,
}  # fmt: skip
_DTYPES = {f"torch.{each.name}": each for each in ALL}
_CONTAINERS = (argparse.Namespace, types.SimpleNamespace, collections.defaultdict, collections.deque, frozenset)
_NEVER = frozenset({"builtins", "os", "posix", "nt", "sys", "subprocess"})


def full_name(module: str, name: str) -> str:
    """The name by which a pickle means something."""
    return f"{_RENAMED.get(module, module)}.{name}"


def plain(full: str) -> Any:
    """What a name stands for that every file may use: containers, dtypes, tensors; None of others."""
    return _DTYPES.get(full) or _PLAIN.get(full)


def storage_class(name: str) -> type[AnyStorage] | None:
    """The class of storages of a name."""
    return {"UntypedStorage": UntypedStorage, "TypedStorage": TypedStorage}.get(name) or TYPES.get(name)


def element(kind: Any) -> dtype | None:
    """The dtype of the elements in storages of a class that a file names, bytes of an untyped one; None of what is no
    such class."""
    if kind is UntypedStorage or kind is TypedStorage:
        return uint8
    return next((each.dtype for each in TYPES.values() if each is kind), None)


def found(full: str) -> Any:
    """The class or function of a name: of PyTorch its counterpart here, of others only what the program has imported
    and what is no part of Python. None where there is none."""
    module, _, name = full.rpartition(".")
    if module == "torch" or module.startswith("torch."):
        return _counterpart(module, name)
    if module.partition(".")[0] in _NEVER:
        return None
    owner = sys.modules.get(module)
    target: Any = owner and functools.reduce(lambda part, each: getattr(part, each, None), name.split("."), owner)
    if target in _CONTAINERS:
        return target
    is_pythons = module.partition(".")[0] in sys.stdlib_module_names and module != "__main__"
    is_named = isinstance(target, (type, types.FunctionType))
    return target if is_named and not is_pythons and getattr(target, "__module__", None) == module else None


def _counterpart(module: str, name: str) -> Any:
    from diptych.replace.frameworks import TORCH

    for source in TORCH.sources(module) or ():
        target = getattr(importlib.import_module(source), name, None)
        if isinstance(target, (type, types.FunctionType)):
            return target
    return None


@functools.cache
def _module_of(name: str, own: str) -> str | None:
    """Where PyTorch has the class of a network: in a file as here, where there is one."""
    modules = names_of("torch").modules
    holders = [each for each in modules if each.startswith("torch.nn.modules.") and name in modules[each]]
    same = f"torch.nn.modules.{own}"
    return same if same in holders else next(iter(holders), None)


def saved_name(target: Any) -> tuple[str, str] | None:
    """(module, name) by which a class or function of this package is saved, PyTorch's; None of others."""
    if isinstance(target, dtype):
        return "torch", target.name
    if target is Tensor or target is Size or target is device:
        return "torch", target.__name__
    module, name = getattr(target, "__module__", None) or "", target.__qualname__
    if not module.startswith(_HERE):
        return None
    if target is Parameter:
        return "torch.nn.parameter", name
    rest = module.removeprefix(f"{_HERE}.")
    if isinstance(target, type) and issubclass(target, Module) and rest.startswith("nn."):
        return _module_of(name, rest.rpartition(".")[2]) or f"torch.{rest}", name
    from ..nn import functional

    if getattr(functional, name, None) is target:
        return "torch.nn.functional", name
    return f"torch.{rest}", name
