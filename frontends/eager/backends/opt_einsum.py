"""`torch.backends.opt_einsum`: the order in which einsum contracts. Its settings are kept, and change nothing."""

from __future__ import annotations

from typing import Any

enabled = False
strategy: str | None = None


def is_available() -> bool:
    """False."""
    return False


def get_opt_einsum() -> Any:
    """None: the package is not used."""
    return None
