"""What Python functions give of each element; diagonals in place."""

from __future__ import annotations

CASES = """
floats(3).apply_(lambda x: x * 2)
leaf(3).apply_(lambda x: x)
floats(3).map_(floats(3), lambda x, y: x + y)
floats(2).map2_(floats(2), floats(2), lambda x, y, z: x + y * z)
floats(3, 3).fill_diagonal_(7)
floats(7, 3).fill_diagonal_(7, wrap=True)
floats(3).fill_diagonal_(7)
floats(2, 3, 3).fill_diagonal_(7)
"""
