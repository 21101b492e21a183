"""Sequences of different lengths."""

from __future__ import annotations

CASES = """
nn.utils.rnn.pack_padded_sequence(leaf(3, 2, 2), [3, 1])
nn.utils.rnn.pack_padded_sequence(leaf(2, 3), tensor([1, 3], "int64"), batch_first=True, enforce_sorted=False)
nn.utils.rnn.pack_padded_sequence(floats(3, 2), [1, 3])
nn.utils.rnn.pack_padded_sequence(floats(3, 2), [3, 0])
nn.utils.rnn.pack_padded_sequence(floats(3, 2), [3])
nn.utils.rnn.pad_sequence([leaf(2, 2), leaf(3, 2)], padding_value=7)
nn.utils.rnn.pad_sequence([leaf(2), leaf(3)], batch_first=True, padding_side="left")
nn.utils.rnn.pad_sequence([floats(2)], padding_side="top")
nn.utils.rnn.pad_sequence(3)
nn.utils.rnn.pad_sequence([floats(2, 2), floats(3, 3)])
nn.utils.rnn.pad_packed_sequence(nn.utils.rnn.pack_sequence([leaf(3), leaf(1)]), padding_value=9.0, total_length=4)
nn.utils.rnn.pad_packed_sequence(nn.utils.rnn.pack_sequence([floats(3), floats(1)]), total_length=2)
nn.utils.rnn.pack_sequence([leaf(1, 2), leaf(3, 2)], enforce_sorted=False)
nn.utils.rnn.unpack_sequence(nn.utils.rnn.pack_sequence([leaf(1), leaf(3)], enforce_sorted=False))
nn.utils.rnn.unpad_sequence(doubles(3, 2), tensor([3, 1], "int64"))
nn.utils.rnn.invert_permutation(tensor([2, 0, 1], "int64"))
nn.utils.rnn.invert_permutation(None)
nn.utils.rnn.pack_sequence([floats(2)]).double().data.dtype
nn.utils.rnn.pack_sequence([floats(2)]).to(torch.float16).data.dtype
nn.utils.rnn.pack_sequence([floats(2)]).is_cuda
"""
