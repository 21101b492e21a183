"""What a program uses of its framework, found without running it: `diptych check`."""
