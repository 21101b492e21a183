"""CIFAR-10 and CIFAR-100."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from diptych.datasets import published
from diptych.datasets.archives import extract_tar
from diptych.datasets.cifar import read_batch, read_names
from diptych.datasets.downloading import fetch
from diptych.datasets.places import find_folder
from diptych.datasets.published import Published

from ...pillow import image_of
from .vision import Function, VisionDataset


class CIFAR10(VisionDataset):
    """Small photographs of ten classes: `data` uint8 [count, 32, 32, 3], `targets` a list of numbers.

    Its folder is looked for in `root`, then in the folders of DIPTYCH_DATA and where it usually lies. Raises
    RuntimeError where it is not, and DamagedFile.
    """

    base_folder: ClassVar[str] = "cifar-10-batches-py"
    url: ClassVar[str] = published.CIFAR10.addresses[0]
    filename: ClassVar[str] = published.CIFAR10.name
    tgz_md5: ClassVar[str] = "c58f30108f718f92721af3b95e74349a"
    train_files: ClassVar[tuple[str, ...]] = tuple(f"data_batch_{number}" for number in range(1, 6))
    test_files: ClassVar[tuple[str, ...]] = ("test_batch",)
    label_key: ClassVar[str] = "labels"
    names_file: ClassVar[str] = "batches.meta"
    names_key: ClassVar[str] = "label_names"

    def __init__(
        self,
        root: str | Path,
        train: bool = True,
        transform: Function | None = None,
        target_transform: Function | None = None,
        download: bool = False,
    ) -> None:
        super().__init__(root, transform=transform, target_transform=target_transform)
        self.train = train
        if download:
            self.download()
        folder = self._find()
        if folder is None:
            raise RuntimeError("Dataset not found or corrupted. You can use download=True to download it")
        batches = [
            read_batch(folder / name, self.label_key) for name in (self.train_files if train else self.test_files)
        ]
        self.data = np.concatenate([images for images, _ in batches]).transpose(0, 2, 3, 1)
        self.targets = [label for _, labels in batches for label in labels]
        self.classes = read_names(folder / self.names_file, self.names_key)
        self.class_to_idx = {name: number for number, name in enumerate(self.classes)}

    def _members(self) -> list[str]:
        return [*self.train_files, *self.test_files, self.names_file]

    def _find(self) -> Path | None:
        return find_folder(self.base_folder, self._members(), [Path(self.root)])

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        """(image, number of its class), both transformed."""
        return self.transformed(image_of(self.data[index], "RGB"), self.targets[index])

    def __len__(self) -> int:
        return len(self.data)

    def download(self) -> None:
        """Fetches the archive and takes out its files, unless they lie somewhere. Raises RuntimeError."""
        if self._find() is None:
            root = Path(self.root)
            archive = fetch(Published(self.filename, (self.url,), self.tgz_md5), root)
            extract_tar(archive, self.base_folder, self._members(), root)

    def extra_repr(self) -> str:
        """Which half it is."""
        return f"Split: {'Train' if self.train is True else 'Test'}"


class CIFAR100(CIFAR10):
    """Small photographs of a hundred classes."""

    base_folder = "cifar-100-python"
    url = published.CIFAR100.addresses[0]
    filename = published.CIFAR100.name
    tgz_md5 = "eb9058c3a382ffc7106e4002c42a8d85"
    train_files = ("train",)
    test_files = ("test",)
    label_key = "fine_labels"
    names_file = "meta"
    names_key = "fine_label_names"
