"""What the host runs for datasets: sources of elements, and what changes them."""
