"""Modules that learn sizes of theirs from the first input."""

from __future__ import annotations

from typing import Any

from .module import Module
from .parameter import is_lazy


class LazyModuleMixin:
    """What stands before `Module` among the bases of a module with uninitialized parameters or buffers: the first call
    initializes them, and makes the module a plain one, of the class `cls_to_become` where that is given."""

    cls_to_become: type[Module] | None = None
    _parameters: dict[str, Any]
    _buffers: dict[str, Any]

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._awaits_input = True

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        if not self._awaits_input:
            return super().__call__(*arguments, **options)
        self.initialize_parameters(*arguments, **options)
        if self.has_uninitialized_params():
            raise RuntimeError(f"module {type(self).__name__} has not been fully initialized")
        self._awaits_input = False
        if self.cls_to_become is not None:
            del self._awaits_input
            self.__class__ = self.cls_to_become
        return self(*arguments, **options)

    def initialize_parameters(self, *arguments: Any, **options: Any) -> None:
        """Gives parameters and buffers their shapes, and values, for the arguments of a call; every module has its
        own."""
        raise NotImplementedError(f"initialize_parameters is not implemented for {type(self).__name__}")

    def has_uninitialized_params(self) -> bool:
        """Whether a parameter or buffer of this module has no shape yet."""
        return any(is_lazy(each) for each in (*self._parameters.values(), *self._buffers.values()))
