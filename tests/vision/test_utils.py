"""Files of images, and what grids and boxes refuse or leave alone."""

from __future__ import annotations

import io
from pathlib import Path

import diptych.eager as torch
import numpy as np
import pytest
from diptych.vision import utils
from PIL import Image


def images() -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(0).uniform(-0.2, 1.2, (5, 3, 4, 6)).astype(np.float32))


def expected(grid: torch.Tensor) -> np.ndarray:
    """The nearest of 256 steps."""
    return np.floor(grid.numpy().astype(np.float64) * 255 + 0.5).clip(0, 255).transpose(1, 2, 0)


@pytest.mark.parametrize("kind", [str, Path])
def test_a_file_by_its_name(tmp_path: Path, kind: type) -> None:
    utils.save_image(images(), kind(tmp_path / "grid.png"), nrow=2, padding=1)
    np.testing.assert_array_equal(
        np.asarray(Image.open(tmp_path / "grid.png")), expected(utils.make_grid(images(), 2, 1))
    )


@pytest.mark.parametrize("format", ["png", "bmp", "JPEG"])
def test_an_open_file(format: str) -> None:
    file = io.BytesIO()
    utils.save_image(images()[0], file, format=format)
    found = Image.open(io.BytesIO(file.getvalue()))
    assert found.format == format.upper() and found.size == (6, 4)


def test_normalized_files(tmp_path: Path) -> None:
    utils.save_image(images(), tmp_path / "grid.png", normalize=True, value_range=(-1, 1))
    grid = utils.make_grid(images(), normalize=True, value_range=(-1, 1))
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "grid.png")), expected(grid))


def test_grids_leave_images_and_gradients_alone() -> None:
    x = images()
    before = x.tolist()
    assert not utils.make_grid(x.requires_grad_(), normalize=True).requires_grad
    assert x.tolist() == before


def test_no_boxes() -> None:
    image = torch.zeros(3, 4, 4, dtype=torch.uint8)
    with pytest.warns(UserWarning, match="boxes doesn't contain any box. No box was drawn"):
        assert utils.draw_bounding_boxes(image, torch.zeros(0, 4)) is image


def test_labels_are_written() -> None:
    image, box = torch.zeros(3, 30, 60, dtype=torch.uint8), torch.tensor([[1, 1, 58, 28]])
    plain = utils.draw_bounding_boxes(image, box, colors="red")
    labelled = utils.draw_bounding_boxes(image, box, labels=["a"], colors="red", label_colors="lime")
    filled = utils.draw_bounding_boxes(
        image, box, labels=["a"], colors="red", fill_labels=True, label_background_colors=["blue"]
    )
    assert plain[1].max().item() == 0 and labelled[1].max().item() > 100 and filled[2].max().item() == 255
    with pytest.warns(UserWarning, match="Argument 'font_size' will be ignored since 'font' is not set."):
        utils.draw_bounding_boxes(image, box, font_size=3)
