"""Queues of tensors that threads fill and empty, and what feeds them."""
