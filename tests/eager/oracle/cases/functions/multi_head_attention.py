"""Attention of several heads, as a function."""

from __future__ import annotations


def _of(F, doubles, leaf, query, key, value, heads=2, **options):
    width = query[-1]
    given = {
        "in_proj_weight": leaf(3 * width, width), "in_proj_bias": leaf(3 * width), "bias_k": None, "bias_v": None,
        "add_zero_attn": False, "dropout_p": 0.0, "out_proj_weight": leaf(width, width), "out_proj_bias": leaf(width),
        **options,
    }  # fmt: skip
    q = leaf(*query)
    k = q if key is query else leaf(*key)
    v = k if value is key else leaf(*value)
    return F.multi_head_attention_forward(q, k, v, width, heads, **given)


def packed_weights(F, doubles, leaf, bools, torch):
    q, k = (2, 2, 4), (3, 2, 4)
    return [
        _of(F, doubles, leaf, q, q, q),
        _of(F, doubles, leaf, q, k, k, need_weights=False),
        _of(F, doubles, leaf, q, k, (3, 2, 4), average_attn_weights=False),
        _of(F, doubles, leaf, (2, 4), (3, 4), (3, 4), attn_mask=bools(2, 3)),
        _of(F, doubles, leaf, q, k, k, bias_k=leaf(1, 1, 4), bias_v=leaf(1, 1, 4), add_zero_attn=True,
            attn_mask=doubles(4, 2, 3), key_padding_mask=torch.tensor([[False, False, True], [False, True, True]])),
        _of(F, doubles, leaf, q, q, q, attn_mask=torch.tensor([[False, True], [False, False]]), is_causal=True,
            need_weights=False),
    ]  # fmt: skip


def separate_weights(F, doubles, leaf):
    return _of(
        F, doubles, leaf, (2, 2, 4), (3, 2, 3), (3, 2, 5), use_separate_proj_weight=True, in_proj_weight=None,
        q_proj_weight=leaf(4, 4), k_proj_weight=leaf(4, 3), v_proj_weight=leaf(4, 5),
    )  # fmt: skip


def what_is_refused(F, doubles, leaf, floats, ints, torch):
    q, k = (2, 2, 4), (3, 2, 4)
    found = []
    for query, key, value, options in (
        ((2, 2, 2, 4), k, k, {}), (q, (3, 4), k, {}), ((2, 4), k, k, {}), (q, k, (2, 2, 4), {}),
        (q, k, k, {"attn_mask": ints(2, 3)}), (q, k, k, {"attn_mask": floats(2)}), (q, k, k, {"attn_mask": floats(2, 2)}),
        (q, k, k, {"attn_mask": floats(2, 2, 3)}), (q, k, k, {"key_padding_mask": floats(3)}),
        (q, k, k, {"key_padding_mask": floats(2, 2)}), (q, k, k, {"is_causal": True}), (q, k, k, {"heads": 3}),
        ((2, 4), (3, 4), (3, 4), {"attn_mask": floats(2, 3, 2)}), (q, k, k, {"bias_k": floats(1, 1, 4)}),
        (q, k, k, {"static_k": doubles(1, 1, 1)}), (q, k, k, {"in_proj_weight": None}),
        (q, k, (4, 2, 4), {"use_separate_proj_weight": True}),
        (q, k, k, {"use_separate_proj_weight": True, "q_proj_weight": doubles(4, 3), "k_proj_weight": doubles(4, 4),
                   "v_proj_weight": doubles(4, 4)}),
    ):  # fmt: skip
        try:
            _of(F, doubles, leaf, query, key, value, **options)
        except (AssertionError, RuntimeError) as error:
            found.append(str(error).partition("\n")[0])
    return found
