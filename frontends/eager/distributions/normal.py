"""`torch.distributions.normal`, where programs import from too."""

from .continuous import Normal

__all__ = ["Normal"]
