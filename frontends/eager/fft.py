"""`torch.fft`."""

from .functions import fourier as _fourier
from .public_functions import public_functions as _public_functions

globals().update(_public_functions(_fourier))
