"""What a program, or the text or JSON of one, may ask for before it is refused."""

from __future__ import annotations

MAX_DEPTH = 100  # functions inside functions
MAX_TEXT = 64 * 2**20  # characters of a text or of a JSON document
MAX_RANK = 64  # axes of a type, numpy's own limit
MAX_DIMENSIONS = 1024  # dimensions in one text that are not plain numbers and differ from each other
MAX_STRING = 10_000  # characters of a quoted string
MAX_SPLAT_BYTES = 64 * 2**20  # memory of all constants whose text gives one element for many
INLINE_ELEMENTS = 256  # a constant of more elements is written as a hash, unless the caller says otherwise
