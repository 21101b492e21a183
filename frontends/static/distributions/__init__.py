"""tf.distributions: random variables with densities."""
