"""`torch.distributions.categorical`, where programs import from too."""

from .classes import Categorical

__all__ = ["Categorical"]
