"""`torch._utils`: what Python's own pickles of tensors call, which programs read with `pickle`."""

from .serialization.rebuilding import rebuild_parameter as _rebuild_parameter
from .serialization.rebuilding import rebuild_parameter_with_state as _rebuild_parameter_with_state
from .serialization.rebuilding import rebuild_tensor as _rebuild_tensor
from .serialization.rebuilding import rebuild_tensor_v2 as _rebuild_tensor_v2

__all__ = ["_rebuild_parameter", "_rebuild_parameter_with_state", "_rebuild_tensor", "_rebuild_tensor_v2"]
