"""`torch.backends.quantized`: engines for integers of 8 bits, none of which is here."""

from __future__ import annotations

engine = "none"
supported_engines = ["none"]
