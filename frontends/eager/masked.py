"""`torch.masked`."""

from .functions import masking as _masking
from .public_functions import public_functions as _public_functions

globals().update(_public_functions(_masking))
