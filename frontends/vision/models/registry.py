"""Models by name, and the two ways to ask for weights: `weights=`, and what it replaced, `pretrained=`."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from fnmatch import filter as matching
from functools import wraps
from types import ModuleType
from typing import Any

from ...eager import nn
from .weights import ENUMERATIONS, WeightsEnum

BUILDERS: dict[str, Callable[..., Any]] = {}


def builder(weights: str) -> Callable[[Callable[..., nn.Module]], Callable[..., nn.Module]]:
    """Registers `function(**settings)`, which builds a model, under its name; users may ask for weights of the
    enumeration `weights`."""
    enumeration = ENUMERATIONS[weights]

    def decorator(function: Callable[..., nn.Module]) -> Callable[..., nn.Module]:
        @wraps(function)
        def build(*arguments: Any, **options: Any) -> nn.Module:
            chosen, progress, settings = _asked(enumeration, arguments, options)
            state = None if chosen is None else chosen.get_state_dict(progress=progress, check_hash=True)
            model = function(**settings)
            if state is not None:
                model.load_state_dict(state)
            return model

        build.__dict__["weights"] = enumeration
        BUILDERS[function.__name__] = build
        return build

    return decorator


def _asked(enumeration: Any, arguments: tuple[Any, ...], options: dict[str, Any]) -> tuple[Any, bool, dict[str, Any]]:
    """(member or None, progress, the model's own settings) of what a user passes."""
    names = ("weights", "progress")[: len(arguments)]
    if len(arguments) > 2:
        raise TypeError(f"a model takes 2 positional arguments but {len(arguments)} were given")
    if names:
        warnings.warn(
            f"Using {' and '.join(map(repr, names))} as positional parameter(s) is deprecated since 0.13 and may be "
            "removed in the future. Please use keyword parameter(s) instead.",
            stacklevel=4,
        )
    settings = {**options, **dict(zip(names, arguments, strict=True))}
    progress = settings.pop("progress", True)
    if "pretrained" in settings:
        warnings.warn(
            "The parameter 'pretrained' is deprecated since 0.13 and may be removed in the future, please use "
            "'weights' instead.",
            stacklevel=4,
        )
        return _of_legacy(enumeration, settings.pop("pretrained")), progress, settings
    given = settings.pop("weights", None)
    if given is None or (isinstance(given, str) and given != "legacy") or isinstance(given, WeightsEnum):
        return enumeration.verify(given), progress, settings
    return _of_legacy(enumeration, given), progress, settings


def _of_legacy(enumeration: Any, pretrained: Any) -> Any:
    first = enumeration["IMAGENET1K_V1"] if pretrained else None
    advice = (
        f" You can also use `weights={enumeration.__name__}.DEFAULT` to get the most up-to-date weights."
        if pretrained else ""
    )  # fmt: skip
    warnings.warn(
        "Arguments other than a weight enum or `None` for 'weights' are deprecated since 0.13 and may be removed in "
        f"the future. The current behavior is equivalent to passing `weights={first}`.{advice}",
        stacklevel=5,
    )
    return first


def list_models(
    module: ModuleType | None = None,
    include: Iterable[str] | str | None = None,
    exclude: Iterable[str] | str | None = None,
) -> list[str]:
    """The names of models, sorted: those of a module, those that match a pattern or one of several, without those that
    match `exclude`."""
    names = {
        name for name, build in BUILDERS.items()
        if module is None or build.__module__.rpartition(".")[0] == module.__name__
    }  # fmt: skip
    if include:
        names = {name for pattern in _patterns(include) for name in matching(names, pattern)}
    for pattern in _patterns(exclude or ()):
        names -= set(matching(names, pattern))
    return sorted(names)


def _patterns(given: Iterable[str] | str) -> Iterable[str]:
    return (given,) if isinstance(given, str) else given


def get_model_builder(name: str) -> Callable[..., nn.Module]:
    """The function that builds the model of a name. Raises ValueError for an unknown one."""
    try:
        return BUILDERS[name.lower()]
    except KeyError:
        raise ValueError(f"Unknown model {name.lower()}") from None


def get_model(name: str, **config: Any) -> nn.Module:
    """The model of a name. Raises ValueError for an unknown one."""
    return get_model_builder(name)(**config)


def get_model_weights(name: Callable[..., Any] | str) -> Any:
    """The enumeration of a model's weights, given by its name or builder. Raises ValueError for an unknown one."""
    found = get_model_builder(name) if isinstance(name, str) else name
    if not hasattr(found, "weights"):
        raise ValueError("The method is missing the 'weights' argument.")
    return found.weights


def get_weight(name: str) -> Any:
    """Weights by their full name, as "ResNet50_Weights.DEFAULT". Raises ValueError and KeyError for unknown ones."""
    enumeration, dot, member = name.partition(".")
    if not dot or "." in member:
        raise ValueError(f"Invalid weight name provided: '{name}'.")
    if enumeration not in ENUMERATIONS:
        raise ValueError(f"The weight enum '{enumeration}' for the specific method couldn't be retrieved.")
    return ENUMERATIONS[enumeration][member]
