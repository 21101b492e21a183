"""Data sets of files, one folder a class."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...pillow import pillow
from .vision import Function, VisionDataset

Extensions = str | tuple[str, ...]

IMG_EXTENSIONS = (".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp")


def has_file_allowed_extension(filename: str, extensions: Extensions) -> bool:
    """Whether the name ends with one of the extensions, which are in lower case."""
    return str(filename).lower().endswith(extensions if isinstance(extensions, str) else tuple(extensions))


def is_image_file(filename: str) -> bool:
    """Whether the name ends as those of images do."""
    return has_file_allowed_extension(filename, IMG_EXTENSIONS)


def find_classes(directory: str | Path) -> tuple[list[str], dict[str, int]]:
    """The names of the folders in `directory`, sorted, and the number of each. Raises FileNotFoundError for none."""
    classes = sorted(entry.name for entry in os.scandir(directory) if entry.is_dir())
    if not classes:
        raise FileNotFoundError(f"Couldn't find any class folder in {directory}.")
    return classes, {name: number for number, name in enumerate(classes)}


def make_dataset(
    directory: str | Path,
    class_to_idx: dict[str, int] | None = None,
    extensions: Extensions | None = None,
    is_valid_file: Callable[[str], bool] | None = None,
    allow_empty: bool = False,
) -> list[tuple[str, int]]:
    """(path, number of its class) of all files below the folders of the classes, in order. Raises ValueError unless
    exactly one of `extensions` and `is_valid_file` is given, FileNotFoundError for a class without files."""
    directory = os.path.expanduser(directory)
    if class_to_idx is None:
        class_to_idx = find_classes(directory)[1]
    elif not class_to_idx:
        raise ValueError("'class_to_index' must have at least one entry to collect any samples.")
    if (extensions is None) == (is_valid_file is None):
        raise ValueError("Both extensions and is_valid_file cannot be None or not None at the same time")
    found: list[tuple[str, int]] = []
    empty: list[str] = []
    for name in sorted(class_to_idx):
        paths = [
            path
            for folder, _, files in sorted(os.walk(os.path.join(directory, name), followlinks=True))
            for path in (os.path.join(folder, file) for file in sorted(files))
            if (
                is_valid_file(path) if is_valid_file is not None else has_file_allowed_extension(path, extensions or ())
            )
        ]
        found += [(path, class_to_idx[name]) for path in paths]
        if not paths:
            empty.append(name)
    if empty and not allow_empty:
        message = f"Found no valid file for the classes {', '.join(empty)}. "
        if extensions is not None:
            message += (
                f"Supported extensions are: {extensions if isinstance(extensions, str) else ', '.join(extensions)}"
            )
        raise FileNotFoundError(message)
    return found


def pil_loader(path: str | Path) -> Any:
    """The image in a file, as RGB."""
    with open(path, "rb") as file:
        return pillow().open(file).convert("RGB")


def default_loader(path: str | Path) -> Any:
    """The image in a file, as RGB."""
    return pil_loader(path)


class DatasetFolder(VisionDataset):
    """Files below `root/class/`, read by `loader`: `samples` (path, number), `targets`, `classes`, `class_to_idx`."""

    def __init__(
        self,
        root: str | Path,
        loader: Callable[[str], Any],
        extensions: Extensions | None = None,
        transform: Function | None = None,
        target_transform: Function | None = None,
        is_valid_file: Callable[[str], bool] | None = None,
        allow_empty: bool = False,
    ) -> None:
        super().__init__(root, transform=transform, target_transform=target_transform)
        classes, class_to_idx = self.find_classes(self.root)
        self.samples = self.make_dataset(
            self.root,
            class_to_idx=class_to_idx,
            extensions=extensions,
            is_valid_file=is_valid_file,
            allow_empty=allow_empty,
        )
        self.loader = loader
        self.extensions = extensions
        self.classes = classes
        self.class_to_idx = class_to_idx
        self.targets = [target for _, target in self.samples]

    @staticmethod
    def make_dataset(
        directory: str | Path,
        class_to_idx: dict[str, int],
        extensions: Extensions | None = None,
        is_valid_file: Callable[[str], bool] | None = None,
        allow_empty: bool = False,
    ) -> list[tuple[str, int]]:
        """The samples; a subclass may have others."""
        if class_to_idx is None:
            raise ValueError("The class_to_idx parameter cannot be None.")
        return make_dataset(directory, class_to_idx, extensions, is_valid_file, allow_empty)

    def find_classes(self, directory: str | Path) -> tuple[list[str], dict[str, int]]:
        """The classes; a subclass may have others."""
        return find_classes(directory)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        """(what the loader reads, number of its class), both transformed."""
        path, target = self.samples[index]
        return self.transformed(self.loader(path), target)

    def __len__(self) -> int:
        return len(self.samples)


class ImageFolder(DatasetFolder):
    """Images below `root/class/`."""

    def __init__(
        self,
        root: str | Path,
        transform: Function | None = None,
        target_transform: Function | None = None,
        loader: Callable[[str], Any] = default_loader,
        is_valid_file: Callable[[str], bool] | None = None,
        allow_empty: bool = False,
    ) -> None:
        extensions = IMG_EXTENSIONS if is_valid_file is None else None
        super().__init__(root, loader, extensions, transform, target_transform, is_valid_file, allow_empty)
        self.imgs = self.samples
