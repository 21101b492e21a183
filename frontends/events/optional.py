"""Packages that few summaries need."""

from __future__ import annotations

import importlib
from typing import Any

from diptych.ir import Unsupported


def imported(api: str, module: str, package: str = "") -> Any:
    """A module for the function `api`. Raises Unsupported where its package is not installed."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        package = package or module.split(".")[0]
        raise Unsupported(f"{api}: {package} is not installed but must be", hint=f"pip install {package}") from error
