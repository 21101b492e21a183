"""tf.metrics: measures over many batches, in variables of their own."""
