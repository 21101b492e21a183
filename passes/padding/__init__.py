"""Programs for batches of many sizes: one for the largest, in which what lies behind the end of a smaller one changes
nothing.

Arrays come filled up, with rows that are like real ones, and how many are real comes in as a number. That an equation
may work on them follows from the ways to compute it in parts: what can be cut along an axis makes each row of its own
rows alone, and what is a sum over parts is the same without the others, which are zeros then. Maxima and the like take
their neutral element there. Nested functions are filled up likewise; rounds of a scan that are none keep its state.
What nothing is known of is refused.
"""

from .axes import any_axis_of, is_leading, real_places
from .functions import Padded, padded
from .rows import Axes

__all__ = ["Axes", "Padded", "any_axis_of", "is_leading", "padded", "real_places"]
