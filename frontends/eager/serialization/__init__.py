"""`torch.serialization`: objects in files, and what is read from them."""

from .loading import load
from .safe_globals import add_safe_globals, clear_safe_globals, get_safe_globals, safe_globals
from .saving import save
