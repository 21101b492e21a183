"""Benchmarks: scripts, and `python -m benchmarks`, which compares frameworks on the workloads."""
