"""MNIST and its kin."""

from __future__ import annotations

import gzip
import hashlib
import io
import urllib.request
import zipfile
from email.message import Message
from pathlib import Path
from typing import Any

import diptych.eager as torch
import numpy as np
import pytest
from diptych.datasets import DamagedFile, DownloadFailed
from diptych.vision import datasets, transforms

from tests.datasets.files import digits, idx, write_mnist


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("name", ["MNIST", "FashionMNIST", "KMNIST"])
def test_samples(tmp_path: Path, name: str, packed: bool) -> None:
    write_mnist(tmp_path / name / "raw", packed=packed)
    kind = getattr(datasets, name)
    data = kind(str(tmp_path))
    images, labels = digits(20, 1)
    assert len(data) == 20 and data.train is True
    np.testing.assert_array_equal(data.data.numpy(), images)
    assert data.data.dtype == torch.uint8 and data.targets.dtype == torch.int64
    image, label = data[3]
    assert image.mode == "L" and type(label) is int and label == labels[3]
    np.testing.assert_array_equal(np.asarray(image), images[3])
    assert len(kind(str(tmp_path), train=False)) == 10
    assert data.class_to_idx[kind.classes[9]] == 9 and len(data.class_to_idx) == 10


def test_transforms_and_the_text(tmp_path: Path) -> None:
    write_mnist(tmp_path / "MNIST" / "raw")
    change = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,), (0.5,))])
    data = datasets.MNIST(tmp_path, train=False, transform=change, target_transform=lambda label: -label)
    image, label = data[4]
    np.testing.assert_allclose(image.numpy(), digits(10, 2)[0][4][None] / 255 * 2 - 1, rtol=1e-6, atol=1e-6)
    assert label == -4 and image.dtype == torch.float32
    data.target_transform = None
    data.transforms.target_transform = None
    assert repr(data) == (
        "Dataset MNIST\n    Number of datapoints: 10\n"
        f"    Root location: {tmp_path}\n    Split: Test\n"
        "    StandardTransform\nTransform: Compose(\n               ToTensor()\n"
        "               Normalize(mean=(0.5,), std=(0.5,))\n           )"
    )


def test_data_and_targets_may_be_replaced(tmp_path: Path) -> None:
    """As programs do that keep some classes, or change labels."""
    write_mnist(tmp_path / "MNIST" / "raw")
    data = datasets.MNIST(tmp_path)
    kept = data.targets == 3
    data.data, data.targets = data.data[kept], data.targets[kept]
    assert len(data) == 2 and data[1][1] == 3
    data.targets = [7, 8]
    data.data = data.data.numpy()
    assert data[1][1] == 8 and data[1][0].size == (28, 28)


def test_files_that_lie_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIPTYCH_DATA", str(tmp_path))
    write_mnist(tmp_path / "MNIST_data")
    assert len(datasets.MNIST("somewhere", download=True)) == 20
    with pytest.raises(RuntimeError):
        datasets.FashionMNIST("somewhere")


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError) as caught:
        datasets.MNIST(tmp_path)
    assert str(caught.value) == "Dataset not found. You can use download=True to download it"
    with pytest.raises(DownloadFailed) as failed:
        datasets.MNIST(tmp_path, download=True)
    assert str(failed.value) == (
        "train-images-idx3-ubyte.gz: could not be downloaded from "
        "https://ossci-datasets.s3.amazonaws.com/mnist/train-images-idx3-ubyte.gz (no network), nor from "
        "http://yann.lecun.com/exdb/mnist/train-images-idx3-ubyte.gz (no network)\n"
        f"  try: put the file there by hand: {tmp_path / 'MNIST' / 'raw' / 'train-images-idx3-ubyte.gz'}"
    )


class Answer(io.BytesIO):
    """What a server answers."""

    headers = Message()


def test_download(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_mnist(tmp_path / "server")
    files = {path.name: path.read_bytes() for path in (tmp_path / "server").iterdir()}
    monkeypatch.setattr(
        urllib.request, "urlopen", lambda request, timeout: Answer(files[request.full_url.removeprefix("http://here/")])
    )

    class Mine(datasets.MNIST):
        mirrors = ("http://here/",)
        resources = tuple((name, hashlib.md5(data).hexdigest()) for name, data in files.items())

    assert len(Mine(tmp_path / "root", download=True)) == 20
    assert sorted(path.name for path in (tmp_path / "root" / "Mine" / "raw").iterdir()) == sorted(files)


def test_emnist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    images, labels = digits(6, 1)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        for half in ("train", "test"):
            file.writestr(f"gzip/emnist-letters-{half}-images-idx3-ubyte.gz", gzip.compress(idx(images)))
            file.writestr(f"gzip/emnist-letters-{half}-labels-idx1-ubyte.gz", gzip.compress(idx(labels)))
    raw = tmp_path / "EMNIST" / "raw"
    raw.mkdir(parents=True)
    with pytest.raises(RuntimeError, match="Dataset not found"):
        datasets.EMNIST(tmp_path, "letters")
    (raw / "gzip.zip").write_bytes(archive.getvalue())
    monkeypatch.setattr("diptych.datasets.downloading.is_sound", lambda path, checksum: path.is_file())
    data = datasets.EMNIST(tmp_path, "letters", train=False, download=True)
    assert len(data) == 6 and data[5][1] == 5 and data.classes[:2] == ["N/A", "a"]
    assert len(datasets.EMNIST.classes_split_dict["balanced"]) == 47


@pytest.mark.parametrize(
    ("name", "array", "message"),
    [
        ("train-images-idx3-ubyte", np.zeros(3, np.uint8), "holds uint8 of 1 axes but must hold uint8 of 3 axes"),
        ("train-labels-idx1-ubyte", np.zeros(20, np.int32), "holds int32 of 1 axes but must hold uint8 of 1 axes"),
    ],
)
def test_other_files_under_its_names_are_refused(tmp_path: Path, name: str, array: Any, message: str) -> None:
    raw = tmp_path / "MNIST" / "raw"
    write_mnist(raw, packed=False)
    (raw / name).write_bytes(idx(array))
    with pytest.raises(DamagedFile) as caught:
        datasets.MNIST(tmp_path)
    assert str(caught.value) == f"{raw / name}: {message}"


def test_as_many_labels_as_images(tmp_path: Path) -> None:
    write_mnist(tmp_path / "MNIST" / "raw", packed=False)
    (tmp_path / "MNIST" / "raw" / "train-labels-idx1-ubyte").write_bytes(idx(np.zeros(3, np.uint8)))
    with pytest.raises(DamagedFile, match="holds 20 images but 3 labels"):
        datasets.MNIST(tmp_path)


def test_old_names_warn(tmp_path: Path) -> None:
    write_mnist(tmp_path / "MNIST" / "raw")
    data = datasets.MNIST(tmp_path)
    for name, new in (
        ("train_data", "data"),
        ("test_data", "data"),
        ("train_labels", "targets"),
        ("test_labels", "targets"),
    ):
        with pytest.warns(UserWarning, match=f"{name} has been renamed {new}"):
            assert getattr(data, name) is getattr(data, new)
