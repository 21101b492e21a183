"""PyTorch's functions: each records one call. Files by subject."""
