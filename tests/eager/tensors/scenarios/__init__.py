"""All scenarios, by subject: importing them adds them to `playing.SCENARIOS`."""

from . import gradients, histories, hooks, sharing, views, writes

__all__ = ["gradients", "histories", "hooks", "sharing", "views", "writes"]
