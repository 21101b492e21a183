"""No test looks at the machine's own data, or at the network."""

from tests.offline import apart

__all__ = ["apart"]
