"""CIFAR-10 and CIFAR-100."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from diptych.vision import datasets

from tests.datasets.files import batch, tar_of, write_cifar10, write_cifar100


@pytest.mark.parametrize("protocol", [None, 4])
def test_cifar10(tmp_path: Path, protocol: int | None) -> None:
    write_cifar10(tmp_path, protocol=protocol)
    data = datasets.CIFAR10(str(tmp_path))
    assert data.data.shape == (20, 32, 32, 3) and data.data.dtype == np.uint8
    assert data.targets[:6] == [0, 1, 2, 3, 1, 2] and data.classes == list("abcdefghij")
    image, label = data[5]
    assert image.mode == "RGB" and label == 2 and data.class_to_idx["b"] == 1
    np.testing.assert_array_equal(np.asarray(image), batch(4, 1)[1].reshape(3, 32, 32).transpose(1, 2, 0))
    assert len(datasets.CIFAR10(str(tmp_path), train=False)) == 4
    assert (
        repr(data) == f"Dataset CIFAR10\n    Number of datapoints: 20\n    Root location: {tmp_path}\n    Split: Train"
    )


def test_cifar100(tmp_path: Path) -> None:
    write_cifar100(tmp_path)
    data = datasets.CIFAR100(tmp_path, train=False, transform=lambda image: image.size, target_transform=str)
    assert data[2] == ((32, 32), "21") and data.classes[21] == "f21"


def test_nothing_there(tmp_path: Path) -> None:
    write_cifar10(tmp_path)
    (tmp_path / "cifar-10-batches-py" / "data_batch_3").unlink()
    with pytest.raises(RuntimeError) as caught:
        datasets.CIFAR10(tmp_path)
    assert str(caught.value) == "Dataset not found or corrupted. You can use download=True to download it"


def test_an_archive_that_lies_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_cifar10(tmp_path)
    tar_of(tmp_path / "cifar-10-batches-py", tmp_path / "cifar-10-python.tar.gz")
    shutil.rmtree(tmp_path / "cifar-10-batches-py")
    monkeypatch.setattr("diptych.datasets.downloading.is_sound", lambda path, checksum: path.is_file())
    assert len(datasets.CIFAR10(tmp_path, download=True)) == 20
