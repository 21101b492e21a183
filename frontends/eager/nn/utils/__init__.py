"""`nn.utils`: gradients clipped, parameters as vectors, and parametrizations."""

from . import rnn
