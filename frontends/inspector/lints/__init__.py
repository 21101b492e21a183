"""What `diptych lint` looks for, a rule a file: each has a function from what was looked at to findings."""
