"""What goes wrong between processes."""

from __future__ import annotations


class DistError(RuntimeError):
    """Something went wrong between processes."""


class DistBackendError(DistError):
    """A backend's error."""


class DistNetworkError(DistError):
    """Others cannot be reached."""


class DistStoreError(DistError):
    """A store has not what is asked for, and it did not come in time."""


class QueueEmptyError(DistStoreError):
    """A queue that is not waited for has nothing."""
