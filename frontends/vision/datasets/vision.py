"""What all data sets of images share."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from diptych.eager.utils.data import Dataset

Function = Callable[..., Any]


def _hanging(head: str, value: Any) -> list[str]:
    """The lines of a value's text, the first behind `head`, the others below it."""
    lines = repr(value).splitlines()
    return [f"{head}{lines[0]}", *(" " * len(head) + line for line in lines[1:])]


class StandardTransform:
    """One transform for what goes in and one for the target."""

    def __init__(self, transform: Function | None = None, target_transform: Function | None = None) -> None:
        self.transform = transform
        self.target_transform = target_transform

    def __call__(self, input: Any, target: Any) -> tuple[Any, Any]:
        """Both, transformed."""
        if self.transform is not None:
            input = self.transform(input)
        if self.target_transform is not None:
            target = self.target_transform(target)
        return input, target

    def __repr__(self) -> str:
        lines = [type(self).__name__]
        if self.transform is not None:
            lines += _hanging("Transform: ", self.transform)
        if self.target_transform is not None:
            lines += _hanging("Target transform: ", self.target_transform)
        return "\n".join(lines)


class VisionDataset(Dataset[Any]):
    """The base of data sets of images: a subclass has `__getitem__` and `__len__`."""

    _repr_indent = 4

    def __init__(
        self,
        root: str | Path | None = None,
        transforms: Function | None = None,
        transform: Function | None = None,
        target_transform: Function | None = None,
    ) -> None:
        """`transforms` takes image and target, `transform` the image alone. Raises ValueError for both at once."""
        self.root = os.path.expanduser(root) if isinstance(root, str) else root
        separate = transform is not None or target_transform is not None
        if transforms is not None and separate:
            raise ValueError("Only transforms or transform/target_transform can be passed as argument")
        self.transform = transform
        self.target_transform = target_transform
        self.transforms = StandardTransform(transform, target_transform) if separate else transforms

    def __getitem__(self, index: int) -> Any:
        """One sample."""
        raise NotImplementedError

    def __len__(self) -> int:
        """How many samples there are."""
        raise NotImplementedError

    def transformed(self, image: Any, target: Any) -> tuple[Any, Any]:
        """A sample as `transform` and `target_transform` make it."""
        if self.transform is not None:
            image = self.transform(image)
        if self.target_transform is not None:
            target = self.target_transform(target)
        return image, target

    def __repr__(self) -> str:
        body = [f"Number of datapoints: {len(self)}"]
        if self.root is not None:
            body.append(f"Root location: {self.root}")
        body += self.extra_repr().splitlines()
        if self.transforms is not None:
            body.append(repr(self.transforms))
        return "\n".join([f"Dataset {type(self).__name__}", *(" " * self._repr_indent + line for line in body)])

    def extra_repr(self) -> str:
        """More lines of the text."""
        return ""
