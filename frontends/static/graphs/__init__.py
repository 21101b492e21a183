"""The graph: operations, tensors, names, scopes, dtypes, shapes, and what is known of values while it is built."""
