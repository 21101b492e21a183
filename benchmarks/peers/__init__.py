"""How each framework takes a training or inference step: what workloads need to know of it."""
