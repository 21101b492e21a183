"""Layers: objects that make variables when they are first called, and use them again after that."""
