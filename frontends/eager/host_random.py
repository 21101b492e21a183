"""Single random numbers on the host, from streams of generators: a program for each would take ten times as long."""

from __future__ import annotations

from diptych.backends.kernels.random import block

from .random import Generator, default_generator
from .tapes.tape import tape


def random_words(generator: Generator | None = None) -> tuple[int, int]:
    """The next block of a generator's stream, by default the default one's: two words of 32 bits, of which
    `torch.rand(1)` would use the first."""
    source = generator or default_generator
    with tape.lock:
        source.take(1)
        counter = (source.drawn + source.offset - 1) % 2**64
        seed = source.initial_seed()
    return block((seed >> 32, seed & 0xFFFFFFFF), counter)


def random_seed(generator: Generator | None = None) -> int:
    """A seed for another stream: 63 bits."""
    low, high = random_words(generator)
    return (low | high << 32) >> 1
