"""tf.saved_model: graphs with the values of their variables, as folders."""
