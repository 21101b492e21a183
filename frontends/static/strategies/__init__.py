"""tf.distribute over diptych's meshes: a program under a strategy is one replica, whose batches and work all devices
share. XLA works out what they send one another, so nothing is copied or reduced here."""
