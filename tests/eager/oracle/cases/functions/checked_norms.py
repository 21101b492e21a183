"""The normalisations of `nn.functional` that refuse a single value."""

from __future__ import annotations

CASES = """
F.batch_norm(leaf(4, 3), None, None, training=True)
F.batch_norm(leaf(4, 3), None, None, leaf(3), leaf(3), True)
F.batch_norm(leaf(2, 3, 4), None, None, leaf(3), training=True)
F.batch_norm(leaf(2, 3, 2, 2), None, None, None, leaf(3), training=True)
F.batch_norm(leaf(2, 3, 2, 2), None, None, leaf(3), leaf(3), True, eps=0.5)
F.batch_norm(leaf(2, 2, 1, 2, 2), None, None, training=True)
F.batch_norm(leaf(4, 3), doubles(3), doubles(3, low=0.5))
F.batch_norm(leaf(2, 3, 4), doubles(3), doubles(3, low=0.5), leaf(3), leaf(3))
F.batch_norm(leaf(2, 3, 4), leaf(3), leaf(3, low=0.5), leaf(3), leaf(3))
F.batch_norm(leaf(4, 3), doubles(3), doubles(3, low=0.5), None, leaf(3), eps=0.1)
F.batch_norm(input=floats(2, 3), running_mean=floats(3), running_var=floats(3, low=1), weight=None, bias=None, training=False, momentum=0.1, eps=1e-5)
F.batch_norm(floats(4, 3, dtype="float16"), None, None, training=True)
F.batch_norm(floats(4, 3, dtype="bfloat16"), None, None, floats(3), floats(3), training=True)
F.batch_norm(floats(4, 3, dtype="float16"), floats(3, dtype="float16"), floats(3, low=1, dtype="float16"), floats(3, dtype="float16"))
F.batch_norm(floats(4, 3, dtype="float16"), floats(3), floats(3, low=1))
F.batch_norm(floats(0, 3), None, None, training=True)
F.batch_norm(floats(2, 3, 0), None, None, training=True)
F.batch_norm(floats(0, 3), floats(3), floats(3, low=1))
F.batch_norm(floats(2, 0), floats(0), floats(0))
F.batch_norm(floats(1, 3), None, None, training=True)
F.batch_norm(floats(1, 3, 1), None, None, training=True)
F.batch_norm(floats(3), None, None, training=True)
F.batch_norm(floats(2, 3), None, None)
F.batch_norm(floats(2, 3), floats(3), None)
F.batch_norm(floats(2, 3), floats(2), floats(3))
F.batch_norm(floats(2, 3), floats(3), floats(2))
F.batch_norm(floats(2, 3), floats(3), floats(3), floats(2))
F.batch_norm(floats(2, 3), floats(3), floats(3), floats(3), floats(2))
F.batch_norm(doubles(2, 3), floats(3), floats(3))
F.batch_norm(floats(2, 3), doubles(3), doubles(3))
F.batch_norm(floats(2, 3), floats(3), floats(3), doubles(3), doubles(3))
F.batch_norm(floats(2, 3), floats(3), floats(3), floats(3, dtype="float16"))
F.batch_norm(ints(2, 3), None, None, training=True)
F.batch_norm(complexes(2, 3), None, None, training=True)
F.instance_norm(leaf(2, 3, 4))
F.instance_norm(leaf(2, 3, 2, 2), None, None, leaf(3), leaf(3))
F.instance_norm(leaf(2, 3, 2, 2), weight=leaf(3), eps=0.5)
F.instance_norm(leaf(2, 3, 2, 2), doubles(3), doubles(3, low=0.5), leaf(3), leaf(3), use_input_stats=False)
F.instance_norm(leaf(1, 2, 2, 1, 2))
F.instance_norm(floats(2, 3, 4, dtype="bfloat16"))
F.instance_norm(floats(2, 3))
F.instance_norm(floats(2, 3, 1))
F.instance_norm(floats(2, 3, 4), use_input_stats=False)
F.instance_norm(floats(2, 3, 4), floats(2), floats(3))
F.instance_norm(floats(2, 3, 4), weight=floats(2))
F.instance_norm(ints(2, 3, 4))
F.group_norm(leaf(2, 4), 2)
F.group_norm(leaf(2, 4, 3), 2, leaf(4), leaf(4))
F.group_norm(leaf(2, 4, 2, 2), 4, leaf(4), eps=0.3)
F.group_norm(doubles(2, 4, 2), 1, None, doubles(4))
F.group_norm(floats(2, 4, 3, dtype="bfloat16"), 2, floats(4))
F.group_norm(floats(0, 4, 2), 2)
F.group_norm(floats(2, 4, 0), 2)
F.group_norm(floats(2, 4), 3)
F.group_norm(floats(4), 2)
F.group_norm(floats(2, 4, 3), 2, floats(3))
F.group_norm(floats(2, 4, 3), 2, doubles(4))
F.group_norm(floats(2, 4, 3), 0)
F.group_norm(floats(2, 4, 3), -1)
F.group_norm(floats(1, 4), 4)
F.group_norm(ints(2, 4, 3), 2)
"""


def running_statistics_move(torch, F, leaf, doubles):
    mean, variance = doubles(3), doubles(3, low=0.5)
    y = F.batch_norm(leaf(4, 3, 2), mean, variance, training=True, momentum=0.3)
    return y, mean, variance, mean.requires_grad


def running_statistics_of_single_precision_move(torch, F, floats):
    mean, variance = floats(3), floats(3, low=0.5)
    y = F.batch_norm(floats(4, 3, dtype="bfloat16"), mean, variance, training=True)
    return y, mean, variance


def running_statistics_of_instances_are_averages(torch, F, leaf, doubles):
    mean, variance = doubles(3), doubles(3, low=0.5)
    y = F.instance_norm(leaf(4, 3, 2), mean, variance, momentum=0.25)
    return y, mean, variance


def what_is_normalised_is_kept(torch, F, leaf):
    x = leaf(4, 3) * 2
    y = F.batch_norm(x, None, None, training=True)
    x.add_(1)
    y.sum().backward()


def the_result_may_be_written_over(torch, F, leaf):
    x = leaf(4, 3) * 2
    y = F.batch_norm(x, None, None, training=True)
    return y.relu_()


def the_gradient_of_the_gradient(torch, F, leaf):
    x, w = leaf(4, 2, 2), leaf(2)
    y = F.batch_norm(x, None, None, w, training=True)
    return torch.autograd.grad((y * y * y).sum(), [x, w], create_graph=True)
