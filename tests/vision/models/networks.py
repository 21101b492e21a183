"""What is asked of each network, of torchvision's and of diptych's: its state and text, its results and gradients."""

from __future__ import annotations

import warnings
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np

NAMES = [
    "alexnet", "densenet121", "densenet161", "densenet169", "densenet201", "googlenet", "inception_v3", "mobilenet_v2",
    "resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "resnext50_32x4d", "resnext101_32x8d",
    "resnext101_64x4d", "wide_resnet50_2", "wide_resnet101_2", "squeezenet1_0", "squeezenet1_1", "vgg11", "vgg11_bn",
    "vgg13", "vgg13_bn", "vgg16", "vgg16_bn", "vgg19", "vgg19_bn",
]  # fmt: skip
RUN: dict[str, dict[str, Any]] = {
    "resnet18": {"size": 40},
    "resnet50": {"size": 64, "replace_stride_with_dilation": [False, True, False], "zero_init_residual": True},
    "mobilenet_v2": {"size": 40, "width_mult": 0.5},
    "squeezenet1_0": {"size": 40},
    "squeezenet1_1": {"size": 40},
    "densenet121": {"size": 64, "memory_efficient": False},
    "googlenet": {"size": 64, "init_weights": True, "transform_input": True},
}


def described(build: Callable[..., Any]) -> list[int]:
    """Checksums of the names and shapes of a network's state, and of its text."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        network = build()
    state = "\n".join(f"{name} {tuple(value.shape)}" for name, value in network.state_dict().items())
    return [zlib.crc32(state.encode()), zlib.crc32(repr(network).encode())]


def computed(torch: Any, build: Callable[..., Any], size: int, **settings: Any) -> dict[str, list[float]]:
    """Five classes of two images in evaluation, and in training the loss and gradients of some parameters, for weights
    and images that are waves."""
    network = build(num_classes=5, **settings).double()
    with torch.no_grad():
        for place, (name, value) in enumerate(network.state_dict().items()):
            if value.dtype == torch.float64:
                value.copy_(torch.from_numpy(_waves(tuple(value.shape), place, name)))
    images = torch.from_numpy(_waves((2, 3, size, size), 1000, ""))
    network.eval()
    with torch.no_grad():
        classes = network(images)
    for module in network.modules():
        if hasattr(module, "p"):
            module.p = 0.0  # of dropout, whose numbers differ
    network.train()
    found = network(images)
    outputs = list(found) if isinstance(found, tuple) else [found]
    loss = sum((output * torch.from_numpy(_waves((2, 5), 2000, ""))).sum() for output in outputs)
    loss.backward()
    gradients = [each.grad.norm().item() for each in network.parameters() if each.grad is not None]
    running = [value.double().norm().item() for name, value in network.state_dict().items() if "running" in name]
    return {
        "classes": _rounded(classes.reshape(-1).tolist()),
        "loss": _rounded([loss.item()]),
        "gradients": _rounded(gradients[:3] + gradients[len(gradients) // 2 :][:3] + gradients[-3:]),
        "running": _rounded(running[:3] + running[-3:]),
    }


def _waves(shape: tuple[int, ...], place: int, name: str) -> np.ndarray:
    """Numbers in (-1, 1) without a pattern, small enough for deep networks; of variances above 0."""
    count = int(np.prod(shape))
    waves = np.sin(np.arange(count) * 1.7 + place).reshape(shape)
    if "running_var" in name:
        return 1.0 + 0.5 * waves
    if len(shape) > 1 and name:
        return waves * np.sqrt(2 / np.prod(shape[1:]))
    return 1.0 + 0.2 * waves if name.endswith("weight") else 0.1 * waves if name else waves


def _rounded(numbers: list[float]) -> list[float]:
    return [float(f"{number:.8g}") for number in numbers]
