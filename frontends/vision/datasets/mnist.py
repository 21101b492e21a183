"""MNIST and the data sets of its form."""

from __future__ import annotations

import string
import warnings
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from diptych.datasets import DamagedFile
from diptych.datasets import published as files
from diptych.datasets.archives import extract_zip
from diptych.datasets.downloading import fetch
from diptych.datasets.idx import read_idx
from diptych.datasets.places import find
from diptych.datasets.published import Published
from diptych.eager import Tensor

from ...pillow import image_of
from ..tensors import array_of, tensor_of
from .vision import Function, VisionDataset


def _resources(published: tuple[Published, ...]) -> list[tuple[str, str]]:
    return [(file.name, file.checksum or "") for file in published]


def _mirrors(published: tuple[Published, ...]) -> list[str]:
    return [address.removesuffix(published[0].name) for address in published[0].addresses]


class MNIST(VisionDataset):
    """Digits: `data` uint8 [count, 28, 28], `targets` int64 [count].

    The idx files, packed or not, are looked for in `root/MNIST/raw`, then in the folders of DIPTYCH_DATA and where such
    files usually lie. Raises RuntimeError where they are not, and DamagedFile.
    """

    resources: ClassVar[list[tuple[str, str]]] = _resources(files.MNIST)  # names and checksums, which programs may set
    mirrors: ClassVar[list[str]] = _mirrors(files.MNIST)
    folders: ClassVar[tuple[str, ...]] = files.MNIST_FOLDERS
    classes: ClassVar[list[str]] = [
        "0 - zero", "1 - one", "2 - two", "3 - three", "4 - four", "5 - five", "6 - six", "7 - seven", "8 - eight",
        "9 - nine",
    ]  # fmt: skip

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
        if not self._check_exists():
            raise RuntimeError("Dataset not found. You can use download=True to download it")
        self.data, self.targets = self._load_data()

    def _file_names(self, train: bool) -> tuple[str, str]:
        """The names of the files of images and of labels."""
        prefix = "train" if train else "t10k"
        return f"{prefix}-images-idx3-ubyte", f"{prefix}-labels-idx1-ubyte"

    def _find(self, name: str) -> Path | None:
        return find(name, [Path(self.raw_folder)], self.folders)

    def _check_exists(self) -> bool:
        return all(self._find(name) for train in (True, False) for name in self._file_names(train))

    def _load_data(self) -> tuple[Tensor, Tensor]:
        images, labels = (
            self._read(name, axes) for name, axes in zip(self._file_names(self.train), (3, 1), strict=True)
        )
        if len(images) != len(labels):
            raise DamagedFile(self.raw_folder, f"holds {len(images)} images but {len(labels)} labels")
        return tensor_of(images), tensor_of(labels.astype(np.int64))

    def _read(self, name: str, axes: int) -> np.ndarray:
        path = self._find(name)
        if path is None:
            raise RuntimeError("Dataset not found. You can use download=True to download it")
        found = read_idx(path)
        if found.dtype != np.uint8 or found.ndim != axes:
            raise DamagedFile(path, f"holds {found.dtype} of {found.ndim} axes but must hold uint8 of {axes} axes")
        return found

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        """(image, number of its class), both transformed."""
        pixels, numbers = (array_of(each) if isinstance(each, Tensor) else each for each in (self.data, self.targets))
        return self.transformed(image_of(np.asarray(pixels[index]), "L"), int(numbers[index]))

    def __len__(self) -> int:
        return len(self.data)

    @property
    def raw_folder(self) -> str:
        """Where downloaded files go."""
        return str(Path(self.root, type(self).__name__, "raw"))

    @property
    def processed_folder(self) -> str:
        """Where torchvision once kept converted files."""
        return str(Path(self.root, type(self).__name__, "processed"))

    @property
    def class_to_idx(self) -> dict[str, int]:
        """The number of each class."""
        return {name: number for number, name in enumerate(self.classes)}

    def download(self) -> None:
        """Fetches the files that lie nowhere yet. Raises RuntimeError."""
        if self._check_exists():
            return
        for resource, checksum in self.resources:
            name = resource.rsplit("/", 1)[-1]
            addresses = (resource,) if "://" in resource else tuple(f"{mirror}{name}" for mirror in self.mirrors)
            if self._find(name) is None:
                fetch(Published(name, addresses, checksum or None), Path(self.raw_folder))

    def extra_repr(self) -> str:
        """Which half it is."""
        return f"Split: {'Train' if self.train is True else 'Test'}"

    @property
    def train_data(self) -> Tensor:
        """The old name of `data`."""
        warnings.warn("train_data has been renamed data", stacklevel=2)
        return self.data

    @property
    def test_data(self) -> Tensor:
        """The old name of `data`."""
        warnings.warn("test_data has been renamed data", stacklevel=2)
        return self.data

    @property
    def train_labels(self) -> Tensor:
        """The old name of `targets`."""
        warnings.warn("train_labels has been renamed targets", stacklevel=2)
        return self.targets

    @property
    def test_labels(self) -> Tensor:
        """The old name of `targets`."""
        warnings.warn("test_labels has been renamed targets", stacklevel=2)
        return self.targets


class FashionMNIST(MNIST):
    """Pieces of clothing, in the form of MNIST."""

    resources = _resources(files.FASHION_MNIST)
    mirrors = _mirrors(files.FASHION_MNIST)
    folders = files.FASHION_MNIST_FOLDERS
    classes: ClassVar[list[str]] = [
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ]


class KMNIST(MNIST):
    """Characters of Japanese script, in the form of MNIST."""

    resources = _resources(files.KMNIST)
    mirrors = _mirrors(files.KMNIST)
    folders = files.KMNIST_FOLDERS
    classes: ClassVar[list[str]] = ["o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"]


class EMNIST(MNIST):
    """Letters and digits in one of six splits, in the form of MNIST."""

    folders = files.EMNIST_FOLDERS
    splits = ("byclass", "bymerge", "balanced", "letters", "digits", "mnist")
    _every = sorted(string.digits + string.ascii_letters)
    _merged = sorted(set(string.digits + string.ascii_letters) - set("cijklmopsuvwxyz"))
    classes_split_dict: ClassVar[dict[str, list[str]]] = {
        "byclass": _every, "bymerge": _merged, "balanced": _merged, "letters": ["N/A", *string.ascii_lowercase],
        "digits": list(string.digits), "mnist": list(string.digits),
    }  # fmt: skip

    def __init__(self, root: str | Path, split: str, **kwargs: Any) -> None:
        """`split` is one of `splits`. Raises ValueError for others."""
        if split not in self.splits:
            raise ValueError(
                f"Unknown value '{split}' for argument split. Valid values are "
                f"{{{', '.join(repr(each) for each in self.splits)}}}."
            )
        self.split = split
        self.classes = self.classes_split_dict[split]
        super().__init__(root, **kwargs)

    def _file_names(self, train: bool) -> tuple[str, str]:
        prefix = f"emnist-{self.split}-{'train' if train else 'test'}"
        return f"{prefix}-images-idx3-ubyte", f"{prefix}-labels-idx1-ubyte"

    def _check_exists(self) -> bool:
        return all(self._find(name) for name in self._file_names(self.train))

    def download(self) -> None:
        """Fetches the archive of all splits and takes out this one. Raises RuntimeError."""
        if self._check_exists():
            return
        folder = Path(self.raw_folder)
        names = [f"gzip/{name}.gz" for train in (True, False) for name in self._file_names(train)]
        extract_zip(fetch(files.EMNIST, folder), names, folder)
