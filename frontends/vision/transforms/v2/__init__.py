"""`torchvision.transforms.v2`: the same transforms, of whole samples: images with their labels."""

from . import functional
from .names import *  # noqa: F403
