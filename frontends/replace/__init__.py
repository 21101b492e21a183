"""`import torch` and `import tensorflow` answered by diptych: `import diptych.replace; diptych.replace.install()`.

Only modules are replaced. What is imported already stays, a real framework beside is never touched, and names that are
kept go to whoever has them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable

from .finder import Finder

__all__ = ["install", "installed", "uninstall"]


def install(keep: Iterable[str] = ()) -> None:
    """Answers imports of torch, torchvision and tensorflow from now on, except of the top-level names in `keep` and in
    the environment variable DIPTYCH_KEEP, separated by commas."""
    kept = {*keep, *filter(None, os.environ.get("DIPTYCH_KEEP", "").split(","))}
    uninstall()
    sys.meta_path.insert(0, Finder(frozenset(name.strip() for name in kept)))


def installed() -> bool:
    """Whether imports are answered."""
    return any(isinstance(finder, Finder) for finder in sys.meta_path)


def uninstall() -> None:
    """Answers no more imports; modules that were imported stay."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, Finder)]
