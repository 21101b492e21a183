"""tf.lookup and tf.contrib.lookup: tables from keys to values, which the host keeps."""
