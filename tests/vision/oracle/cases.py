"""Calls of image functions whose answers torchvision gave: `CASES[title] = call`.

A call takes the framework and its package of images.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Call = Callable[..., Any]

_random = np.random.default_rng(7)
_RGB = _random.integers(0, 256, (3, 13, 17)).astype(np.uint8)
_RGB[:, 2:5, 3:7] = 90  # a patch of gray
ARRAYS = {
    "rgb": _RGB,
    "gray": _RGB[:1],
    "float": (_RGB / 255).astype(np.float32),
    "double": _RGB / 255,
    "batch": _random.integers(0, 256, (2, 3, 8, 9)).astype(np.uint8),
    "plane": _RGB[0],
    "signed": _random.integers(-30000, 30000, (1, 4, 5)).astype(np.int16),
}
SIZED = {
    "resize (7, 9)": lambda F, x: F.resize(x, [7, 9]),
    "resize (20, 31)": lambda F, x: F.resize(x, [20, 31]),
    "resize 6": lambda F, x: F.resize(x, 6),
    "resize 6 at most 7": lambda F, x: F.resize(x, [6], max_size=7),
    "resize nearest": lambda F, x: F.resize(x, [5, 40], F.InterpolationMode.NEAREST),
    "resize bicubic": lambda F, x: F.resize(x, [6, 25], F.InterpolationMode.BICUBIC),
    "pad 2": lambda F, x: F.pad(x, 2),
    "pad (1, 2) edge": lambda F, x: F.pad(x, [1, 2], padding_mode="edge"),
    "pad (1, 2, 3, 0) reflect": lambda F, x: F.pad(x, [1, 2, 3, 0], padding_mode="reflect"),
    "pad symmetric": lambda F, x: F.pad(x, [2, 1], padding_mode="symmetric"),
    "crop": lambda F, x: F.crop(x, 2, 3, 5, 4),
    "crop beyond": lambda F, x: F.crop(x, -2, 4, 30, 30),
    "center_crop": lambda F, x: F.center_crop(x, 6),
    "center_crop beyond": lambda F, x: F.center_crop(x, [20, 5]),
    "resized_crop": lambda F, x: F.resized_crop(x, 1, 2, 7, 8, [5, 6]),
    "hflip": lambda F, x: F.hflip(x),
    "vflip": lambda F, x: F.vflip(x),
    "five_crop": lambda F, x: F.five_crop(x, [4, 5]),
    "ten_crop": lambda F, x: F.ten_crop(x, 4, True),
    "rotate 30": lambda F, x: F.rotate(x, 30),
    "rotate 90": lambda F, x: F.rotate(x, 90),
    "rotate bilinear": lambda F, x: F.rotate(x, -20.5, F.InterpolationMode.BILINEAR, fill=3),
    "rotate expand": lambda F, x: F.rotate(x, 40, expand=True, fill=9),
    "rotate center": lambda F, x: F.rotate(x, 15, center=[2, 3]),
    "affine": lambda F, x: F.affine(x, 12, [2, -1], 1.3, [5.0, -3.0]),
    "affine bilinear": lambda F, x: F.affine(x, 12, (2, -1), 0.7, 8.0, F.InterpolationMode.BILINEAR, center=[4, 4]),
    "perspective": lambda F, x: F.perspective(
        x, [[0, 0], [16, 0], [16, 12], [0, 12]], [[2, 1], [15, 2], [16, 12], [1, 11]], F.InterpolationMode.BILINEAR
    ),
    "gaussian_blur": lambda F, x: F.gaussian_blur(x, [3, 5], [0.8, 1.7]),
    "gaussian_blur 5": lambda F, x: F.gaussian_blur(x, 5),
}
COLORED = {
    "adjust_brightness 0.4": lambda F, x: F.adjust_brightness(x, 0.4),
    "adjust_brightness 2": lambda F, x: F.adjust_brightness(x, 2),
    "adjust_contrast 0.4": lambda F, x: F.adjust_contrast(x, 0.4),
    "adjust_contrast 1.7": lambda F, x: F.adjust_contrast(x, 1.7),
    "adjust_saturation 0.3": lambda F, x: F.adjust_saturation(x, 0.3),
    "adjust_saturation 1.9": lambda F, x: F.adjust_saturation(x, 1.9),
    "adjust_hue 0.2": lambda F, x: F.adjust_hue(x, 0.2),
    "adjust_hue -0.4": lambda F, x: F.adjust_hue(x, -0.4),
    "adjust_gamma": lambda F, x: F.adjust_gamma(x, 0.6, 1.1),
    "adjust_sharpness 0.2": lambda F, x: F.adjust_sharpness(x, 0.2),
    "adjust_sharpness 2.5": lambda F, x: F.adjust_sharpness(x, 2.5),
    "rgb_to_grayscale": lambda F, x: F.rgb_to_grayscale(x),
    "rgb_to_grayscale 3": lambda F, x: F.rgb_to_grayscale(x, 3),
    "invert": lambda F, x: F.invert(x),
    "autocontrast": lambda F, x: F.autocontrast(x),
}
BYTES = {
    "posterize": lambda F, x: F.posterize(x, 3),
    "solarize": lambda F, x: F.solarize(x, 100),
    "equalize": lambda F, x: F.equalize(x),
}
OF_TENSORS = {
    "resize without antialias": lambda F, x: F.resize(x, [5, 30], antialias=False),
    "resize bicubic without antialias": lambda F, x: F.resize(x, [5, 30], F.InterpolationMode.BICUBIC, antialias=False),
    "resize nearest-exact": lambda F, x: F.resize(x, [6, 25], F.InterpolationMode.NEAREST_EXACT),
    "pad off": lambda F, x: F.pad(x, [-1, 2, 3, -2], fill=7),
}


def tensor_of(torch: Any, array: np.ndarray) -> Any:
    """A tensor of a copy."""
    return torch.from_numpy(array.copy())


def image_of(array: np.ndarray) -> Any:
    """Pillow's image of an array [channels, height, width]."""
    from PIL import Image

    return Image.fromarray(array[0] if len(array) == 1 else np.ascontiguousarray(array.transpose(1, 2, 0)))


def _on(function: Call, name: str) -> Call:
    return lambda torch, V: function(V.transforms.functional, tensor_of(torch, ARRAYS[name]))


def _on_image(function: Call, name: str) -> Call:
    return lambda torch, V: function(V.transforms.functional, image_of(ARRAYS[name]))


def _grid(**options: Any) -> Call:
    return lambda torch, V: V.utils.make_grid(tensor_of(torch, _random_images(5)), **options)


def _random_images(count: int) -> np.ndarray:
    return np.random.default_rng(3).normal(size=(count, 3, 4, 6)).astype(np.float32)


CASES: dict[str, Call] = {}
for _name in ("rgb", "float", "batch", "gray"):
    for _title, _function in (SIZED | COLORED | OF_TENSORS | (BYTES if _name != "float" else {})).items():
        if not (_name == "batch" and _title in ("five_crop", "ten_crop")):
            CASES[f"{_title} of {_name}"] = _on(_function, _name)
for _title in ("resize (7, 9)", "rotate bilinear", "affine", "gaussian_blur", "perspective"):
    CASES[f"{_title} of double"] = _on(SIZED[_title], "double")
for _title in ("hflip", "pad 2", "crop", "center_crop"):
    CASES[f"{_title} of plane"] = _on(SIZED[_title], "plane")
for _name in ("rgb", "gray"):
    for _title, _function in (SIZED | COLORED | BYTES).items():
        CASES[f"{_title} of an image of {_name}"] = _on_image(_function, _name)
CASES |= {
    "to_tensor": lambda torch, V: V.transforms.functional.to_tensor(image_of(ARRAYS["rgb"])),
    "to_tensor of gray": lambda torch, V: V.transforms.functional.to_tensor(image_of(ARRAYS["gray"])),
    "to_tensor of an array": lambda torch, V: V.transforms.functional.to_tensor(ARRAYS["plane"]),
    "to_tensor of doubles": lambda torch, V: V.transforms.functional.to_tensor(ARRAYS["double"].transpose(1, 2, 0)),
    "to_tensor of bits": lambda torch, V: V.transforms.functional.to_tensor(image_of(ARRAYS["gray"]).convert("1")),
    "to_tensor of integers": lambda torch, V: V.transforms.functional.to_tensor(image_of(ARRAYS["gray"]).convert("I")),
    "pil_to_tensor": lambda torch, V: V.transforms.functional.pil_to_tensor(image_of(ARRAYS["rgb"])),
    "to_pil_image of floats": lambda torch, V: V.transforms.functional.to_pil_image(tensor_of(torch, ARRAYS["float"])),
    "to_pil_image of a plane": lambda torch, V: V.transforms.functional.to_pil_image(tensor_of(torch, ARRAYS["plane"])),
    "to_pil_image of int16": lambda torch, V: V.transforms.functional.to_pil_image(tensor_of(torch, ARRAYS["signed"])),
    "normalize": lambda torch, V: V.transforms.functional.normalize(
        tensor_of(torch, ARRAYS["float"]), (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
    ),
    "normalize by one": lambda torch, V: V.transforms.Normalize((0.5,), (0.5,))(tensor_of(torch, ARRAYS["float"])),
    "erase": lambda torch, V: V.transforms.functional.erase(
        tensor_of(torch, ARRAYS["float"]), 2, 3, 4, 5, torch.tensor([1.0, 2.0, 3.0]).reshape(3, 1, 1)
    ),
    "make_grid": _grid(),
    "make_grid nrow": _grid(nrow=3, padding=1, pad_value=0.5),
    "make_grid normalize": _grid(normalize=True),
    "make_grid value_range": _grid(normalize=True, value_range=(-1.0, 0.5)),
    "make_grid scale_each": _grid(normalize=True, scale_each=True, nrow=2),
    "make_grid of gray": lambda torch, V: V.utils.make_grid(tensor_of(torch, _random_images(4)[:, :1]), nrow=3),
    "make_grid of one": lambda torch, V: V.utils.make_grid(tensor_of(torch, _random_images(1)), normalize=True),
    "make_grid of a plane": lambda torch, V: V.utils.make_grid(tensor_of(torch, _random_images(1)[0, 0])),
    "make_grid of a list": lambda torch, V: V.utils.make_grid([tensor_of(torch, x) for x in _random_images(3)], 2),
    "make_grid of bytes": lambda torch, V: V.utils.make_grid(tensor_of(torch, ARRAYS["batch"]), pad_value=7),
    "draw_bounding_boxes": lambda torch, V: V.utils.draw_bounding_boxes(
        tensor_of(torch, ARRAYS["rgb"]), torch.tensor([[1, 2, 8, 9], [4, 4, 14, 11]]), colors=["red", (0, 9, 200)]
    ),
    "draw_bounding_boxes filled": lambda torch, V: V.utils.draw_bounding_boxes(
        tensor_of(torch, ARRAYS["float"][:1]), torch.tensor([[1.0, 2.0, 8.5, 9.0]]), fill=True, width=2, colors="blue"
    ),
    "draw_bounding_boxes palette": lambda torch, V: V.utils.draw_bounding_boxes(
        tensor_of(torch, ARRAYS["rgb"]), torch.tensor([[1, 2, 8, 9], [4, 4, 14, 11]])
    ),
}
for _source in ("rgb", "float", "double", "signed"):
    for _target in ("uint8", "int16", "int32", "float32", "float64"):
        if (_source, _target) not in (("float", "int32"), ("signed", "uint8")):
            CASES[f"convert {_source} to {_target}"] = lambda torch, V, source=_source, target=_target: (
                V.transforms.functional.convert_image_dtype(tensor_of(torch, ARRAYS[source]), getattr(torch, target))
            )


def answer(torch: Any, V: Any, title: str) -> np.ndarray:
    """What the call gives, images and tuples of them as arrays."""
    return _array(CASES[title](torch, V))


def _array(found: Any) -> np.ndarray:
    if isinstance(found, tuple):
        return np.stack([_array(each) for each in found])
    return np.asarray(found.numpy() if hasattr(found, "numpy") else found)
