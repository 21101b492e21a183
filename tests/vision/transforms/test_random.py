"""Random transforms: repeated by a seed, and spread as torchvision's are."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import diptych.eager as torch
import numpy as np
import pytest
from diptych.vision import transforms as T
from diptych.vision.transforms import draws, v2
from PIL import Image

IMAGE = np.random.default_rng(0).integers(0, 256, (3, 16, 18)).astype(np.uint8)

MADE: dict[str, Callable[[Any], Any]] = {
    "RandomCrop": lambda T: T.RandomCrop(8, padding=3, padding_mode="reflect"),
    "RandomHorizontalFlip": lambda T: T.RandomHorizontalFlip(),
    "RandomVerticalFlip": lambda T: T.RandomVerticalFlip(),
    "RandomResizedCrop": lambda T: T.RandomResizedCrop(6),
    "RandomRotation": lambda T: T.RandomRotation(40),
    "RandomAffine": lambda T: T.RandomAffine(10, (0.1, 0.2), (0.8, 1.2), (-5, 5, -5, 5)),
    "RandomPerspective": lambda T: T.RandomPerspective(p=0.9),
    "ColorJitter": lambda T: T.ColorJitter(0.5, 0.5, 0.5, 0.2),
    "RandomGrayscale": lambda T: T.RandomGrayscale(0.5),
    "GaussianBlur": lambda T: T.GaussianBlur(3),
    "RandomInvert": lambda T: T.RandomInvert(),
    "RandomPosterize": lambda T: T.RandomPosterize(2),
    "RandomSolarize": lambda T: T.RandomSolarize(128),
    "RandomAdjustSharpness": lambda T: T.RandomAdjustSharpness(3),
    "RandomApply": lambda T: T.RandomApply([T.RandomInvert(1)], 0.5),
}
OF_TENSORS = {
    "RandomErasing": lambda T: T.RandomErasing(0.9, value="random"),
    "RandomErasing of a value": lambda T: T.RandomErasing(0.9, value=(1, 2, 3)),
}


def tensor() -> torch.Tensor:
    return torch.from_numpy(IMAGE.copy())


def image() -> Any:
    return Image.fromarray(np.ascontiguousarray(IMAGE.transpose(1, 2, 0)))


def results(transform: Any, subject: Callable[[], Any], seed: int) -> list[list[Any]]:
    torch.manual_seed(seed)
    found = [transform(subject()) for _ in range(6)]
    return [(each.numpy() if isinstance(each, torch.Tensor) else np.asarray(each)).tolist() for each in found]


@pytest.mark.parametrize("version", [T, v2], ids=["v1", "v2"])
@pytest.mark.parametrize("name", [*MADE, *OF_TENSORS])
def test_a_seed_repeats_them(version: Any, name: str) -> None:
    subjects = (tensor, image) if name in MADE else (lambda: tensor() / 255,)
    transform = (MADE | OF_TENSORS)[name](version)
    for subject in subjects:
        first = results(transform, subject, 3)
        assert results(transform, subject, 3) == first
        assert any(each != first[0] for each in first)


def test_chances() -> None:
    torch.manual_seed(0)
    plain = tensor().tolist()
    for p in (0.0, 1.0):
        assert all((T.RandomHorizontalFlip(p)(tensor()).tolist() != plain) is bool(p) for _ in range(10))
    flips = sum(T.RandomVerticalFlip(0.3)(tensor()).tolist() != plain for _ in range(300))
    assert 60 < flips < 120


def test_ranges() -> None:
    torch.manual_seed(1)
    x = torch.zeros(3, 20, 30)
    crops = {T.RandomCrop.get_params(x, (18, 27)) for _ in range(150)}
    assert crops == {(i, j, 18, 27) for i in range(3) for j in range(4)}
    assert T.RandomCrop.get_params(x, (20, 30)) == (0, 0, 20, 30)
    for _ in range(50):
        top, left, height, width = T.RandomResizedCrop.get_params(x, (0.2, 0.5), (0.5, 2.0))
        assert 0 <= top <= 20 - height and 0 <= left <= 30 - width
        assert 0.15 < height * width / 600 < 0.56 and 0.4 < width / height < 2.3
        angle, moves, scale, shear = T.RandomAffine.get_params([-5, 5], [0.1, 0.2], [0.5, 2], [-3, 3], [30, 20])
        assert abs(angle) <= 5 and abs(moves[0]) <= 3 and abs(moves[1]) <= 4 and 0.5 <= scale <= 2
        assert abs(shear[0]) <= 3 and shear[1] == 0
        _, _, part_height, part_width, written = T.RandomErasing.get_params(x, (0.1, 0.2), (0.5, 2.0), [4.0])
        assert 0.05 < part_height * part_width / 600 < 0.26 and written.shape == (1, 1, 1)
        assert 0.1 <= T.GaussianBlur.get_params(0.1, 2.0) <= 2
    order, brightness, contrast, saturation, hue = T.ColorJitter.get_params((0.5, 1.5), None, None, (-0.1, 0.1))
    assert sorted(order.tolist()) == [0, 1, 2, 3] and 0.5 <= brightness <= 1.5 and abs(hue) <= 0.1
    assert contrast is None and saturation is None


def test_a_form_that_never_fits_gives_the_middle() -> None:
    assert T.RandomResizedCrop.get_params(torch.zeros(1, 4, 100), (1.0, 1.0), (1.0, 1.0)) == (0, 48, 4, 4)
    assert T.RandomResizedCrop.get_params(torch.zeros(1, 100, 4), (1.0, 1.0), (1.0, 1.0)) == (48, 0, 4, 4)


def test_crops_pad_where_needed() -> None:
    assert T.RandomCrop((20, 30), pad_if_needed=True)(tensor()).shape == (3, 20, 30)


def test_choices_of_transforms() -> None:
    parts = [T.Lambda(lambda x: [*x, 1]), T.Lambda(lambda x: [*x, 2]), T.Lambda(lambda x: [*x, 3])]
    random.seed(4)
    found = {tuple(T.RandomOrder(parts)([])) for _ in range(60)}
    assert len(found) == 6 and all(sorted(each) == [1, 2, 3] for each in found)
    assert {T.RandomChoice(parts)([])[0] for _ in range(40)} == {1, 2, 3}
    assert {T.RandomChoice(parts, p=[0, 1, 0])([])[0] for _ in range(40)} == {2}
    random.seed(9)
    wanted = random.choices([1, 2, 3], k=1)
    random.seed(9)
    assert T.RandomChoice(parts)([]) == wanted


def test_erasing_changes_a_copy_unless_in_place() -> None:
    torch.manual_seed(0)
    x = torch.ones(3, 9, 9)
    erased = T.RandomErasing(1)(x)
    assert x.sum().item() == 243 > erased.sum().item()
    assert T.RandomErasing(1, inplace=True)(x) is x and x.sum().item() < 243
    with pytest.raises(ValueError) as caught:
        T.RandomErasing(1, value=(1, 2))(x)
    assert str(caught.value) == (
        "If value is a sequence, it should have either a single value or 3 (number of input channels)"
    )


def test_draws_are_those_of_the_default_generator() -> None:
    for seed in (0, 5, 2**63 + 2**40 + 1):
        torch.manual_seed(seed)
        wanted = [torch.rand(1).item() for _ in range(5)]
        torch.manual_seed(seed)
        found = [draws.uniform(0, 1), torch.rand(1).item(), draws.uniform(0, 1), draws.uniform(0, 1)]
        waiting = torch.rand(1)  # not read before the next draw
        last = draws.uniform(0, 1)
        assert [*found, waiting.item()] == wanted and last not in wanted


def test_integers_are_spread_evenly() -> None:
    torch.manual_seed(0)
    counts = np.bincount([draws.integer(2, 7) for _ in range(1000)])
    assert counts[:2].tolist() == [0, 0] and len(counts) == 7 and 150 < counts[2:].min() <= counts.max() < 250


def test_an_empty_range_is_refused() -> None:
    with pytest.raises(RuntimeError) as caught:
        draws.integer(3, 3)
    assert str(caught.value) == "random_ expects 'from' to be less than 'to', but got from=3 >= to=3"
