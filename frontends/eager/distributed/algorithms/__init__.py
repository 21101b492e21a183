"""`torch.distributed.algorithms`: how gradients are shared, and processes with unlike numbers of batches."""
