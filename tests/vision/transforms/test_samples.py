"""The second version: transforms of images together with what belongs to them."""

from __future__ import annotations

import pickle
from collections import namedtuple
from typing import Any

import diptych.eager as torch
import numpy as np
import pytest
from diptych.vision import transforms as T
from diptych.vision.transforms import v2
from PIL import Image

PIXELS = np.random.default_rng(0).integers(0, 256, (6, 8, 3)).astype(np.uint8)


def test_an_image_and_its_label() -> None:
    change = v2.Compose(
        [v2.ToImage(), v2.ToDtype(torch.float32, scale=True), v2.Normalize([0.5], [0.5]), v2.Resize((3, 4))]
    )
    image, label = change(Image.fromarray(PIXELS), 7)
    assert image.shape == (3, 3, 4) and image.dtype == torch.float32 and label == 7
    alone = change(Image.fromarray(PIXELS))
    assert alone.tolist() == image.tolist()


def test_one_draw_serves_all_images() -> None:
    torch.manual_seed(0)
    flip = v2.RandomHorizontalFlip(0.5)
    seen = set()
    for _ in range(12):
        sample = flip({"a": Image.fromarray(PIXELS), "b": [Image.fromarray(PIXELS), "text"], "c": torch.zeros(2)})
        first, second = (np.asarray(each).tolist() for each in (sample["a"], sample["b"][0]))
        assert first == second and sample["b"][1] == "text" and sample["c"].shape == (2,)
        seen.add(first == PIXELS.tolist())
    assert seen == {True, False}


def test_of_tensors_the_first_is_the_image() -> None:
    image, label = v2.CenterCrop(2)(torch.zeros(3, 6, 8), torch.zeros(5))
    assert image.shape == (3, 2, 2) and label.shape == (5,)


def test_samples_keep_their_form() -> None:
    Pair = namedtuple("Pair", ["image", "rest"])
    sample = v2.CenterCrop(2)(Pair(torch.zeros(3, 6, 8), [1, (2,)]))
    assert type(sample) is Pair and sample.image.shape == (3, 2, 2) and sample.rest == [1, (2,)]


def test_kinds() -> None:
    image = Image.fromarray(PIXELS)
    assert v2.ToImage()(PIXELS).tolist() == v2.PILToTensor()(image).tolist() == PIXELS.transpose(2, 0, 1).tolist()
    assert v2.ToTensor()(image).dtype == torch.float32
    assert np.array_equal(np.asarray(v2.ToPILImage()(v2.ToImage()(image))), PIXELS)
    assert np.array_equal(np.asarray(v2.ToPILImage()(PIXELS)), PIXELS)
    assert v2.ToDtype(torch.float32)(v2.ToImage()(PIXELS)).max().item() == PIXELS.max()
    assert v2.Identity()(image) is image
    assert v2.Lambda(lambda leaf: leaf + 1, int)((1, "a", 2.5)) == (2, "a", 2.5)
    assert v2.functional.to_image(torch.zeros(4, 5)).shape == (1, 4, 5)
    assert v2.functional.get_size(image) == [6, 8] and v2.functional.get_num_channels(image) == 3
    with pytest.raises(TypeError) as caught:
        v2.functional.to_image(3)
    assert str(caught.value) == (
        "Input can either be a pure Tensor, a numpy array, or a PIL image, but got <class 'int'> instead."
    )


def test_gray_has_three_channels_where_asked() -> None:
    gray = torch.from_numpy(PIXELS[:, :, :1].transpose(2, 0, 1).copy())
    assert v2.Grayscale(3)(gray).tolist() == [gray[0].tolist()] * 3
    assert v2.functional.rgb_to_grayscale(gray).shape == (1, 6, 8)
    assert T.functional.rgb_to_grayscale(gray, 3).shape == (1, 6, 8)


def test_choices_of_transforms() -> None:
    parts = [v2.Lambda(lambda x, n=n: x * 10 + n) for n in (1, 2, 3)]
    torch.manual_seed(0)
    assert len({v2.RandomOrder(parts)(0) for _ in range(60)}) == 6
    assert {v2.RandomChoice(parts)(0) for _ in range(40)} == {1, 2, 3}
    assert {v2.RandomChoice(parts, p=[0.0, 2.0, 0.0])(0) for _ in range(10)} == {2}
    with pytest.raises(ValueError, match="Length of p doesn't match the number of transforms: 1 != 3"):
        v2.RandomChoice(parts, p=[1.0])
    with pytest.raises(TypeError, match="Argument transforms should be a sequence of callables"):
        v2.Compose(3)


@pytest.mark.parametrize("version", [T, v2], ids=["v1", "v2"])
def test_transforms_can_be_sent_to_other_processes(version: Any) -> None:
    change = version.Compose([version.ToTensor(), version.RandomCrop(3), version.Normalize([0.5], [0.5])])
    assert repr(pickle.loads(pickle.dumps(change))) == repr(change)


class Doubled(v2.Transform):
    """A user's own."""

    def __init__(self) -> None:
        super().__init__()
        self.factor = 2

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        return {"factor": self.factor, "count": len(flat_inputs)}

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return inpt * params["factor"] + params["count"]


def test_a_users_own_transform() -> None:
    image, label = Doubled()(torch.ones(1, 2, 2), "label")
    assert image.tolist() == [[[4, 4], [4, 4]]] and label == "label"
    assert repr(Doubled()) == "Doubled(factor=2)"
