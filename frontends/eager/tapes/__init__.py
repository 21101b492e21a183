"""Recording calls, and running what waits: the machine below all tensors."""
