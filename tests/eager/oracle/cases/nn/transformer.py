"""Transformers."""

from __future__ import annotations

from tests.eager.oracle.cases.nn.conv import _filled

CASES = """
repr(nn.TransformerEncoderLayer(4, 2, 8))
repr(nn.Transformer(4, 2, 1, 1, 8))
repr(nn.TransformerDecoder(nn.TransformerDecoderLayer(4, 2, 8), 2))
list(nn.TransformerDecoderLayer(4, 2, 8).state_dict())
list(nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 8, bias=False), 2).state_dict())
nn.Transformer.generate_square_subsequent_mask(3)
nn.TransformerEncoderLayer(4, 2, 8, activation="tanh")
nn.Transformer(4, 2, 1, 1, 8)(floats(2, 1, 4), floats(2, 2, 4))
nn.Transformer(4, 2, 1, 1, 8)(floats(2, 1, 4), floats(2, 1, 3))
"""


def layers(torch, nn, F, doubles, leaf):
    found = []
    causal = nn.Transformer.generate_square_subsequent_mask(3, dtype=torch.float64)
    for options in (
        {},
        {"norm_first": True, "activation": "gelu"},
        {"batch_first": True, "bias": False, "activation": F.silu},
    ):
        layer = _filled(torch, nn.TransformerEncoderLayer(4, 2, 3, dropout=0.0, **options), doubles)
        found += [layer(leaf(3, 3, 4)), layer(leaf(3, 4), src_mask=causal, is_causal=True)]
        other = _filled(torch, nn.TransformerDecoderLayer(4, 2, 3, dropout=0.0, **options), doubles)
        found.append(other(leaf(3, 3, 4), leaf(3, 3, 4), tgt_mask=causal))
    return found


def whole_transformers(torch, nn, doubles, leaf):
    net = _filled(torch, nn.Transformer(4, 2, 1, 2, 3, dropout=0.0, batch_first=True), doubles)
    causal = nn.Transformer.generate_square_subsequent_mask(2, dtype=torch.float64)
    padding = torch.tensor([[False, False, True], [False, False, False]])
    return net(
        leaf(2, 3, 4), leaf(2, 2, 4), tgt_mask=causal, src_key_padding_mask=padding, memory_key_padding_mask=padding
    )


def padding_in_evaluation(torch, nn, doubles):
    """Comes out as zeros where PyTorch's faster kernels leave it out."""
    layer = nn.TransformerEncoderLayer(4, 2, 3, batch_first=True)
    net = _filled(torch, nn.TransformerEncoder(layer, 2, nn.LayerNorm(4)), doubles).eval()
    plain = _filled(torch, nn.TransformerEncoder(layer, 1, enable_nested_tensor=False), doubles).eval()
    x = doubles(2, 3, 4)
    left = torch.tensor([[False, True, True], [False, False, True]])
    right = torch.tensor([[True, False, False], [False, False, True]])
    found = [net(x, src_key_padding_mask=left).detach()]
    with torch.no_grad():
        found += [net(x, src_key_padding_mask=each) for each in (left, right)]
        found.append(plain(x, src_key_padding_mask=left))
    return found


def why_padding_is_not_left_out(torch, nn):
    import warnings

    found = []
    for options in ({"norm_first": True}, {}, {"batch_first": True, "bias": False}, {"batch_first": True, "nhead": 1},
                    {"batch_first": True, "activation": torch.tanh}):  # fmt: skip
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            nn.TransformerEncoder(nn.TransformerEncoderLayer(4, **{"nhead": 2, **options}), 1)
        found.append([str(each.message) for each in told])
    return found


def custom_parts(torch, nn, floats):
    class Part(nn.Module):
        def forward(self, x, *arguments, **options):
            return x * 2

    return nn.Transformer(4, 2, custom_encoder=Part(), custom_decoder=Part())(floats(2, 1, 4), floats(3, 1, 4))
