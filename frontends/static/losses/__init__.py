"""tf.losses: losses of a batch, weighted and put into a collection."""
