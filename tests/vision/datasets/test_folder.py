"""Folders of images, and images of random numbers."""

from __future__ import annotations

from pathlib import Path

import diptych.eager as torch
import numpy as np
import pytest
from diptych.vision import datasets
from PIL import Image


def write_images(root: Path) -> None:
    for place, name in enumerate(("cat/b.png", "cat/a.PNG", "dog/deep/c.jpg", "dog/note.txt")):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".txt":
            path.write_text("no image")
        else:
            Image.new("L" if place else "RGB", (4, 3), 40 * place).save(path)


def test_images_by_their_folders(tmp_path: Path) -> None:
    write_images(tmp_path)
    data = datasets.ImageFolder(tmp_path, target_transform=lambda target: target + 10)
    assert data.classes == ["cat", "dog"] and data.class_to_idx == {"cat": 0, "dog": 1} and data.targets == [0, 0, 1]
    paths = [str(tmp_path / name) for name in ("cat/a.PNG", "cat/b.png", "dog/deep/c.jpg")]
    assert data.imgs == data.samples == list(zip(paths, [0, 0, 1], strict=True))
    image, target = data[0]
    assert image.mode == "RGB" and np.asarray(image)[0, 0].tolist() == [40] * 3 and target == 10
    assert repr(data) == f"Dataset ImageFolder\n    Number of datapoints: 3\n    Root location: {tmp_path}\n" + (
        repr(data.transforms).join(["    ", ""])
    )


def test_other_files(tmp_path: Path) -> None:
    write_images(tmp_path)
    texts = datasets.DatasetFolder(tmp_path, lambda path: Path(path).read_text(), (".txt",), allow_empty=True)
    assert texts[0] == ("no image", 1) and len(texts) == 1
    assert len(datasets.ImageFolder(tmp_path, is_valid_file=lambda path: "a" in Path(path).name, allow_empty=True)) == 1


def test_refusals(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        datasets.ImageFolder(tmp_path)
    assert str(caught.value) == f"Couldn't find any class folder in {tmp_path}."
    write_images(tmp_path)
    (tmp_path / "bird").mkdir()
    with pytest.raises(FileNotFoundError) as caught:
        datasets.ImageFolder(tmp_path)
    assert str(caught.value) == (
        "Found no valid file for the classes bird. "
        "Supported extensions are: .jpg, .jpeg, .png, .ppm, .bmp, .pgm, .tif, .tiff, .webp"
    )
    with pytest.raises(
        ValueError, match="Both extensions and is_valid_file cannot be None or not None at the same time"
    ):
        datasets.DatasetFolder(tmp_path, str)


def test_fake_data_is_the_same_each_time_and_moves_no_generator() -> None:
    data = datasets.FakeData(4, (3, 5, 6), num_classes=7)
    torch.manual_seed(0)
    before = torch.rand(3).tolist()
    torch.manual_seed(0)
    image, target = data[2]
    assert torch.rand(3).tolist() == before
    again, same = data[2]
    assert image.size == (6, 5) and image.mode == "RGB" and np.array_equal(np.asarray(image), np.asarray(again))
    assert type(target) is int and target == same and 0 <= target < 7
    other, _ = datasets.FakeData(4, (3, 5, 6), random_offset=1)[1]
    assert np.array_equal(np.asarray(other), np.asarray(image))
    with pytest.raises(IndexError, match="FakeData index out of range"):
        data[4]
