"""The data sets as published: files, addresses, checksums, and the names of the folders that they are kept in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Published:
    """One file: its name, where it comes from, and the hash of its bytes, md5 or sha256 by its length."""

    name: str
    addresses: tuple[str, ...]
    checksum: str | None = None

    @property
    def hash_name(self) -> str:
        """Which hash the checksum is."""
        return "md5" if self.checksum is not None and len(self.checksum) == 32 else "sha256"


def _idx(bases: tuple[str, ...], checksums: tuple[str, str, str, str]) -> tuple[Published, ...]:
    names = ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")
    return tuple(
        Published(f"{name}-ubyte.gz", tuple(f"{base}{name}-ubyte.gz" for base in bases), checksum)
        for name, checksum in zip(names, checksums, strict=True)
    )


# Checksums and addresses as torchvision and keras publish them.
_MNIST_SUMS = (
    "f68b3c2dcbeaaa9fbdd348bbdeb94873", "d53e105ee54ea40749a09fcbcd1e9432",
    "9fb629c4189551a2d022fa330f9573f3", "ec29112dd5afa0611ce80d1b7f02629c",
)  # fmt: skip
MNIST = _idx(("https://ossci-datasets.s3.amazonaws.com/mnist/", "http://yann.lecun.com/exdb/mnist/"), _MNIST_SUMS)
TUTORIAL_MNIST_URL = "https://storage.googleapis.com/cvdf-datasets/mnist/"
FASHION_MNIST = _idx(
    ("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",),
    (
        "8d4fb7e6c68d591d4c3dfef9ec88bf0d", "25c81989df183df01b3e8a0aad5dffbe",
        "bef4ecab320f06d8554ea6380940ec79", "bb300cfdad3c16e7a12a480ee83cd310",
    ),
)  # fmt: skip
KMNIST = _idx(
    ("http://codh.rois.ac.jp/kmnist/dataset/kmnist/",),
    (
        "bdb82020997e1d708af4cf47b453dcf7", "e144d726b3acfaa3e44228e80efcd344",
        "5c965bf0a639b31b8f53240b1b52f4d7", "7320c461ea6c1c855c0b718fb2a4b134",
    ),
)  # fmt: skip
EMNIST = Published(
    "gzip.zip", ("https://biometrics.nist.gov/cs_links/EMNIST/gzip.zip",), "58c8d27c78d21e728a6bc7b3cc06412e"
)
CIFAR10 = Published(
    "cifar-10-python.tar.gz",
    ("https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",),
    "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
)
CIFAR100 = Published(
    "cifar-100-python.tar.gz",
    ("https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz",),
    "85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7",
)

_KERAS_BASE = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"


def keras_file(name: str, checksum: str | None = None) -> Published:
    """A file of keras's data sets."""
    return Published(name, (f"{_KERAS_BASE}{name}",), checksum)


# Names of folders, as torchvision, keras and the tutorials call them.
MNIST_FOLDERS = ("MNIST/raw", "MNIST", "mnist", "MNIST_data")
FASHION_MNIST_FOLDERS = ("FashionMNIST/raw", "FashionMNIST", "fashion-mnist", "fashion_mnist")
KMNIST_FOLDERS = ("KMNIST/raw", "KMNIST", "kmnist")
EMNIST_FOLDERS = ("EMNIST/raw", "EMNIST", "emnist")
