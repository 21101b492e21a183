"""Random choices of transforms, from the default generator of the eager front end.

Single numbers are worked out here, from the same key and counter as `torch.rand(1)` would use: to record and run a
program for each would take ten times as long as the transform itself.
"""

from __future__ import annotations

from diptych.backends.kernels.random import PARITY, ROTATIONS
from diptych.eager.random import default_generator
from diptych.eager.tape import tape

_WORD = 0xFFFFFFFF


def _words() -> tuple[int, int]:
    """The two words of the next block of the default stream, by Threefry-2x32 of 20 rounds."""
    with tape.lock:
        default_generator.take(1)
        counter = (default_generator.drawn + default_generator.offset - 1) % 2**64
        seed = default_generator.initial_seed()
    first, second = seed >> 32, seed & _WORD
    keys = (first, second, first ^ second ^ PARITY)
    low, high = (counter + keys[0]) & _WORD, ((counter >> 32) + keys[1]) & _WORD
    for injection in range(5):
        for rotation in ROTATIONS[injection % 2]:
            low = (low + high) & _WORD
            high = ((high << rotation | high >> (32 - rotation)) & _WORD) ^ low
        low = (low + keys[(injection + 1) % 3]) & _WORD
        high = (high + keys[(injection + 2) % 3] + injection + 1) & _WORD
    return low, high


def uniform(low: float, high: float) -> float:
    """A number in [low, high)."""
    return low + (high - low) * ((_words()[0] >> 8) * 2.0**-24)


def integer(low: int, high: int) -> int:
    """An integer in [low, high). Raises RuntimeError for an empty range."""
    if low >= high:
        raise RuntimeError(f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}")
    first, second = _words()
    return low + (first | second << 32) % (high - low)


def chance(p: float) -> bool:
    """True with probability p."""
    return uniform(0, 1) < p
