"""Images: data sets, transforms and grids, with the surface of torchvision 0.28.

Pillow is imported by what first needs it: the extra `vision` installs it.
"""

from . import datasets, models, transforms, utils

__version__ = "0.28.0"  # of the surface, for programs that ask


def set_image_backend(backend: str) -> None:
    """Chooses what reads images: "PIL", the only one there is. Raises ValueError for others."""
    if backend != "PIL":
        raise ValueError(f"Invalid backend '{backend}'. Options are 'PIL'")


def get_image_backend() -> str:
    """What reads images."""
    return "PIL"
