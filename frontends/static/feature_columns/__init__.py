"""tf.feature_column: what becomes of raw features before a model gets them, and how they are read from files."""
