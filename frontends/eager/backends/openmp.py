"""`torch.backends.openmp`: threads of compiled loops; numpy brings a library of its own."""


def is_available() -> bool:
    """False."""
    return False
