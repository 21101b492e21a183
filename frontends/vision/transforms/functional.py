"""`torchvision.transforms.functional`: one function a transform, on images and on tensors [..., channels, height, width]."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import diptych.eager as torch
import numpy as np

from ..pillow import is_image
from ..tensors import array_of, is_tensor, tensor_of
from . import arrays, colors, images, resampling
from .conversion import convert_image_dtype, pil_to_tensor, to_pil_image, to_tensor
from .modes import InterpolationMode, mode_of, pil_modes_mapping

Image = Any  # one of Pillow's, or a tensor

_BILINEAR, _NEAREST = InterpolationMode.BILINEAR, InterpolationMode.NEAREST


def _values(image: torch.Tensor, least: int = 2) -> np.ndarray:
    """The values of a tensor that is an image. Raises TypeError for fewer axes."""
    if image.ndim < 2:
        raise TypeError("Tensor is not a torch image.")
    if image.ndim < least:
        raise TypeError(f"Input image tensor should have at least {least} dimensions, but found {image.ndim}")
    return array_of(image)


def _colors(image: torch.Tensor, permitted: Sequence[int] = (1, 3)) -> np.ndarray:
    """The values of a tensor with so many channels. Raises TypeError for others."""
    values = _values(image)
    channels = get_dimensions(image)[0]
    if channels not in permitted:
        raise TypeError(f"Input image tensor permitted channel values are {list(permitted)}, but found {channels}")
    return values if values.ndim > 2 else values[None]


def _recolored(image: torch.Tensor, function: Callable[..., np.ndarray], *arguments: Any) -> torch.Tensor:
    return tensor_of(function(_colors(image), *arguments).reshape(image.shape))


# -- sizes ----


def get_dimensions(img: Image) -> list[int]:
    """[channels, height, width]."""
    if not is_tensor(img):
        return images.get_dimensions(img)
    if img.ndim < 2:
        raise TypeError("Tensor is not a torch image.")
    return [1 if img.ndim == 2 else int(img.shape[-3]), int(img.shape[-2]), int(img.shape[-1])]


def get_image_size(img: Image) -> list[int]:
    """[width, height]."""
    _, height, width = get_dimensions(img)
    return [width, height]


def get_image_num_channels(img: Image) -> int:
    """How many channels it has."""
    return get_dimensions(img)[0]


def resized_dimensions(size: tuple[int, int], target: Sequence[int], max_size: int | None) -> list[int]:
    """[height, width] for a target of two numbers, or of one for the shorter side, the longer at most `max_size`."""
    if len(target) == 2:
        return [target[0], target[1]]
    height, width = size
    short, long = sorted(size)
    new_short, new_long = target[0], int(target[0] * long / short)
    if max_size is not None:
        if max_size <= target[0]:
            raise ValueError(
                f"max_size = {max_size} must be strictly greater than the requested size for the smaller edge "
                f"size = {list(target)}"
            )
        if new_long > max_size:
            new_short, new_long = int(max_size * new_short / new_long), max_size
    return [new_long, new_short] if width <= height else [new_short, new_long]


def resize(
    img: Image,
    size: Any,
    interpolation: Any = _BILINEAR,
    max_size: int | None = None,
    antialias: bool | None = True,
) -> Image:
    """The image with `size` (height, width), or with its shorter side so long. Raises ValueError for other sizes."""
    mode = mode_of(interpolation)
    if isinstance(size, (list, tuple)):
        if len(size) not in (1, 2):
            raise ValueError(
                f"Size must be an int or a 1 or 2 element tuple/list, not a {len(size)} element tuple/list"
            )
        if max_size is not None and len(size) != 1:
            raise ValueError(
                "max_size should only be passed if size specifies the length of the smaller edge, i.e. size should be "
                "an int or a sequence of length 1 in torchscript mode."
            )
    _, height, width = get_dimensions(img)
    target = resized_dimensions((height, width), [size] if isinstance(size, int) else size, max_size)
    if [height, width] == target:
        return img
    if not is_tensor(img):
        if antialias is False:
            warnings.warn(
                "Anti-alias option is always applied for PIL Image input. Argument antialias is ignored.", stacklevel=2
            )
        return images.resize(img, target, pil_modes_mapping[mode])
    return tensor_of(resampling.resize(_values(img), target, mode.value, bool(antialias)))


def pad(img: Image, padding: Any, fill: Any = 0, padding_mode: str = "constant") -> Image:
    """The image with pixels added: one number for all sides, two for left/right and top/bottom, or four for left, top,
    right and bottom."""
    if not is_tensor(img):
        return images.pad(img, padding, fill, padding_mode)
    values = _values(img)
    fill = 0 if fill is None else fill
    if not isinstance(fill, (int, float)):
        raise TypeError("Got inappropriate fill arg")
    arrays.check_padding_mode(padding_mode)
    return tensor_of(arrays.pad(values, padding, fill, padding_mode))


def crop(img: Image, top: int, left: int, height: int, width: int) -> Image:
    """The part of that size from (top, left) on, zeros outside of the image."""
    if not is_tensor(img):
        return images.crop(img, top, left, height, width)
    return tensor_of(np.array(arrays.crop(_values(img), top, left, height, width)))


def _pair(size: Any) -> tuple[int, int]:
    if isinstance(size, (int, float)):
        return int(size), int(size)
    if len(size) == 1:
        return size[0], size[0]
    if len(size) != 2:
        raise ValueError("Please provide only two dimensions (h, w) for size.")
    return size[0], size[1]


def center_crop(img: Image, output_size: Any) -> Image:
    """The middle of the image, with zeros around where it is too small."""
    height, width = _pair(output_size)
    _, full_height, full_width = get_dimensions(img)
    more_width, more_height = max(width - full_width, 0), max(height - full_height, 0)
    if more_width or more_height:
        img = pad(img, [more_width // 2, more_height // 2, (more_width + 1) // 2, (more_height + 1) // 2])
        _, full_height, full_width = get_dimensions(img)
        if (height, width) == (full_height, full_width):
            return img
    top, left = round((full_height - height) / 2.0), round((full_width - width) / 2.0)
    return crop(img, top, left, height, width)


def resized_crop(
    img: Image,
    top: int,
    left: int,
    height: int,
    width: int,
    size: Any,
    interpolation: Any = _BILINEAR,
    antialias: bool | None = True,
) -> Image:
    """A part of the image, with another size."""
    return resize(crop(img, top, left, height, width), size, interpolation, antialias=antialias)


def five_crop(img: Image, size: Any) -> tuple[Image, ...]:
    """The four corners (top left, top right, bottom left, bottom right) and the middle. Raises ValueError for a size
    beyond the image."""
    height, width = _pair(size)
    _, full_height, full_width = get_dimensions(img)
    if width > full_width or height > full_height:
        raise ValueError(f"Requested crop size {(height, width)} is bigger than input size {(full_height, full_width)}")
    corners = [(top, left) for top in (0, full_height - height) for left in (0, full_width - width)]
    return (*(crop(img, top, left, height, width) for top, left in corners), center_crop(img, [height, width]))


def ten_crop(img: Image, size: Any, vertical_flip: bool = False) -> tuple[Image, ...]:
    """Five crops of the image, and five of its mirror image."""
    return five_crop(img, size) + five_crop(vflip(img) if vertical_flip else hflip(img), size)


# -- places ----


def hflip(img: Image) -> Image:
    """Left for right."""
    return tensor_of(_values(img)[..., ::-1]) if is_tensor(img) else images.flip(img, -1)


def vflip(img: Image) -> Image:
    """Up for down."""
    return tensor_of(_values(img)[..., ::-1, :]) if is_tensor(img) else images.flip(img, -2)


def _float_dtype(values: np.ndarray) -> Any:
    return values.dtype if arrays.is_float(values) else np.float32


def _inverse_matrix(
    center: Sequence[float], angle: float, translate: Sequence[float], scale: float, shear: Sequence[float]
) -> list[float]:
    """The inverse of: move the center to the origin, shear, turn, scale, move back and translate. Six numbers."""
    turn, shear_x, shear_y = math.radians(angle), math.radians(shear[0]), math.radians(shear[1])
    a = math.cos(turn - shear_y) / math.cos(shear_y)
    b = -math.cos(turn - shear_y) * math.tan(shear_x) / math.cos(shear_y) - math.sin(turn)
    c = math.sin(turn - shear_y) / math.cos(shear_y)
    d = -math.sin(turn - shear_y) * math.tan(shear_x) / math.cos(shear_y) + math.cos(turn)
    # The matrix [[a, b], [c, d]] has determinant 1.
    rows = [[d / scale, -b / scale], [-c / scale, a / scale]]
    x, y = -center[0] - translate[0], -center[1] - translate[1]
    found: list[float] = []
    for (first, second), middle in zip(rows, center, strict=True):
        found += [first, second, first * x + second * y + middle]
    return found


def _check_angle(angle: Any, center: Any) -> None:
    if not isinstance(angle, (int, float)):
        raise TypeError("Argument angle should be int or float")
    if center is not None and not isinstance(center, (list, tuple)):
        raise TypeError("Argument center should be a sequence")


def _from_middle(img: torch.Tensor, center: Sequence[float] | None) -> list[float]:
    if center is None:
        return [0.0, 0.0]
    _, height, width = get_dimensions(img)
    return [center[0] - width * 0.5, center[1] - height * 0.5]


def rotate(
    img: Image,
    angle: float,
    interpolation: Any = _NEAREST,
    expand: bool = False,
    center: Sequence[float] | None = None,
    fill: Any = None,
) -> Image:
    """The image turned by `angle` degrees, against the clock, about `center` (x, y) or its middle."""
    mode = mode_of(interpolation)
    _check_angle(angle, center)
    if not is_tensor(img):
        return images.rotate(img, angle, pil_modes_mapping[mode], expand, center, fill)
    matrix = _inverse_matrix(_from_middle(img, center), -angle, (0.0, 0.0), 1.0, (0.0, 0.0))
    values = _values(img)
    height, width = values.shape[-2:]
    new_width, new_height = resampling.turned_size(matrix, width, height) if expand else (width, height)
    grid = resampling.affine_grid(matrix, (height, width), (new_height, new_width), _float_dtype(values))
    return tensor_of(resampling.sample(values, grid, mode.value, fill))


def affine(
    img: Image,
    angle: float,
    translate: Sequence[float],
    scale: float,
    shear: Any,
    interpolation: Any = _NEAREST,
    fill: Any = None,
    center: Sequence[float] | None = None,
) -> Image:
    """The image turned clockwise by `angle` and sheared, in degrees, scaled, and moved by `translate` pixels (x, y)."""
    mode = mode_of(interpolation)
    _check_angle(angle, None)
    if not isinstance(translate, (list, tuple)):
        raise TypeError("Argument translate should be a sequence")
    if len(translate) != 2:
        raise ValueError("Argument translate should be a sequence of length 2")
    if scale <= 0.0:
        raise ValueError("Argument scale should be positive")
    if not isinstance(shear, (int, float, list, tuple)):
        raise TypeError("Shear should be either a single value or a sequence of two values")
    shears = [shear, 0.0] if isinstance(shear, (int, float)) else list(shear)
    shears = shears * 2 if len(shears) == 1 else shears
    if len(shears) != 2:
        raise ValueError(f"Shear should be a sequence containing two values. Got {shears}")
    _check_angle(angle, center)
    if not is_tensor(img):
        _, height, width = get_dimensions(img)
        matrix = _inverse_matrix(center or [width * 0.5, height * 0.5], angle, translate, scale, shears)
        return images.transform(img, "AFFINE", matrix, pil_modes_mapping[mode], fill)
    values = _values(img)
    size = values.shape[-2], values.shape[-1]
    matrix = _inverse_matrix(_from_middle(img, center), angle, translate, scale, shears)
    grid = resampling.affine_grid(matrix, size, size, _float_dtype(values))
    return tensor_of(resampling.sample(values, grid, mode.value, fill))


def perspective(
    img: Image,
    startpoints: Sequence[Sequence[int]],
    endpoints: Sequence[Sequence[int]],
    interpolation: Any = _BILINEAR,
    fill: Any = None,
) -> Image:
    """The image drawn so that its four `startpoints` (x, y) come to lie on the `endpoints`."""
    if len(startpoints) != 4 or len(endpoints) != 4:
        raise ValueError(
            f"Please provide exactly four corners, got {len(startpoints)} startpoints and {len(endpoints)} endpoints."
        )
    lines: list[list[float]] = []
    for (x, y), (new_x, new_y) in zip(startpoints, endpoints, strict=True):
        lines.append([new_x, new_y, 1, 0, 0, 0, -x * new_x, -x * new_y])
        lines.append([0, 0, 0, new_x, new_y, 1, -y * new_x, -y * new_y])
    wanted = np.array(startpoints, np.float64).reshape(8)
    coefficients = np.linalg.lstsq(np.array(lines, np.float64), wanted)[0].astype(np.float32).tolist()
    mode = mode_of(interpolation)
    if not is_tensor(img):
        return images.transform(img, "PERSPECTIVE", coefficients, pil_modes_mapping[mode], fill)
    values = _values(img)
    grid = resampling.perspective_grid(coefficients, (values.shape[-2], values.shape[-1]), _float_dtype(values))
    return tensor_of(resampling.sample(values, grid, mode.value, fill))


# -- colours ----


def _check_factor(name: str, factor: float) -> None:
    if factor < 0:
        raise ValueError(f"{name} ({factor}) is not non-negative.")


def adjust_brightness(img: Image, brightness_factor: float) -> Image:
    """Darker for factors below 1, black for 0."""
    if not is_tensor(img):
        return images.enhance(img, "Brightness", brightness_factor)
    _check_factor("brightness_factor", brightness_factor)
    return _recolored(img, colors.adjust_brightness, brightness_factor)


def adjust_contrast(img: Image, contrast_factor: float) -> Image:
    """Less contrast for factors below 1, one gray for 0."""
    if not is_tensor(img):
        return images.enhance(img, "Contrast", contrast_factor)
    _check_factor("contrast_factor", contrast_factor)
    return _recolored(img, colors.adjust_contrast, contrast_factor)


def adjust_saturation(img: Image, saturation_factor: float) -> Image:
    """Less colour for factors below 1, none for 0."""
    if not is_tensor(img):
        return images.enhance(img, "Color", saturation_factor)
    _check_factor("saturation_factor", saturation_factor)
    return _recolored(img, colors.adjust_saturation, saturation_factor)


def adjust_sharpness(img: Image, sharpness_factor: float) -> Image:
    """Blurred for factors below 1, sharpened above."""
    if not is_tensor(img):
        return images.enhance(img, "Sharpness", sharpness_factor)
    _check_factor("sharpness_factor", sharpness_factor)
    return _recolored(img, colors.adjust_sharpness, sharpness_factor)


def adjust_hue(img: Image, hue_factor: float) -> Image:
    """All hues turned by a part of the circle, -0.5 to 0.5. Raises ValueError for more."""
    if not -0.5 <= hue_factor <= 0.5:
        raise ValueError(f"hue_factor ({hue_factor}) is not in [-0.5, 0.5].")
    return _recolored(img, colors.adjust_hue, hue_factor) if is_tensor(img) else images.adjust_hue(img, hue_factor)


def adjust_gamma(img: Image, gamma: float, gain: float = 1) -> Image:
    """gain * img ** gamma, of intensities from 0 to 1."""
    if gamma < 0:
        raise ValueError("Gamma should be a non-negative real number")
    if not is_tensor(img):
        return images.adjust_gamma(img, gamma, gain)
    return _recolored(img, colors.adjust_gamma, gamma, gain)


def rgb_to_grayscale(img: Image, num_output_channels: int = 1) -> Image:
    """Luminance, once or three times. Raises ValueError for other counts."""
    if not is_tensor(img):
        return images.to_grayscale(img, num_output_channels)
    if img.ndim < 3:
        raise TypeError(f"Input image tensor should have at least 3 dimensions, but found {img.ndim}")
    values = _colors(img)
    if num_output_channels not in (1, 3):
        raise ValueError("num_output_channels should be either 1 or 3")
    found = colors.gray(values)
    return tensor_of(np.broadcast_to(found, values.shape) if num_output_channels == 3 else found)


def to_grayscale(img: Image, num_output_channels: int = 1) -> Image:
    """An image's luminance, once or three times. Raises TypeError for what is no image."""
    if is_image(img):
        return images.to_grayscale(img, num_output_channels)
    raise TypeError("Input should be PIL Image")


def invert(img: Image) -> Image:
    """Bright for dark."""
    return tensor_of(colors.invert(_colors_of_three_axes(img))) if is_tensor(img) else images.operate(img, "invert")


def _colors_of_three_axes(image: torch.Tensor) -> np.ndarray:
    _values(image, 3)
    return _colors(image)


def _bytes(image: torch.Tensor) -> np.ndarray:
    if image.dtype != torch.uint8:
        raise TypeError(f"Only torch.uint8 image tensors are supported, but found {image.dtype}")
    return _colors_of_three_axes(image)


def posterize(img: Image, bits: int) -> Image:
    """With only the highest `bits` bits. Raises ValueError for more than 8."""
    if not 0 <= bits <= 8:
        raise ValueError(f"The number if bits should be between 0 and 8. Got {bits}")
    if not is_tensor(img):
        return images.operate(img, "posterize", bits)
    return tensor_of(colors.posterize(_bytes(img), bits))


def solarize(img: Image, threshold: float) -> Image:
    """Inverted from the threshold on. Raises TypeError for one beyond full intensity."""
    if not is_tensor(img):
        return images.operate(img, "solarize", threshold)
    values = _colors_of_three_axes(img)
    if threshold > arrays.largest(values.dtype):
        raise TypeError("Threshold should be less than bound of img.")
    return tensor_of(colors.solarize(values, threshold))


def autocontrast(img: Image) -> Image:
    """Each channel stretched to full contrast."""
    if not is_tensor(img):
        return images.operate(img, "autocontrast")
    return tensor_of(colors.autocontrast(_colors_of_three_axes(img)))


def equalize(img: Image) -> Image:
    """Each channel's intensities spread evenly."""
    return tensor_of(colors.equalize(_bytes(img))) if is_tensor(img) else images.operate(img, "equalize")


# -- neighbourhoods, and tensors alone ----


def gaussian_blur(img: Image, kernel_size: Any, sigma: Any = None) -> Image:
    """The image averaged with a bell of `sigma` pixels (across, down). Raises TypeError and ValueError for sizes that
    are not odd and positive, and for deviations that are not positive."""
    if not isinstance(kernel_size, (int, list, tuple)):
        raise TypeError(f"kernel_size should be int or a sequence of integers. Got {type(kernel_size)}")
    sizes = [kernel_size, kernel_size] if isinstance(kernel_size, int) else list(kernel_size)
    if len(sizes) != 2:
        raise ValueError(f"If kernel_size is a sequence its length should be 2. Got {len(sizes)}")
    if any(size % 2 == 0 or size < 0 for size in sizes):
        raise ValueError(f"kernel_size should have odd and positive integers. Got {sizes}")
    if sigma is None:
        sigma = [size * 0.15 + 0.35 for size in sizes]
    if not isinstance(sigma, (int, float, list, tuple)):
        raise TypeError(f"sigma should be either float or sequence of floats. Got {type(sigma)}")
    deviations = [float(sigma)] * 2 if isinstance(sigma, (int, float)) else list(sigma)
    deviations = deviations * 2 if len(deviations) == 1 else deviations
    if len(deviations) != 2:
        raise ValueError(f"If sigma is a sequence, its length should be 2. Got {len(deviations)}")
    if any(deviation <= 0.0 for deviation in deviations):
        raise ValueError(f"sigma should have positive values. Got {deviations}")
    if is_tensor(img):
        return tensor_of(resampling.gaussian_blur(_values(img), sizes, deviations))
    if not is_image(img):
        raise TypeError(f"img should be PIL Image or Tensor. Got {type(img)}")
    blurred = resampling.gaussian_blur(array_of(pil_to_tensor(img)), sizes, deviations)
    return to_pil_image(tensor_of(blurred), mode=img.mode)


def normalize(tensor: torch.Tensor, mean: Any, std: Any, inplace: bool = False) -> torch.Tensor:
    """(tensor - mean) / std, one of each for each channel. Raises TypeError for what is no tensor of floats, ValueError
    for fewer than three axes and for a deviation of 0."""
    if not is_tensor(tensor):
        raise TypeError(f"img should be Tensor Image. Got {type(tensor)}")
    if not tensor.is_floating_point():
        raise TypeError(f"Input tensor should be a float tensor. Got {tensor.dtype}.")
    if tensor.ndim < 3:
        raise ValueError(
            f"Expected tensor to be a tensor image of size (..., C, H, W). Got tensor.size() = {tensor.size()}"
        )
    kind = tensor.dtype.ir.numpy
    middle, deviation = (_of_channels(array_of(each) if is_tensor(each) else each, kind) for each in (mean, std))
    if (deviation == 0).any():
        raise ValueError(f"std evaluated to zero after conversion to {tensor.dtype}, leading to division by zero.")
    if inplace:
        return tensor.sub_(tensor_of(middle)).div_(tensor_of(deviation))
    if tensor.requires_grad:
        return (tensor - tensor_of(middle)) / tensor_of(deviation)
    return tensor_of((array_of(tensor) - middle) / deviation)


def _of_channels(numbers: Any, kind: Any) -> np.ndarray:
    found = np.asarray(numbers, kind)
    return found.reshape(-1, 1, 1) if found.ndim == 1 else found


def erase(img: torch.Tensor, i: int, j: int, h: int, w: int, v: torch.Tensor, inplace: bool = False) -> torch.Tensor:
    """The tensor with `v` in the part of size (h, w) from (i, j) on. Raises TypeError for what is no tensor."""
    if not is_tensor(img):
        raise TypeError(f"img should be Tensor Image. Got {type(img)}")
    if inplace:
        img[..., i : i + h, j : j + w] = v
        return img
    values = _values(img).copy()
    values[..., i : i + h, j : j + w] = array_of(v) if is_tensor(v) else v
    return tensor_of(values)
