"""The state of a tree of modules: collected by name, and loaded again."""

from __future__ import annotations

from collections import OrderedDict, namedtuple
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..tapes.mode import no_grad
from ..tensors.tensor import Tensor
from .parameter import Parameter, is_lazy

if TYPE_CHECKING:
    from .module import Module


EXTRA = "_extra_state"  # the name of what `get_extra_state` returns


class IncompatibleKeys(namedtuple("_IncompatibleKeys", ["missing_keys", "unexpected_keys"])):
    """What `load_state_dict` returns: names that were not given, and names that the module does not have."""

    __slots__ = ()

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return f"_IncompatibleKeys(missing_keys={self.missing_keys!r}, unexpected_keys={self.unexpected_keys!r})"

    __str__ = __repr__


def collect(module: Module, destination: Any, prefix: str, keep_vars: bool) -> Any:
    """The state of a module and of all below in `destination`, or in a new dictionary; hooks see it on the way."""
    if destination is None:
        destination = OrderedDict()
        destination._metadata = OrderedDict()
    metadata = {"version": module._version}
    if hasattr(destination, "_metadata"):
        destination._metadata[prefix[:-1]] = metadata
    for hook in module._state_dict_pre_hooks.values():
        hook(module, prefix, keep_vars)
    module._save_to_state_dict(destination, prefix, keep_vars)
    for name, child in module._modules.items():
        if child is not None:
            child.state_dict(destination=destination, prefix=f"{prefix}{name}.", keep_vars=keep_vars)
    for hook, may_replace in module._state_dict_hooks.values():
        changed = hook(module, destination, prefix, metadata)
        if changed is not None and not may_replace:
            raise RuntimeError("state_dict post-hook must return None")
        destination = destination if changed is None else changed
    return destination


def own_state(module: Module) -> dict[str, Tensor]:
    """The parameters and persistent buffers of this module alone."""
    found: dict[str, Tensor] = {name: each for name, each in module._parameters.items() if each is not None}
    hidden = module._non_persistent_buffers_set
    found.update({name: each for name, each in module._buffers.items() if each is not None and name not in hidden})
    return found


def save_own(module: Module, destination: Any, prefix: str, keep_vars: bool) -> None:
    """Adds the state of this module alone by dotted name; the tensors share storage with the module's."""
    for name, value in own_state(module).items():
        destination[prefix + name] = value if keep_vars or is_lazy(value) else value.detach()
    if _overrides(module, "get_extra_state"):
        destination[prefix + EXTRA] = module.get_extra_state()


def _overrides(module: Module, name: str) -> bool:
    from .module import Module as base

    return getattr(type(module), name) is not getattr(base, name)


class Loading:
    """What a load has found so far: names, and problems as texts."""

    def __init__(self) -> None:
        self.missing: list[str] = []
        self.unexpected: list[str] = []
        self.problems: list[str] = []

    def into(self, module: Module, state: dict[str, Any], prefix: str, metadata: Any, assign: bool) -> None:
        """Loads what `state` holds of a module and of all below; hooks see it on the way."""
        local = {} if metadata is None else metadata.get(prefix[:-1], {})
        if assign:
            local["assign_to_params_buffers"] = True
        module._load_from_state_dict(state, prefix, local, True, self.missing, self.unexpected, self.problems)
        for name, child in module._modules.items():
            if child is not None:
                below = f"{prefix}{name}."
                part = {key: value for key, value in state.items() if key.startswith(below)}
                self.into(child, part, below, metadata, assign)
        for hook in module._load_state_dict_post_hooks.values():
            if hook(module, IncompatibleKeys(self.missing, self.unexpected)) is not None:
                raise AssertionError(
                    "Hooks registered with ``register_load_state_dict_post_hook`` are not expected to return new "
                    "values, if incompatible_keys need to be modified, it should be done inplace."
                )


def load(module: Module, state_dict: Mapping[str, Any], strict: bool, assign: bool) -> IncompatibleKeys:
    """Copies values by name, or with `assign` takes the tensors themselves. What fits is loaded even where something
    else does not. Raises TypeError for what is no mapping, RuntimeError that lists all that is missing, unexpected or
    misshapen."""
    if not isinstance(state_dict, Mapping):
        raise TypeError(f"Expected state_dict to be dict-like, got {type(state_dict)}.")
    metadata = getattr(state_dict, "_metadata", None)
    state: Any = OrderedDict(state_dict)  # a copy, which modules may change
    if metadata is not None:
        state._metadata = metadata
    found = Loading()
    found.into(module, state, "", metadata, assign)
    problems = list(found.problems)
    if strict:
        if found.unexpected:
            problems.insert(0, f"Unexpected key(s) in state_dict: {_quoted(found.unexpected)}. ")
        if found.missing:
            problems.insert(0, f"Missing key(s) in state_dict: {_quoted(found.missing)}. ")
    if problems:
        raise RuntimeError(f"Error(s) in loading state_dict for {type(module).__name__}:\n\t" + "\n\t".join(problems))
    return IncompatibleKeys(found.missing, found.unexpected)


def load_own(
    module: Module,
    state: dict[str, Any],
    prefix: str,
    metadata: Mapping[str, Any],
    strict: bool,
    missing: list[str],
    unexpected: list[str],
    problems: list[str],
) -> None:
    """Loads what `state` holds of this module alone, and adds to the lists what is wrong."""
    for hook in module._load_state_dict_pre_hooks.values():
        hook(state, prefix, metadata, strict, missing, unexpected, problems)
    assign = metadata.get("assign_to_params_buffers", False)
    own = own_state(module)
    for name, target in own.items():
        key = prefix + name
        if key in state:
            problem = _loaded(module, name, key, target, state[key], assign)
            if problem:
                problems.append(problem)
        elif strict:
            missing.append(key)
    extra = prefix + EXTRA
    if _overrides(module, "set_extra_state"):
        if extra in state:
            module.set_extra_state(state[extra])
        elif strict:
            missing.append(extra)
    elif strict and extra in state:
        unexpected.append(extra)
    if strict:
        for key in state:
            if key.startswith(prefix) and key != extra:
                name, dot, _ = key[len(prefix) :].partition(".")
                if name not in (module._modules if dot else own):
                    unexpected.append(key)


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
        made = given.requires_grad_(wants) if isinstance(given, Parameter) else Parameter(given, requires_grad=wants)
        setattr(part, name, made)
    else:
        setattr(part, name, given)
    return ""
