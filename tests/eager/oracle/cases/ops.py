"""`torch.ops`: operators of aten."""

from __future__ import annotations

CASES = """
repr(torch.ops.aten.add)
repr(torch.ops.aten.add.Tensor)
torch.ops.aten.add(floats(2), 1)
torch.ops.aten.relu.default(floats(3))
torch.ops.aten.slice.Tensor(leaf(4, 3), 1, 0, 2)
torch.ops.aten.nonsense
torch.ops.aten.add.nonsense
torch.ops.nothing.nonsense
torch._softmax_backward_data(doubles(2, 3), doubles(2, 3), 1, torch.float64)
torch._log_softmax_backward_data(doubles(2, 3), doubles(2, 3), 1, torch.float64)
torch.ops.aten._safe_softmax(leaf_of([[1.0, 2.0], [-inf, -inf]]), 1)
torch.ops.aten.native_dropout_backward(floats(3), bools(3), 2.0)
torch._chunk_cat([floats(3), floats(5)], 0, 2)
torch._chunk_cat([floats(2, 3, 2), floats(2, 5)], 1, 2)
torch._chunk_cat([], 0, 2)
torch._chunk_cat([floats(3)], 0, 0)
torch._chunk_cat([floats(0)], 0, 1)
torch._chunk_cat([floats(2), floats(2, 3)], -1, 1)
torch._chunk_cat([floats(2), floats(2, 3)], 1, 1)
torch._chunk_cat([floats(2, 3), floats(3, 3)], 1, 1)
torch._unsafe_masked_index(leaf(4), torch.tensor([True, False]), [torch.tensor([1, 7])], 9.0)
torch._unsafe_masked_index_put_accumulate(leaf(4), torch.tensor([True, False]), [torch.tensor([1, 7])], leaf(2))
torch.ops.aten.max_pool2d_with_indices_backward(doubles(1, 1, 1), leaf(1, 2, 2), 2, 2, 0, 1, False, torch.tensor([[[2]]]))
torch._native_batch_norm_legit(leaf(2, 3, 4), None, None, True, 0.1, 1e-5)
torch.ops.aten._batch_norm_with_update(leaf(2, 3, 4), leaf(3), leaf(3), doubles(3), doubles(3), 0.1, 1e-5)
torch.ops.aten._upsample_bilinear2d_aa(leaf(1, 1, 4, 5), (2, 3), False)
torch.ops.aten._upsample_bilinear2d_aa(leaf(1, 1, 4, 5), None, False, scale_factors=[0.5, 0.7])
torch.ops.aten._upsample_bilinear2d_aa(leaf(1, 1, 4, 5), (2, 3), False, 1.7, 0.9)
"""
