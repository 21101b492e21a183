"""Tensors that get another size, or another storage."""

from __future__ import annotations

CASES = """
floats(2, 3).resize_(size=(3, 2))
floats(2, 3).resize_as_(the_template=floats(3, 2))
ints(6).resize_(2, 3)
ints(6).resize_((2,))
leaf(2).resize_(3)
ints(4).resize_as_(floats(2, 2))
floats(2).set_(floats(3)).shape
floats(2).set_(doubles(3))
floats(2).set_()
"""
