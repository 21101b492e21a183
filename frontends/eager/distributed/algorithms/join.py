"""Blocks in which some processes have more to do than others."""

from ...nn.parallel.joining import Join, Joinable, JoinHook

__all__ = ["Join", "JoinHook", "Joinable"]
