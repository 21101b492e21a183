"""tf.signal: windows, frames, short-time transforms, cosine transforms, and mel spectrograms."""
