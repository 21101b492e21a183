"""Transforms of samples: nested tuples, lists and dicts that hold images, and other things that pass."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any

from diptych.eager import nn

from ....pillow import is_image
from ...tensors import is_tensor
from .. import draws
from ..base import Transform as OneImage

Function = Callable[..., Any]


def _leaves(sample: Any) -> list[Any]:
    if isinstance(sample, dict):
        return [leaf for value in sample.values() for leaf in _leaves(value)]
    if isinstance(sample, (tuple, list)):
        return [leaf for value in sample for leaf in _leaves(value)]
    return [sample]


def _rebuilt(sample: Any, leaves: list[Any]) -> Any:
    """The sample with the next leaves, which are taken off the list."""
    if isinstance(sample, dict):
        return type(sample)((key, _rebuilt(value, leaves)) for key, value in sample.items())
    if isinstance(sample, (tuple, list)):
        items = [_rebuilt(value, leaves) for value in sample]
        return type(sample)(*items) if hasattr(sample, "_fields") else type(sample)(items)
    return leaves.pop(0)


def sample_of(inputs: tuple[Any, ...]) -> Any:
    """What a transform was called with: its argument, or all of them as a tuple."""
    return inputs if len(inputs) > 1 else inputs[0]


def mapped(sample: Any, function: Function, is_taken: Callable[[Any], bool] | None = None) -> Any:
    """The sample with `function` of each leaf that is taken. Without `is_taken`: of each image; where there is none, of
    the first tensor, as other tensors are labels."""
    leaves = _leaves(sample)
    if is_taken is not None:
        places = [place for place, leaf in enumerate(leaves) if is_taken(leaf)]
    else:
        places = [place for place, leaf in enumerate(leaves) if is_image(leaf)]
        if not places:
            places = [place for place, leaf in enumerate(leaves) if is_tensor(leaf)][:1]
    for place in places:
        leaves[place] = function(leaves[place])
    return _rebuilt(sample, leaves)


class Transform(nn.Module):
    """The base of users' own: `make_params` once for a sample, `transform` of each image of it."""

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        """Random choices."""
        return {}

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        """One image, transformed."""
        raise NotImplementedError

    def extra_repr(self) -> str:
        """The attributes."""
        return attributes(self)

    def forward(self, *inputs: Any) -> Any:
        """The sample, transformed."""
        sample = sample_of(inputs)
        params = self.make_params(_leaves(sample))
        return mapped(sample, lambda leaf: self.transform(leaf, params))


_LISTED = {"mean", "std", "sigma", "size"}  # attributes that are lists where the first version keeps what was given
_SHOWN = (bool, int, float, str, tuple, list)


def attributes(module: nn.Module) -> str:
    """The module's attributes as its text shows them: numbers, texts, sequences and names of modes."""
    parts: list[str] = []
    for name, value in vars(module).items():
        if not name.startswith("_") and name != "training" and isinstance(value, (*_SHOWN, Enum)):
            parts.append(f"{name}={value.value if isinstance(value, Enum) else value}")
    return ", ".join(parts)


def of_samples(kind: type[OneImage], name: str | None = None) -> type[OneImage]:
    """The transform of one image as one of samples, which draws once for all of one; `name`, if its own is another."""

    class OfSamples(kind):
        __doc__ = kind.__doc__

        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            for name in _LISTED & set(vars(self)):
                value = getattr(self, name)
                if name != "size" or kind.__name__ == "Resize":
                    setattr(self, name, [value] if isinstance(value, int) else list(value))

        def text(self) -> str:
            return attributes(self)

        def forward(self, *inputs: Any) -> Any:
            """The sample, transformed."""
            drawn: list[Any] = []

            def function(image: Any) -> Any:
                image = self.prepare(image)
                if not drawn:
                    drawn.append(self.draw(image))
                return self.apply(image, drawn[0])

            return mapped(sample_of(inputs), function)

    OfSamples.__name__ = OfSamples.__qualname__ = name or kind.__name__
    OfSamples.__module__ = f"{__package__}.names"  # where pickle finds it
    return OfSamples


class Converting(nn.Module):
    """A transform of every leaf that its function takes."""

    def takes(self, leaf: Any) -> bool:
        """Whether the leaf is transformed."""
        return is_image(leaf) or is_tensor(leaf)

    def convert(self, leaf: Any) -> Any:
        """The leaf, transformed."""
        raise NotImplementedError

    def forward(self, *inputs: Any) -> Any:
        """The sample, transformed."""
        return mapped(sample_of(inputs), self.convert, self.takes)

    def extra_repr(self) -> str:
        """The attributes."""
        return attributes(self)


class _Many(nn.Module):
    """A transform of transforms."""

    def __init__(self, transforms: Sequence[Function]) -> None:
        super().__init__()
        if not isinstance(transforms, Sequence):
            raise TypeError("Argument transforms should be a sequence of callables")
        self.transforms = transforms

    def extra_repr(self) -> str:
        """The attributes."""
        return attributes(self)


class Compose(_Many):
    """One transform after the other."""

    def __init__(self, transforms: Sequence[Function]) -> None:
        super().__init__(transforms)
        if not transforms:
            raise ValueError("Pass at least one transform")

    def forward(self, *inputs: Any) -> Any:
        """The sample, transformed by all."""
        return _in_turn(self.transforms, inputs)

    def extra_repr(self) -> str:
        """One transform a line."""
        return "\n".join(f"    {each}" for each in self.transforms)


def _in_turn(transforms: Any, inputs: tuple[Any, ...]) -> Any:
    for each in transforms:
        result = each(*inputs)
        inputs = result if len(inputs) > 1 else (result,)
    return sample_of(inputs)


class RandomApply(nn.Module):
    """All transforms with probability p, or none."""

    def __init__(self, transforms: Any, p: float = 0.5) -> None:
        super().__init__()
        if not 0.0 <= p <= 1.0:
            raise ValueError("`p` should be a floating point value in the interval [0.0, 1.0].")
        self.transforms = transforms
        self.p = p

    def forward(self, *inputs: Any) -> Any:
        """The sample, transformed or not."""
        return _in_turn(self.transforms, inputs) if draws.chance(self.p) else sample_of(inputs)

    def extra_repr(self) -> str:
        """One transform a line."""
        return "\n".join(f"    {each}" for each in self.transforms)


class RandomChoice(_Many):
    """One of the transforms; `p` are its weights."""

    def __init__(self, transforms: Sequence[Function], p: Sequence[float] | None = None) -> None:
        weights = [1.0] * len(transforms) if p is None else list(p)
        if len(weights) != len(transforms):
            raise ValueError(f"Length of p doesn't match the number of transforms: {len(weights)} != {len(transforms)}")
        super().__init__(transforms)
        self.p = [weight / sum(weights) for weight in weights]

    def forward(self, *inputs: Any) -> Any:
        """The sample, transformed by one."""
        at = draws.uniform(0, 1)
        for weight, each in zip(self.p, self.transforms, strict=True):
            at -= weight
            if at < 0:
                return each(*inputs)
        return self.transforms[-1](*inputs)


class RandomOrder(_Many):
    """All transforms, in random order."""

    def forward(self, *inputs: Any) -> Any:
        """The sample, transformed by all."""
        rest = list(self.transforms)
        order = [rest.pop(draws.integer(0, len(rest))) for _ in self.transforms]
        return _in_turn(order, inputs)
