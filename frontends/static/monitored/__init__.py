"""Sessions that train: hooks around each run, checkpoints, initialisation, and one end for all threads."""
