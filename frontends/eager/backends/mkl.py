"""`torch.backends.mkl`: Intel's library of matrix products; numpy brings a library of its own."""


def is_available() -> bool:
    """False."""
    return False
