"""`torch.distributions.categorical`, where programs import from too."""

from .discrete import Categorical

__all__ = ["Categorical"]
