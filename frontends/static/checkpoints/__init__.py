"""TensorFlow's checkpoint files (version 2), written and read without TensorFlow. What is read is never trusted."""
