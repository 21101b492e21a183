"""Pillow is imported by what needs it, and asked for where it is missing."""

from __future__ import annotations

import subprocess
import sys

import pytest
from diptych.vision import get_image_backend, set_image_backend


@pytest.mark.parametrize("module", ["diptych.vision", "diptych.datasets", "diptych.datasets.tutorials.input_data"])
def test_importing_is_cheap(module: str) -> None:
    names = (
        "PIL",
        "pydantic",
        "diptych.static",
        "tqdm",
        "scipy",
        "urllib.request" if "vision" not in module else "jax",
    )
    code = f"import sys, {module}; print([name for name in {names!r} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_tensors_need_no_pillow_and_images_say_so() -> None:
    code = """
import sys
sys.modules["PIL"] = None
import numpy as np
import diptych.eager as torch
from diptych.vision import transforms as T
x = T.Compose([T.ToTensor(), T.Resize(4), T.RandomCrop(3), T.Normalize((0.5,), (0.5,))])(np.zeros((8, 8), np.uint8))
print(x.shape)
try:
    T.ToPILImage()(x)
except ImportError as error:
    print(error)
"""
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == (
        "torch.Size([1, 3, 3])\nimages need Pillow\n  try: pip install 'diptych[vision]', or pip install pillow\n"
    )


def test_the_backend_of_images() -> None:
    set_image_backend("PIL")
    assert get_image_backend() == "PIL"
    with pytest.raises(ValueError) as caught:
        set_image_backend("accimage")
    assert str(caught.value) == "Invalid backend 'accimage'. Options are 'PIL'"
