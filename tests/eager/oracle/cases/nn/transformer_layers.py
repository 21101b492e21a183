"""The layers of transformers, with masks and states of their own."""

from __future__ import annotations

from tests.eager.oracle.cases.nn.conv import _filled

CASES = """
nn.TransformerEncoderLayer(4, 2, 8, activation="gelu").activation_relu_or_gelu
nn.TransformerEncoderLayer(4, 2, 8, activation=nn.ReLU()).activation_relu_or_gelu
nn.TransformerEncoderLayer(4, 2, 8, activation=torch.tanh).activation_relu_or_gelu
nn.TransformerDecoderLayer(4, 2, 8, layer_norm_eps=0.1).norm3.eps
"""


def padding_of_both_sides(torch, nn, doubles, leaf):
    layer = _filled(torch, nn.TransformerDecoderLayer(4, 2, 3, dropout=0.0, batch_first=True), doubles)
    own = torch.tensor([[False, False], [False, True]])
    other = torch.tensor([[False, False, True], [False, True, True]])
    return layer(leaf(2, 2, 4), leaf(2, 3, 4), tgt_key_padding_mask=own, memory_key_padding_mask=other)
