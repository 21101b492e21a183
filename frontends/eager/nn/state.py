"""The state of a tree of modules: collected by name, and loaded again."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..mode import no_grad
from ..tensor import Tensor
from .parameter import Parameter, is_lazy

if TYPE_CHECKING:
    from .module import Module


class IncompatibleKeys(namedtuple("_IncompatibleKeys", ["missing_keys", "unexpected_keys"])):
    """What `load_state_dict` returns: names that were not given, and names that the module does not have."""

    __slots__ = ()

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return f"_IncompatibleKeys(missing_keys={self.missing_keys!r}, unexpected_keys={self.unexpected_keys!r})"

    __str__ = __repr__


def collect(module: Module, found: dict[str, Any], prefix: str, keep_vars: bool) -> dict[str, Any]:
    """Adds parameters and persistent buffers by dotted name to `found`; they share storage with the module's."""
    for name, value in _own_state(module).items():
        found[prefix + name] = value if keep_vars or is_lazy(value) else value.detach()
    for name, child in module._modules.items():
        if child is not None:
            child.state_dict(destination=found, prefix=f"{prefix}{name}.", keep_vars=keep_vars)
    return found


def _own_state(module: Module) -> dict[str, Tensor]:
    """The parameters and persistent buffers of this module alone."""
    found: dict[str, Tensor] = {name: each for name, each in module._parameters.items() if each is not None}
    hidden = module._non_persistent_buffers_set
    found.update({name: each for name, each in module._buffers.items() if each is not None and name not in hidden})
    return found


def load(module: Module, state_dict: Mapping[str, Any], strict: bool, assign: bool) -> IncompatibleKeys:
    """Copies values by name, or with `assign` takes the tensors themselves. What fits is loaded even where something
    else does not. Raises TypeError for what is no mapping, RuntimeError that lists all that is missing, unexpected or
    misshapen."""
    if not isinstance(state_dict, Mapping):
        raise TypeError(f"Expected state_dict to be dict-like, got {type(state_dict)}.")
    missing: list[str] = []
    known: set[str] = set()
    problems: list[str] = []
    for path, part in module.named_modules(remove_duplicate=False):
        for name, target in _own_state(part).items():
            key = f"{path}.{name}" if path else name
            known.add(key)
            if key not in state_dict:
                missing.append(key)
                continue
            problem = _loaded(part, name, key, target, state_dict[key], assign)
            if problem:
                problems.append(problem)
    unexpected = [key for key in state_dict if key not in known]
    if strict:
        if unexpected:
            problems.insert(0, f"Unexpected key(s) in state_dict: {_quoted(unexpected)}. ")
        if missing:
            problems.insert(0, f"Missing key(s) in state_dict: {_quoted(missing)}. ")
    if problems:
        raise RuntimeError(f"Error(s) in loading state_dict for {type(module).__name__}:\n\t" + "\n\t".join(problems))
    return IncompatibleKeys(missing, unexpected)


def _quoted(names: list[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _loaded(part: Module, name: str, key: str, target: Tensor, given: Any, assign: bool) -> str:
    """Loads one value; what is wrong with it, "" where nothing is."""
    if not isinstance(given, Tensor):
        return (
            f'While copying the parameter named "{key}", expected torch.Tensor or Tensor-like object from checkpoint '
            f"but received {type(given)}"
        )
    if is_lazy(target):
        if is_lazy(given):
            return ""
        target.materialize(given.shape)
    if not target.ndim and tuple(given.shape) == (1,):
        given = given[0]  # scalars were saved so once
    if given.shape != target.shape:
        return (
            f"size mismatch for {key}: copying a param with shape {given.shape} from checkpoint, the shape in current "
            f"model is {target.shape}."
        )
    if not assign:
        with no_grad():
            target.copy_(given)
    elif isinstance(target, Parameter):
        wants = target.requires_grad
        part._parameters[name] = given if isinstance(given, Parameter) else Parameter(given, requires_grad=wants)
    else:
        part._buffers[name] = given
    return ""
