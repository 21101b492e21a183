"""What surrounds a program: its flags, its messages, files, and tests."""
