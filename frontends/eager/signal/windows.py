"""`torch.signal.windows`."""

from ..calling.public_functions import public_functions as _public_functions
from ..functions import sample_windows as _sample_windows

globals().update(_public_functions(_sample_windows))
