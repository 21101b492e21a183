"""Checkpoints of state that may be split over devices and processes: `diptych.save_checkpoint` and what reads them."""

from .reading import checkpoints, load_checkpoint
from .sessions import restore_session, session_state
from .writing import save_checkpoint

__all__ = ["checkpoints", "load_checkpoint", "restore_session", "save_checkpoint", "session_state"]
