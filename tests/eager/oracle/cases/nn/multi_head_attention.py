"""Attention of several heads, as a module."""

from __future__ import annotations

from tests.eager.oracle.cases.nn.conv import _filled

CASES = """
repr(nn.MultiheadAttention(4, 2))
list(nn.MultiheadAttention(4, 2).state_dict())
list(nn.MultiheadAttention(4, 2, add_bias_kv=True, kdim=3).state_dict())
list(nn.MultiheadAttention(4, 2, bias=False).state_dict())
nn.MultiheadAttention(0, 2)
nn.MultiheadAttention(4, 2).in_proj_bias
nn.MultiheadAttention(4, 2).out_proj.bias
bool(nn.MultiheadAttention(4, 2).in_proj_weight.abs().max() <= (6 / 16) ** 0.5)
type(nn.MultiheadAttention(4, 2).out_proj).__name__
"""


def results_and_gradients(torch, nn, doubles, leaf):
    layer = _filled(torch, nn.MultiheadAttention(4, 2, batch_first=True), doubles)
    other = _filled(torch, nn.MultiheadAttention(4, 2, add_bias_kv=True, add_zero_attn=True, kdim=3, vdim=2), doubles)
    x = leaf(2, 3, 4)
    padding = torch.tensor([[False, False, True], [False, True, True]])
    return [
        layer(x, x, x), layer(x, x, x, key_padding_mask=padding, need_weights=False), layer(leaf(3, 4), leaf(2, 4), leaf(2, 4)),
        other(leaf(3, 2, 4), leaf(2, 2, 3), leaf(2, 2, 2), average_attn_weights=False),
    ]  # fmt: skip


def queries_without_keys(torch, nn, doubles):
    """Whose results PyTorch's faster kernel, in evaluation without gradients, has no numbers for."""
    layer = _filled(torch, nn.MultiheadAttention(4, 2, batch_first=True), doubles).eval()
    x, padding = doubles(2, 3, 4), torch.tensor([[False, False, True], [True, True, True]])
    found = [layer(x, x, x, key_padding_mask=padding, need_weights=False)[0].detach()]
    with torch.no_grad():
        found.append(layer(x, x, x, key_padding_mask=padding, need_weights=False)[0])
    return found


def masks_are_merged(torch, nn, floats):
    layer = nn.MultiheadAttention(4, 2)
    x = floats(2, 3, 4)
    return [
        layer.merge_masks(None, None, x), layer.merge_masks(None, floats(2, 3), x),
        layer.merge_masks(floats(3, 3), floats(2, 3), x), layer.merge_masks(floats(4, 3, 3), None, x),
    ]  # fmt: skip
