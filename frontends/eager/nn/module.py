"""`nn.Module`: a tree of parameters, buffers and other modules."""

from __future__ import annotations

from collections import OrderedDict, namedtuple
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .. import dtypes as dtype_module
from ..device import device as device_type
from ..functions.pointwise import cast
from ..hooks import RemovableHandle
from ..mode import no_grad
from ..tensor import Tensor
from .parameter import Parameter

IncompatibleKeys = namedtuple("IncompatibleKeys", ["missing_keys", "unexpected_keys"])


class Module:
    """Base of all networks: define `forward`, assign parameters and modules as attributes, and call the instance."""

    training: bool

    def __init__(self) -> None:
        set_own = super().__setattr__
        set_own("training", True)
        set_own("_parameters", OrderedDict())
        set_own("_buffers", OrderedDict())
        set_own("_non_persistent", set())
        set_own("_modules", OrderedDict())
        set_own("_forward_hooks", OrderedDict())
        set_own("_forward_pre_hooks", OrderedDict())

    def forward(self, *arguments: Any, **options: Any) -> Any:
        """What the module computes; every module has its own."""
        raise NotImplementedError(f'Module [{type(self).__name__}] is missing the required "forward" function')

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        for before in tuple(self._forward_pre_hooks.values()):
            changed = before(self, arguments)
            if changed is not None:
                arguments = changed if isinstance(changed, tuple) else (changed,)
        result = self.forward(*arguments, **options)
        for after in tuple(self._forward_hooks.values()):
            changed = after(self, arguments, result)
            if changed is not None:
                result = changed
        return result

    # -- attributes ----

    def __setattr__(self, name: str, value: Any) -> None:
        own = self.__dict__
        if isinstance(value, Parameter):
            self._forget(name)
            self.register_parameter(name, value)
        elif isinstance(value, Module):
            if "_modules" not in own:
                raise AttributeError("cannot assign module before Module.__init__() call")
            self._forget(name)
            own["_modules"][name] = value
        elif name in own.get("_parameters", ()):
            if value is not None:
                kind = type(value).__name__
                raise TypeError(f"cannot assign '{kind}' as parameter '{name}' (torch.nn.Parameter or None expected)")
            own["_parameters"][name] = None
        elif name in own.get("_modules", ()) and value is None:
            own["_modules"][name] = None
        elif name in own.get("_buffers", ()):
            own["_buffers"][name] = value
        else:
            super().__setattr__(name, value)

    def _forget(self, name: str) -> None:
        for place in ("_parameters", "_buffers", "_modules"):
            self.__dict__.get(place, {}).pop(name, None)
        self.__dict__.pop(name, None)

    def __getattr__(self, name: str) -> Any:
        own = self.__dict__
        for place in ("_parameters", "_buffers", "_modules"):
            if name in own.get(place, ()):
                return own[place][name]
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def __delattr__(self, name: str) -> None:
        for place in ("_parameters", "_buffers", "_modules"):
            if name in self.__dict__[place]:
                del self.__dict__[place][name]
                return
        super().__delattr__(name)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self._parameters, *self._buffers, *self._modules})

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Adds a parameter under `name`. Raises KeyError and TypeError for names and values that cannot be."""
        if "_parameters" not in self.__dict__:
            raise AttributeError("cannot assign parameter before Module.__init__() call")
        self._checked_name("parameter", name)
        if param is not None and not isinstance(param, Parameter):
            kind = type(param).__name__
            raise TypeError(
                f"cannot assign '{kind}' object to parameter '{name}' (torch.nn.Parameter or None required)"
            )
        self._parameters[name] = param

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Adds a tensor that is part of the state but not trained."""
        self._checked_name("buffer", name)
        self._buffers[name] = tensor
        if not persistent:
            self._non_persistent.add(name)

    def register_module(self, name: str, module: Module | None) -> None:
        """Adds a module under `name`."""
        self.add_module(name, module)

    def add_module(self, name: str, module: Module | None) -> None:
        """Adds a module under `name`. Raises KeyError and TypeError for names and values that cannot be."""
        self._checked_name("module", name)
        if module is not None and not isinstance(module, Module):
            raise TypeError(f"{type(module).__name__} is not a Module subclass")
        self._modules[name] = module

    @staticmethod
    def _checked_name(what: str, name: str) -> None:
        if "." in name:
            raise KeyError(f'{what} name can\'t contain "."')
        if not name:
            raise KeyError(f'{what} name can\'t be empty string ""')

    def register_forward_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Calls hook(module, arguments, result) after `forward`; what it returns, if anything, is the result."""
        return RemovableHandle(self._forward_hooks, hook)

    def register_forward_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Calls hook(module, arguments) before `forward`; what it returns, if anything, are the arguments."""
        return RemovableHandle(self._forward_pre_hooks, hook)

    # -- the tree ----

    def named_modules(self, memo: set[Module] | None = None, prefix: str = "") -> Iterator[tuple[str, Module]]:
        """This module and all below, each once, with dotted names."""
        memo = set() if memo is None else memo
        if self in memo:
            return
        memo.add(self)
        yield prefix, self
        for name, module in self._modules.items():
            if module is not None:
                yield from module.named_modules(memo, f"{prefix}.{name}" if prefix else name)

    def modules(self) -> Iterator[Module]:
        """This module and all below, each once."""
        for _, module in self.named_modules():
            yield module

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The modules directly below, with their names."""
        seen: set[Module] = set()
        for name, module in self._modules.items():
            if module is not None and module not in seen:
                seen.add(module)
                yield name, module

    def children(self) -> Iterator[Module]:
        """The modules directly below."""
        for _, module in self.named_children():
            yield module

    def _named(self, place: str, prefix: str, recurse: bool) -> Iterator[tuple[str, Any]]:
        seen: set[int] = set()
        modules = self.named_modules(prefix=prefix) if recurse else [(prefix, self)]
        for path, module in modules:
            for name, value in getattr(module, place).items():
                if value is not None and id(value) not in seen:
                    seen.add(id(value))
                    yield (f"{path}.{name}" if path else name), value

    def named_parameters(self, prefix: str = "", recurse: bool = True) -> Iterator[tuple[str, Parameter]]:
        """All parameters, each once, with dotted names."""
        return self._named("_parameters", prefix, recurse)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """All parameters, each once."""
        for _, parameter in self.named_parameters(recurse=recurse):
            yield parameter

    def named_buffers(self, prefix: str = "", recurse: bool = True) -> Iterator[tuple[str, Tensor]]:
        """All buffers, each once, with dotted names."""
        return self._named("_buffers", prefix, recurse)

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """All buffers, each once."""
        for _, buffer in self.named_buffers(recurse=recurse):
            yield buffer

    def apply(self, fn: Callable[[Module], Any]) -> Module:
        """Calls fn on every module below, then on this one."""
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    # -- state ----

    def state_dict(self, *, prefix: str = "", keep_vars: bool = False) -> OrderedDict[str, Tensor]:
        """Parameters and persistent buffers by dotted name; they share storage with the module's."""
        found: OrderedDict[str, Tensor] = OrderedDict()
        for name, parameter in self._parameters.items():
            if parameter is not None:
                found[prefix + name] = parameter if keep_vars else parameter.detach()
        for name, buffer in self._buffers.items():
            if buffer is not None and name not in self._non_persistent:
                found[prefix + name] = buffer if keep_vars else buffer.detach()
        for name, module in self._modules.items():
            if module is not None:
                found.update(module.state_dict(prefix=f"{prefix}{name}.", keep_vars=keep_vars))
        return found

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True) -> IncompatibleKeys:
        """Copies values by name. Raises RuntimeError, which lists all that is missing, unexpected or misshapen."""
        own = self.state_dict(keep_vars=True)
        missing = [name for name in own if name not in state_dict]
        unexpected = [name for name in state_dict if name not in own]
        problems: list[str] = []
        for name, target in own.items():
            given = state_dict.get(name)
            if given is not None and tuple(given.shape) != tuple(target.shape):
                problems.append(
                    f"size mismatch for {name}: copying a param with shape {given.shape} from checkpoint, the shape in "
                    f"current model is {target.shape}."
                )
        if strict:
            if unexpected:
                names = ", ".join(f'"{name}"' for name in unexpected)
                problems.insert(0, f"Unexpected key(s) in state_dict: {names}. ")
            if missing:
                names = ", ".join(f'"{name}"' for name in missing)
                problems.insert(0, f"Missing key(s) in state_dict: {names}. ")
        if problems:
            raise RuntimeError(f"Error(s) in loading state_dict for {type(self).__name__}:\n\t" + "\n\t".join(problems))
        with no_grad():
            for name, target in own.items():
                if name in state_dict:
                    target.copy_(state_dict[name])
        return IncompatibleKeys(missing, unexpected)

    def train(self, mode: bool = True) -> Module:
        """Sets `training` here and below."""
        if not isinstance(mode, bool):
            raise ValueError("training mode is expected to be boolean")
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Module:
        """Sets `training` to False here and below."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Module:
        """Sets `requires_grad` of all parameters."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forgets the gradients of all parameters, or sets them to zero."""
        for parameter in self.parameters():
            clear_gradient(parameter, set_to_none)

    def to(self, *arguments: Any, **options: Any) -> Module:
        """Converts all floating-point parameters and buffers to a dtype; devices are checked."""
        target = options.get("dtype")
        for argument in (*arguments, options.get("device")):
            if isinstance(argument, dtype_module.dtype):
                target = argument
            elif isinstance(argument, (str, device_type)):
                device_type(argument)
        return self if target is None else self._converted(target)

    def _converted(self, target: dtype_module.dtype) -> Module:
        with no_grad():
            for tensor in (*self.parameters(), *self.buffers()):
                if tensor.dtype.ir.is_differentiable:
                    tensor.data = cast(tensor.detach(), target)
        return self

    def float(self) -> Module:
        """As to(torch.float32)."""
        return self._converted(dtype_module.float32)

    def double(self) -> Module:
        """As to(torch.float64)."""
        return self._converted(dtype_module.float64)

    def cpu(self) -> Module:
        """The module itself."""
        return self

    # -- printing ----

    def extra_repr(self) -> str:
        """What stands in the parentheses of the module's text."""
        return ""

    def __repr__(self) -> str:
        extra = self.extra_repr()
        lines = extra.split("\n") if extra else []
        children = [f"({name}): " + repr(module).replace("\n", "\n  ") for name, module in self._modules.items()]
        if not children and len(lines) <= 1:
            return f"{self._get_name()}({extra})"
        return f"{self._get_name()}(\n  " + "\n  ".join([*lines, *children]) + "\n)"

    def _get_name(self) -> str:
        return type(self).__name__


def clear_gradient(tensor: Tensor, set_to_none: bool) -> None:
    """Forgets `.grad`, or sets it to zero."""
    if tensor.grad is None:
        return
    if set_to_none:
        tensor.grad = None
    else:
        with no_grad():
            tensor.grad.detach_()
            tensor.grad.zero_()
