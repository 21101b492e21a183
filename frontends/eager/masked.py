"""`torch.masked`."""

from .calling.public_functions import public_functions as _public_functions
from .functions import masking as _masking

globals().update(_public_functions(_masking))
