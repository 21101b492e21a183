"""Transforms of transforms."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

from diptych.eager import nn

from . import draws
from .base import described

Function = Callable[..., Any]


class Compose:
    """One transform after the other."""

    def __init__(self, transforms: Sequence[Function]) -> None:
        self.transforms = transforms

    def __call__(self, img: Any) -> Any:
        """The image, transformed by all."""
        for each in self.transforms:
            img = each(img)
        return img

    def __repr__(self) -> str:
        return described(type(self).__name__, self.transforms)


class Lambda:
    """A function of the user's as a transform."""

    def __init__(self, lambd: Function) -> None:
        if not callable(lambd):
            raise TypeError(f"Argument lambd should be callable, got {type(lambd).__name__!r}")
        self.lambd = lambd

    def __call__(self, img: Any) -> Any:
        """What the function makes of the image."""
        return self.lambd(img)

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class RandomTransforms:
    """The base of random choices between transforms."""

    def __init__(self, transforms: Sequence[Function]) -> None:
        if not isinstance(transforms, Sequence):
            raise TypeError("Argument transforms should be a sequence")
        self.transforms = transforms

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The image, transformed."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return described(type(self).__name__, self.transforms)


class RandomApply(nn.Module):
    """All transforms with probability p, or none."""

    def __init__(self, transforms: Any, p: float = 0.5) -> None:
        super().__init__()
        self.transforms = transforms
        self.p = p

    def forward(self, img: Any) -> Any:
        """The image, transformed or not."""
        if not draws.chance(self.p):
            return img
        for each in self.transforms:
            img = each(img)
        return img

    def __repr__(self) -> str:
        return described(type(self).__name__, list(self.transforms), f"\n    p={self.p}")


class RandomOrder(RandomTransforms):
    """All transforms, in an order of Python's own random numbers, as torchvision has it."""

    def __call__(self, img: Any) -> Any:
        """The image, transformed by all."""
        order = list(range(len(self.transforms)))
        random.shuffle(order)
        for place in order:
            img = self.transforms[place](img)
        return img


class RandomChoice(RandomTransforms):
    """One of the transforms, chosen by Python's own random numbers, as torchvision has it; `p` are its weights."""

    def __init__(self, transforms: Sequence[Function], p: Sequence[float] | None = None) -> None:
        super().__init__(transforms)
        if p is not None and not isinstance(p, Sequence):
            raise TypeError("Argument p should be a sequence")
        self.p = p

    def __call__(self, *args: Any) -> Any:
        """The image, transformed by one."""
        return random.choices(self.transforms, weights=self.p)[0](*args)

    def __repr__(self) -> str:
        return f"{super().__repr__()}(p={self.p})"
