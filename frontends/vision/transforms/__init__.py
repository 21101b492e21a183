"""`torchvision.transforms`: transforms of images and of tensors [..., channels, height, width]."""

from . import functional, transforms, v2
from .transforms import *  # noqa: F403
