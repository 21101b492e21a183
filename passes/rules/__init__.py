"""Equalities between programs, as data. EXACT keeps every bit and is what pipelines apply; FAST is opt-in."""

from ..pattern import Rule
from .algebra import ALGEBRA, FAST_ALGEBRA
from .control import CONTROL
from .conversions import CONVERSIONS, MARKS, PLACES
from .products import FAST_PRODUCTS, PRODUCTS
from .reductions import FAST_REDUCTIONS, REDUCTIONS
from .shapes import SHAPES

__all__ = ["EXACT", "FAST", "MARKS", "PLACES"]

EXACT: list[Rule] = [*ALGEBRA, *CONVERSIONS, *SHAPES, *REDUCTIONS, *PRODUCTS, *CONTROL]
FAST: list[Rule] = [*FAST_ALGEBRA, *FAST_REDUCTIONS, *FAST_PRODUCTS]
