"""Sessions: from fetches and feeds to a program of the IR, compiled, cached and run."""
