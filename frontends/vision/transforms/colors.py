"""Colours of images as arrays [..., channels, height, width], of full intensity 255 or 1."""

from __future__ import annotations

import numpy as np

from .arrays import computed, is_float, largest
from .resampling import smoothed


def convert(image: np.ndarray, target: np.dtype) -> np.ndarray:
    """The image in another dtype, scaled to its full intensity. Raises RuntimeError where that is not safe."""
    source = image.dtype
    if source == target:
        return image
    target_is_float = target.kind not in "iub"
    if is_float(image):
        if target_is_float:
            return image.astype(target)
        if (source == np.float32 and target.itemsize >= 4) or (source == np.float64 and target.itemsize == 8):
            raise RuntimeError(f"The cast from torch.{source.name} to torch.{target.name} cannot be performed safely.")
        return (image * np.array(largest(target) + 1.0 - 1e-3, source)).astype(target)
    if target_is_float:
        return image.astype(target) / np.array(largest(source), target)
    most, new_most = largest(source), largest(target)
    if most > new_most:
        return (image // ((most + 1) // (new_most + 1))).astype(target)
    return image.astype(target) * np.array((new_most + 1) // (most + 1), target)


def gray(image: np.ndarray) -> np.ndarray:
    """Luminance, with one channel; of an image that has one, itself."""
    if image.shape[-3] == 1:
        return image.copy()
    red, green, blue = (computed(image)[..., channel, :, :] for channel in range(3))
    kind = red.dtype.type
    found = kind(0.2989) * red + kind(0.587) * green + kind(0.114) * blue
    return found.astype(image.dtype)[..., None, :, :]


def blend(image: np.ndarray, other: np.ndarray, ratio: float) -> np.ndarray:
    """`ratio` of the image and the rest of the other, cut off at black and full intensity."""
    first, second = computed(image), computed(other)
    kind = first.dtype.type
    found = kind(ratio) * first + kind(1.0 - ratio) * second
    return found.clip(0, largest(image.dtype)).astype(image.dtype)


def adjust_brightness(image: np.ndarray, factor: float) -> np.ndarray:
    """Towards black for factors below 1."""
    return blend(image, np.zeros((), image.dtype), factor)


def adjust_contrast(image: np.ndarray, factor: float) -> np.ndarray:
    """Towards the mean of its luminance for factors below 1."""
    luminance = gray(image) if image.shape[-3] == 3 else image
    return blend(image, computed(luminance).mean(axis=(-3, -2, -1), keepdims=True), factor)


def adjust_saturation(image: np.ndarray, factor: float) -> np.ndarray:
    """Towards its luminance for factors below 1."""
    return image if image.shape[-3] == 1 else blend(image, gray(image), factor)


def adjust_hue(image: np.ndarray, factor: float) -> np.ndarray:
    """All hues turned by a part of the circle, -0.5 to 0.5."""
    if image.shape[-3] == 1:
        return image
    hue, saturation, value = _hue_saturation_value(convert(image, np.dtype(np.float32)))
    turned = np.mod(hue + np.float32(factor), np.float32(1))
    return convert(_red_green_blue(turned, saturation, value), image.dtype)


def adjust_gamma(image: np.ndarray, gamma: float, gain: float) -> np.ndarray:
    """gain * image ** gamma, of intensities from 0 to 1."""
    found = image if is_float(image) else convert(image, np.dtype(np.float32))
    kind = found.dtype.type
    return convert((kind(gain) * found ** kind(gamma)).clip(0, 1), image.dtype)


def adjust_sharpness(image: np.ndarray, factor: float) -> np.ndarray:
    """Towards a blurred image for factors below 1."""
    return image if min(image.shape[-2:]) <= 2 else blend(image, smoothed(image), factor)


def invert(image: np.ndarray) -> np.ndarray:
    """Bright for dark."""
    return np.array(largest(image.dtype), image.dtype) - image


def solarize(image: np.ndarray, threshold: float) -> np.ndarray:
    """Inverted from the threshold on."""
    return np.where(image >= threshold, invert(image), image)


def posterize(image: np.ndarray, bits: int) -> np.ndarray:
    """With only the highest bits of each number."""
    return image & np.uint8(256 - 2 ** (8 - bits))


def autocontrast(image: np.ndarray) -> np.ndarray:
    """Each channel stretched from black to full intensity; one of a single colour as it is."""
    found, bound = computed(image), largest(image.dtype)
    least = found.min(axis=(-2, -1), keepdims=True)
    span = found.max(axis=(-2, -1), keepdims=True) - least
    flat = span == 0
    scale = (1 / np.where(flat, 1, span)) * found.dtype.type(bound)  # in this order, as PyTorch divides a number
    least, scale = np.where(flat, 0, least), np.where(flat, 1, scale)
    return ((found - least) * scale).clip(0, bound).astype(image.dtype)


def equalize(image: np.ndarray) -> np.ndarray:
    """Each channel of a uint8 image with its intensities spread evenly."""
    channels = image.reshape(-1, *image.shape[-2:])
    return np.stack([_equalized(channel) for channel in channels]).reshape(image.shape)


def _equalized(channel: np.ndarray) -> np.ndarray:
    counts = np.bincount(channel.reshape(-1), minlength=256)
    step = int(counts[counts != 0][:-1].sum()) // 255
    if step == 0:
        return channel
    table = (np.cumsum(counts) + step // 2) // step
    return np.concatenate([[0], table[:-1]]).clip(0, 255).astype(np.uint8)[channel]


def _hue_saturation_value(image: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Smith's hexcone model: https://en.wikipedia.org/wiki/HSL_and_HSV, all from 0 to 1."""
    red, green, blue = (image[..., channel, :, :] for channel in range(3))
    most, least = image.max(axis=-3), image.min(axis=-3)
    span, is_gray = most - least, most == least
    saturation = span / np.where(is_gray, 1, most)
    divisor = np.where(is_gray, 1, span)
    from_red, from_green, from_blue = ((most - each) / divisor for each in (red, green, blue))
    sector = np.where(
        most == red,
        from_blue - from_green,
        np.where(most == green, 2 + from_red - from_blue, 4 + from_green - from_red),
    ).astype(image.dtype)
    return np.fmod(sector / 6 + 1, 1), saturation, most


def _red_green_blue(hue: np.ndarray, saturation: np.ndarray, value: np.ndarray) -> np.ndarray:
    sector = np.floor(hue * 6)
    rest = hue * 6 - sector
    low = (value * (1 - saturation)).clip(0, 1)
    falling = (value * (1 - saturation * rest)).clip(0, 1)
    rising = (value * (1 - saturation * (1 - rest))).clip(0, 1)
    sector = sector.astype(np.int64) % 6
    return np.stack(
        [
            np.choose(sector, [value, falling, low, low, rising, value]),
            np.choose(sector, [rising, value, value, falling, low, low]),
            np.choose(sector, [low, low, rising, value, value, falling]),
        ],
        axis=-3,
    )
