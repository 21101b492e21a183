"""What things cost on numpy, in nanoseconds, as measured on one core with AVX-512: good enough to compare by."""

from diptych.passes.costs import Rates
from diptych.passes.ways import Machine

# Products at 170 GFLOP/s, arithmetic and its operands from the second level of cache, a call by name with `out=`.
RATES = Rates(product=0.012, operation=0.03, transcendental=0.25, byte=0.004, call=400.0)
# Threads of one interpreter wait for each other at every call: many short ones are faster by one thread.
MACHINE = Machine(RATES, handover=40_000.0, meeting=3_200.0, smallest=4096)
