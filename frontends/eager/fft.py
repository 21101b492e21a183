"""`torch.fft`."""

from .calling.public_functions import public_functions as _public_functions
from .functions import fourier as _fourier

globals().update(_public_functions(_fourier))
