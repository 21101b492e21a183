"""Where in a model a call stands: the modules that are being called, from the outermost in."""

from __future__ import annotations

from types import FrameType

from diptych.ir.location import scope_finders

from .module import Module


def module_path(frame: FrameType | None) -> str:
    """The outermost module's class, and the names under which the others stand in it, as `GPT.layers.0.attn`; empty
    outside modules."""
    called: list[Module] = []
    while frame is not None:
        if frame.f_code is Module.__call__.__code__:
            called.append(frame.f_locals["self"])
        frame = frame.f_back
    path: list[str] = []
    around: Module | None = None
    for module in reversed(called):
        if module is not around:
            path.append(type(module).__name__ if around is None else _name_within(around, module))
        around = module
    return ".".join(path)


def _name_within(around: Module, module: Module) -> str:
    """The name of a module in another one; its class where it has none there."""
    for name, child in around._modules.items():
        if child is module:
            return name
    return next((name for name, child in around.named_modules() if child is module), type(module).__name__)


scope_finders.append(module_path)
