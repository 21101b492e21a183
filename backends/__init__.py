"""IR -> results: the reference interpreter, numpy and jax. The only folder that computes numbers."""
