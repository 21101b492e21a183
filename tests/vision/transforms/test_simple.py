"""What transforms of numbers keep: gradients, places, Pillow's kinds."""

from __future__ import annotations

import diptych.eager as torch
import numpy as np
import pytest
from diptych.vision import transforms as T


def test_normalize_has_a_gradient() -> None:
    x = torch.ones(3, 2, 2, requires_grad=True)
    T.Normalize((1.0, 2.0, 3.0), (2.0, 4.0, 8.0))(x).sum().backward()
    assert x.grad[:, 0, 0].tolist() == [0.5, 0.25, 0.125]


def test_normalize_in_place() -> None:
    x = torch.ones(1, 2, 2)
    assert T.Normalize(0.5, 0.25, inplace=True)(x) is x and x.tolist() == [[[2, 2], [2, 2]]]


def test_other_functions_say_that_they_have_no_gradient() -> None:
    with pytest.raises(RuntimeError, match="Can't call numpy\\(\\) on Tensor that requires grad"):
        T.functional.hflip(torch.ones(3, 2, 2, requires_grad=True))


def test_results_share_nothing_with_what_went_in() -> None:
    pixels = np.zeros((2, 2, 3), np.float32)
    x = T.functional.to_tensor(pixels)
    cropped = T.functional.crop(x, 0, 0, 2, 2)
    pixels[:] = 1
    x += 5
    assert x.max().item() == 5 and cropped.max().item() == 0


def test_to_tensor_gives_the_default_dtype() -> None:
    torch.set_default_dtype(torch.float64)
    try:
        assert T.ToTensor()(np.zeros((2, 2), np.uint8)).dtype == torch.float64
    finally:
        torch.set_default_dtype(torch.float32)


def test_linear_transformation() -> None:
    matrix = torch.tensor([[0.0, 1.0], [2.0, 0.0]])
    change = T.LinearTransformation(matrix, torch.tensor([1.0, 1.0]))
    assert change(torch.tensor([[[3.0, 5.0]]])).tolist() == [[[8.0, 2.0]]]
    assert repr(change) == (
        "LinearTransformation(transformation_matrix=[[0.0, 1.0], [2.0, 0.0]], mean_vector=[1.0, 1.0])"
    )
    with pytest.raises(ValueError, match=r"incompatible shape.\[1 x 1 x 3\] != 2"):
        change(torch.zeros(1, 1, 3))


def test_pillow_alone_antialiases_always() -> None:
    from PIL import Image

    with pytest.warns(UserWarning, match="Anti-alias option is always applied for PIL Image input"):
        T.Resize(2, antialias=False)(Image.new("L", (4, 4)))


def test_a_palette_stays() -> None:
    from PIL import Image

    image = Image.new("P", (3, 3), 1)
    image.putpalette([0, 0, 0, 200, 100, 50])
    for mode in ("constant", "edge"):
        padded = T.Pad(1, padding_mode=mode)(image)
        assert padded.mode == "P" and padded.convert("RGB").getpixel((2, 2)) == (200, 100, 50)
