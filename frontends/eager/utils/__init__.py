"""Where PyTorch has the tools around training: `tensorboard`."""
