"""tf.contrib.seq2seq: decoders of sequences, attention, and search by beams."""
