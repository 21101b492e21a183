"""tf.image: pictures as tensors [height, width, channels], or [batch, height, width, channels]."""
