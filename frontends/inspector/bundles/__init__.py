"""Trace bundles, `.dipt`: programs and what each pass did to them, in one file that every verb reads.

Each line is a JSON object of some `kind`, whose models are in `models.py`: first the header; then, for each program,
the sources that it was made by, it as written, a line for each stage, and what it takes; last, how often it ran.
Equations and values are known by numbers that hold at all stages of a program (`../numbering.py`): a stage says only
what is new or changed, and in which order the equations stand. What is read is untrusted: every line is held against
its model, and one error refuses the file.
"""

from .reader import read
from .recorder import record_process, recording
from .writer import write

__all__ = ["read", "record_process", "recording", "write"]
