"""Random well-typed programs, of every op that can be drawn safely, whose values no backend may disagree about.

A program is grown one equation at a time from a seed, so a shorter one is the beginning of a longer one: what fails
shrinks by its length. Values stay small and away from singular points, so that errors of rounding stay small too.
Each value carries what makes this possible: a bound of its magnitude, and whether it is the same to the last bit
wherever it is computed; only such values are rounded, compared or counted with. Integers never divide by 0, no index is
out of bounds.
"""

from .growing import Program
from .program import random_program

__all__ = ["Program", "random_program"]
