"""`torch.backends.mkldnn`: Intel's library of layers. Its flags are kept, and change nothing."""

from __future__ import annotations

enabled = True
deterministic = False
allow_tf32 = True


def is_available() -> bool:
    """False."""
    return False
