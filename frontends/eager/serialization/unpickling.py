"""The pickle in a saved file: what it may name, call and build."""

from __future__ import annotations

import collections
import copyreg
from collections.abc import Callable
from typing import Any

from diptych.pickles import NUMPY_NAMES, Function, Machine, Refused, build_numpy

from ..device import device
from ..dtypes import dtype
from ..nn.parameter import Parameter
from ..optim import Optimizer
from ..size import Size
from ..tensors.tensor import Tensor
from . import known
from .rebuilding import CALLS
from .safe_globals import declared

_BLOCKED = ("sys", "os", "posix", "nt")
_COPIED = (collections.OrderedDict, collections.Counter, set, bytearray, complex, Size, device, frozenset)
_FACTORIES = {f"builtins.{kind.__name__}": kind for kind in (dict, list, set, tuple, int, float, str, bool, object)}
_KEYS = (Tensor, dtype, device, Size)

Persistent = Callable[[Any], Any]


class _Called:
    """A rebuilding call that a file names."""

    def __init__(self, name: str) -> None:
        self.name = name


class Weights(Machine):
    """Tensors and plain containers, and what programs declared to be safe."""

    def __init__(self, data: bytes | memoryview, persistent: Persistent, encoding: str, at: int = 0) -> None:
        super().__init__(data, at)
        self._persistent = persistent
        self.text_encoding = encoding

    def persistent(self, identity: Any) -> Any:
        return self._persistent(identity)

    def named(self, module: str, name: str) -> Any:
        full = known.full_name(module, name)
        if full in CALLS:
            return _Called(full)
        if module in ("torch", "torch.cuda", "torch.storage"):
            storage = known.storage_class(name.rpartition(".")[2])
            if storage is not None:
                return storage
        if full == "_codecs.encode":
            return NUMPY_NAMES["_codecs", "encode"]
        plain = known.plain(full)
        return self.other(module, full) if plain is None else plain

    def other(self, module: str, full: str) -> Any:
        """What stands for a name that not every file may use."""
        if module in _BLOCKED:
            raise Refused(f"Trying to load unsupported GLOBAL {full} whose module {module} is blocked.")
        safe = declared(full, known.found(full))
        if safe is None:
            shown = full.removeprefix("builtins.")
            raise Refused(
                f"Unsupported global: GLOBAL {shown} was not an allowed global by default. Please use "
                f"`torch.serialization.add_safe_globals([{shown}])` or the "
                f"`torch.serialization.safe_globals([{shown}])` context manager to allowlist this global if you trust "
                "this class/function."
            )
        return safe

    def check_key(self, key: Any) -> None:
        if not isinstance(key, _KEYS):
            super().check_key(key)

    def called(self, function: Any, arguments: tuple[Any, ...]) -> Any:
        if isinstance(function, _Called):
            if function.name.endswith("_rebuild_from_type_v2") and arguments and isinstance(arguments[0], _Called):
                arguments = (arguments[0].name, *arguments[1:])
            return CALLS[function.name](*arguments)
        if isinstance(function, Function):
            return function.run(self, *arguments)
        if function in _COPIED:
            return self._copied(function, arguments)
        return self.call_safe(function, arguments)

    def _copied(self, kind: Any, arguments: tuple[Any, ...]) -> Any:
        """A container or number of Python's, or a size or device, of the parts that are given."""
        for argument in arguments:
            if type(argument) is int and kind is bytearray:
                raise Refused("bytes of a length without contents")
            if isinstance(argument, (list, tuple, set, frozenset, dict, bytes, bytearray)):
                self.spend(len(argument))
                if kind not in (bytearray, Size):
                    for item in argument:
                        self.check_key(item[0] if kind is collections.OrderedDict else item)
        return kind(*arguments)

    def call_safe(self, function: Any, arguments: tuple[Any, ...]) -> Any:
        """Calls what the program declared to be safe."""
        if declared("", function) is None:
            raise Refused(f"Trying to call reduce for unrecognized function {function}")
        return function(*arguments)

    def made(self, kind: Any, arguments: tuple[Any, ...]) -> Any:
        if kind is Parameter:
            return Parameter(*arguments)
        if kind in _COPIED:
            return self._copied(kind, arguments)
        return self.make_safe(kind, arguments)

    def make_safe(self, kind: Any, arguments: tuple[Any, ...]) -> Any:
        """Makes an object of a class that the program declared to be safe."""
        if not isinstance(kind, type) or declared("", kind) is None:
            raise Refused(
                "Can only create new object for nn.Parameter or classes allowlisted via `add_safe_globals` but got "
                f"{kind}"
            )
        return kind.__new__(kind, *arguments)

    def built(self, target: Any, state: Any) -> None:
        if type(target) is collections.OrderedDict:
            target.__dict__.update(state)
        elif not self.build_numpy(target, state):
            self.build_safe(target, state)

    def build_numpy(self, target: Any, state: Any) -> bool:
        """Whether it was an array or dtype of numpy."""
        return build_numpy(self, target, state)

    def build_safe(self, target: Any, state: Any) -> None:
        """Gives an object of a class that the program declared to be safe its state."""
        if declared("", type(target)) is None:
            raise Refused(
                "Can only build Tensor, Parameter, OrderedDict or types allowlisted via `add_safe_globals`, but got "
                f"{type(target)}"
            )
        if hasattr(type(target), "__setstate__"):
            target.__setstate__(state)
        else:
            _set_state(target, state)


class Everything(Weights):
    """Arrays of numpy too, and objects of classes that the program has imported. They are made without their
    constructors, and get their attributes one by one: nothing of them is called."""

    dict_types = (*Weights.dict_types, collections.defaultdict)

    def other(self, module: str, full: str) -> Any:
        """What stands for a name that not every file may use."""
        if full == "copyreg._reconstructor":
            return copyreg._reconstructor
        if full in _FACTORIES:
            return _FACTORIES[full]
        path, _, name = full.rpartition(".")
        if (path, name) in NUMPY_NAMES:
            return NUMPY_NAMES[path, name]
        target = known.found(full)
        if target is None:
            raise Refused(
                f"it names {full}, which this program has not imported, or which is no class or function that a file "
                "may hold"
            )
        return target

    def call_safe(self, function: Any, arguments: tuple[Any, ...]) -> Any:
        """Makes objects and containers; calls nothing."""
        if function is copyreg._reconstructor and len(arguments) == 3 and arguments[1] is object:
            return self.make_safe(arguments[0], ())
        if function in (collections.defaultdict, collections.deque):
            return self._filled(function, arguments)
        raise Refused(f"it calls {getattr(function, '__qualname__', function)}, and no code is run for a file")

    def _filled(self, kind: Any, arguments: tuple[Any, ...]) -> Any:
        if kind is collections.defaultdict:
            if arguments and arguments[0] is not None and arguments[0] not in _FACTORIES.values():
                raise Refused("a dict's default is no container")
            return collections.defaultdict(*arguments[:1])
        found = collections.deque(*arguments)
        self.spend(len(found))
        return found

    def make_safe(self, kind: Any, arguments: tuple[Any, ...]) -> Any:
        """Makes an object, empty."""
        if not isinstance(kind, type):
            raise Refused(f"it makes an object of {kind}, which is no class")
        if issubclass(kind, tuple) and hasattr(kind, "_fields"):
            return tuple.__new__(kind, arguments)
        if arguments or not _is_plain(kind):
            raise Refused(f"it makes an object of {kind.__qualname__}, which its constructor alone can make")
        return object.__new__(kind)

    def build_safe(self, target: Any, state: Any) -> None:
        """Gives an object its attributes."""
        if isinstance(target, Optimizer):
            target.__setstate__(state)  # ours: it makes its hooks anew
        elif _is_plain(type(target)):
            _set_state(target, state)
        else:
            raise Refused(f"it builds an object of {type(target).__qualname__}")


def _is_plain(kind: type) -> bool:
    """Whether objects of a class are made of attributes alone."""
    return kind.__new__ is object.__new__ and kind.__flags__ & (1 << 9) != 0


def _set_state(target: Any, state: Any) -> None:
    slots = None
    if isinstance(state, tuple) and len(state) == 2:
        state, slots = state
    if state:
        target.__dict__.update(state)
    for name, value in (slots or {}).items():
        object.__setattr__(target, name, value)
