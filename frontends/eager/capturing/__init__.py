"""What `torch.compile` does: a function's calls on tensors, noted once, are recorded again without running its Python.

`log` notes them while the function runs, `events` does them again. `watching` sees which of the user's code runs,
`snapshot` what Python state that code can reach: while this is as it was, the calls are the same. `compiled` puts these
together. Whatever cannot be done again, or be told to be the same, has the function run as if it were not compiled.
"""
