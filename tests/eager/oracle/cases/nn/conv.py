"""Convolutions as modules."""

from __future__ import annotations

CASES = """
repr(nn.Conv1d(4, 4, 3, groups=2))
repr(nn.Conv2d(3, 4, 3))
repr(nn.Conv2d(3, 4, (3, 5), (2, 1), (1, 0), 2, 1, False, "reflect"))
repr(nn.Conv2d(3, 4, 3, padding="same"))
repr(nn.Conv2d(3, 4, 3, padding="valid"))
repr(nn.Conv3d(4, 4, 3, padding_mode="circular"))
repr(nn.ConvTranspose1d(3, 4, 3))
repr(nn.ConvTranspose2d(3, 4, 3, 2, 1, 1, bias=False, dilation=1))
repr(nn.ConvTranspose3d(4, 4, 3, groups=2, dilation=2))
repr(nn.ConvTranspose2d(3, 4, 3, padding="same"))
nn.Conv2d(3, 4, (3, 5)).weight.shape
nn.Conv2d(4, 6, 3, groups=2).weight.shape
nn.ConvTranspose2d(4, 6, 3, groups=2).weight.shape
nn.ConvTranspose2d(4, 6, 3, groups=2).bias.shape
nn.Conv2d(3, 4, 3, bias=False).bias
list(nn.Conv2d(3, 4, 3).state_dict())
list(nn.ConvTranspose2d(3, 4, 3, bias=False).state_dict())
nn.Conv2d(3, 4, 3, dtype=torch.float64, device="cpu").weight.dtype
nn.Conv2d(3, 4, [3, 3]).kernel_size
nn.Conv2d(3, 4, (3,)).kernel_size
nn.Conv2d(3, 4, 3, padding="same").padding
nn.Conv1d(3, 4, 3).stride
nn.Conv2d(2, 3, 2, dtype=torch.complex64)(complexes(1, 2, 3, 3)).shape
(nn.Conv2d(3, 4, 3).output_padding, nn.Conv2d(3, 4, 3).transposed, nn.ConvTranspose2d(3, 4, 3).transposed)
nn.Conv1d(3, 4, 3)(floats(2, 3, 7)).shape
nn.Conv2d(3, 4, 3, 2, 1)(floats(2, 3, 7, 6)).shape
nn.Conv2d(3, 4, 3, 2, 1)(floats(3, 7, 6)).shape
nn.Conv3d(3, 4, 3, padding="same")(floats(2, 3, 4, 5, 6)).shape
nn.Conv2d(3, 4, 3)(doubles(2, 3, 7, 6))
nn.Conv2d(3, 4, 3)(floats(2, 4, 7, 6))
nn.Conv2d(3, 4, 3)(floats(7, 6))
nn.Conv2d(3, 4, (3, 3, 3))(floats(1, 3, 5, 5))
nn.Conv2d(3, 4, 3, groups=2)
nn.Conv2d(4, 3, 3, groups=2)
nn.Conv2d(4, 4, 3, groups=0)
nn.Conv2d(4, 4, 3, padding="same", stride=2)
nn.Conv2d(3)
nn.Conv2d(-1, 4, 3)
nn.ConvTranspose2d(3, 4, 3, padding_mode="reflect")
nn.ConvTranspose1d(3, 4, 3)(floats(2, 3, 5)).shape
nn.ConvTranspose1d(3, 4, 3)(floats(1, 3, 5), output_size=[7]).shape
nn.ConvTranspose2d(3, 4, 3, stride=2)(floats(1, 3, 5, 5), output_size=(12, 11)).shape
nn.ConvTranspose2d(3, 4, 3, stride=2)(floats(1, 3, 5, 5), torch.Size([1, 4, 12, 12])).shape
nn.ConvTranspose2d(3, 4, 3, stride=2)(floats(3, 5, 5), [4, 12, 12]).shape
nn.ConvTranspose3d(2, 2, 2, stride=2, padding=1, dilation=2)(floats(1, 2, 2, 2, 2), output_size=[4, 4, 4]).shape
nn.ConvTranspose2d(3, 4, 3, stride=2)(floats(1, 3, 5, 5), output_size=(4, 12, 12))
nn.ConvTranspose2d(3, 4, 3, stride=2)(floats(1, 3, 5, 5), output_size=(12,))
nn.ConvTranspose2d(3, 4, 3, stride=2)(floats(1, 3, 5, 5), output_size=(13, 12))
nn.ConvTranspose2d(3, 4, 3, stride=2)(floats(3, 5, 5), output_size=[10, 12])
repr(nn.LazyConv1d(4, 3))
repr(nn.LazyConv2d(4, 3, 2, "valid", 1, 2, False))
repr(nn.LazyConv3d(4, 3, padding=1))
repr(nn.LazyConvTranspose1d(4, 3))
repr(nn.LazyConvTranspose2d(4, 3, 2, 1, 1, 2, False, 2))
repr(nn.LazyConvTranspose3d(4, 3))
nn.LazyConv1d(4, 3)(floats(2, 3, 5)).shape
nn.LazyConv2d(4, 3)(floats(3, 5, 5)).shape
nn.LazyConv3d(4, 3, bias=False)(floats(1, 2, 3, 3, 3)).shape
nn.LazyConvTranspose1d(4, 3)(floats(2, 3, 5)).shape
nn.LazyConvTranspose2d(4, 3, groups=2)(floats(2, 4, 5, 5), output_size=[7, 7]).shape
nn.LazyConvTranspose3d(4, 3)(floats(2, 3, 2, 2, 2)).shape
nn.LazyConv2d(4, 3)(floats(5, 5))
nn.LazyConv2d(4, 3, groups=2)(floats(2, 5, 5, 5))
nn.LazyConv2d(4, 3, groups=3)(floats(2, 6, 5, 5))
nn.LazyConv2d(4, 3, groups=0)
"""


def _filled(torch, module, doubles):
    """The module in float64 with fixed numbers for its parameters."""
    module = module.double()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(doubles(*parameter.shape))
    return module


def results_and_gradients(torch, nn, doubles, leaf):
    found = []
    for module, shape in (
        (nn.Conv1d(2, 3, 2), (2, 2, 4)), (nn.Conv2d(2, 4, 3, 2, 1, groups=2), (1, 2, 4, 5)),
        (nn.Conv2d(2, 2, (2, 3), padding="same", dilation=2), (1, 2, 4, 5)),
        (nn.ConvTranspose2d(2, 2, 2, 2), (1, 2, 2, 3)), (nn.Conv3d(1, 2, 2, bias=False), (1, 1, 2, 3, 2)),
    ):  # fmt: skip
        module, x = _filled(torch, module, doubles), leaf(*shape)
        module(x).square().sum().backward()
        found.append((x.grad, [each.grad for each in module.parameters()]))
    return found


def padding_modes(torch, nn, doubles, leaf):
    return [
        _filled(torch, nn.Conv2d(1, 2, 3, padding=(1, 2), padding_mode=mode, stride=2), doubles)(leaf(1, 1, 4, 3))
        for mode in ("zeros", "reflect", "replicate", "circular")
    ]  # fmt: skip


def same_and_valid_with_padding_modes(torch, nn, doubles, leaf):
    return [
        _filled(torch, nn.Conv2d(1, 2, (2, 3), padding=padding, padding_mode="circular"), doubles)(leaf(1, 1, 4, 3))
        for padding in ("same", "valid")
    ]  # fmt: skip


def what_is_refused_at_first(torch, nn):
    """PyTorch lists the choices in any order."""
    found = []
    for options in ({"padding": "full"}, {"padding_mode": "mirror"}):
        try:
            nn.Conv2d(1, 1, 1, **options)
        except ValueError as error:
            found.append(str(error).partition("{")[0])
    return found


def first_weights_are_within_bounds(torch, nn):
    found = []
    for layer, bound in ((nn.Conv2d(8, 64, 4, groups=2), 1 / 8), (nn.ConvTranspose1d(16, 64, 4), 1 / 16)):
        for each in (layer.weight, layer.bias):
            found += [bool((each.abs() <= bound).all()), bool(each.abs().max() > 0.9 * bound)]
    return found


def another_weight_for_the_same_module(torch, nn, doubles, leaf):
    class Scaled(nn.Conv2d):
        def forward(self, input):
            return self._conv_forward(input, self.weight * 2, None)

    return _filled(torch, Scaled(1, 1, 2), doubles)(leaf(1, 1, 3, 3))


def a_lazy_convolution_becomes_a_plain_one(torch, nn, floats):
    layer = nn.LazyConv2d(4, 3, dtype=torch.float64)
    before = type(layer).__name__, layer.in_channels, layer.has_uninitialized_params(), repr(layer.state_dict())
    layer(floats(2, 3, 5, 5).double())
    after = (
        type(layer).__name__,
        layer.in_channels,
        layer.weight.shape,
        layer.weight.dtype,
        layer.bias.shape,
        repr(layer),
    )
    return before, after, type(layer.weight).__name__, float(layer.weight.abs().max()) > 0, layer.weight.requires_grad
