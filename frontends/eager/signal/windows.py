"""`torch.signal.windows`."""

from ..functions import sample_windows as _sample_windows
from ..public_functions import public_functions as _public_functions

globals().update(_public_functions(_sample_windows))
