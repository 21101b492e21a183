"""`torch.optim`: optimizers."""

from .adam import Adam
from .optimizer import Optimizer
from .sgd import SGD
