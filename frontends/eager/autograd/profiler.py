"""`torch.autograd.profiler`: the blocks of `torch.profiler`, under their older names."""

from ..profiler import profile, record_function

__all__ = ["profile", "record_function"]
