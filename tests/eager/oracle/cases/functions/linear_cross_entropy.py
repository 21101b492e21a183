"""Cross entropy of a linear map."""

from __future__ import annotations

CASES = """
F.linear_cross_entropy(leaf(2, 3), leaf(4, 3), tensor([0, 3], "int64"))
F.linear_cross_entropy(leaf(2, 3), leaf(4, 3), tensor([0, 3], "int64"), linear_bias=leaf(4), weight=doubles(4, low=0.1), reduction="none")
F.linear_cross_entropy(leaf(3), leaf(4, 3), tensor(2, "int64"), label_smoothing=0.2)
F.linear_cross_entropy(leaf(2, 3), leaf(4, 2, 3), tensor([[0, 3], [1, 1]], "int64"), ignore_index=1, reduction="sum")
F.linear_cross_entropy(leaf(2, 3), leaf(4, 3), leaf(2, 4, low=0.1))
F.linear_cross_entropy(leaf(2, 3), leaf(4, 3), tensor([0, 3], "int64"), options=nn.LinearCrossEntropyOptions(batch_chunk_size=1))
F.linear_cross_entropy(floats(2, 3), floats(4, 2), tensor([0, 3], "int64"))
F.linear_cross_entropy(floats(2, 2, 3), floats(4, 3), tensor([0, 3], "int64"))
F.linear_cross_entropy(floats(2, 3), floats(3), tensor([0, 3], "int64"))
F.linear_cross_entropy(floats(2, 3), floats(4, 3), tensor([0, 3], "int64"), linear_bias=floats(3))
F.linear_cross_entropy(floats(3), floats(4, 2, 3), tensor([0, 3], "int64"))
F.linear_cross_entropy(floats(2, 3), floats(4, 3), floats(2, 4, low=0.1), ignore_index=0)
nn.LinearCrossEntropyOptions(acc_policy="fast")
nn.LinearCrossEntropyOptions(chunking_method="rows:2")
nn.LinearCrossEntropyOptions(chunking_method="aspect_ratio:0")
nn.LinearCrossEntropyOptions(batch_chunk_size=0)
nn.LinearCrossEntropyOptions(acc_dtype=torch.int64)
repr(nn.LinearCrossEntropyOptions())
"""
