"""Views: the same elements in another shape, order or number."""

from __future__ import annotations

CASES = """
# -- sizes by their names ----
leaf(2, 3).reshape(shape=(3, 2))
leaf(2, 3).view(size=(3, 2))
leaf(2, 3).permute(dims=(1, 0))
leaf(1, 3).expand(size=(2, 3))
leaf(2, 3).contiguous(memory_format=torch.contiguous_format)
leaf(2, 3).contiguous(memory_format=torch.preserve_format)
leaf(2, 3).t().contiguous(memory_format=torch.contiguous_format)
leaf(2, 3).t().contiguous(memory_format=torch.preserve_format)
leaf(2, 3).contiguous(memory_format=torch.channels_last)
leaf(2, 3, 2).contiguous(memory_format=torch.channels_last_3d)
leaf(1, 2, 2, 3).contiguous(memory_format=torch.channels_last)
# -- reshape, view, flatten ----
torch.reshape(leaf(2, 3), (3, 2))
torch.reshape(leaf(2, 3), (-1,))
torch.reshape(leaf(2, 3), (3, -1))
torch.reshape(leaf(2, 3), [6])
torch.reshape(leaf(), (1, 1))
torch.reshape(leaf(1), ())
torch.reshape(leaf(0, 3), (3, 0))
torch.reshape(floats(2, 3), (4, 2))
torch.reshape(floats(2, 3), (-1, 4))
torch.reshape(floats(2, 3), (-1, -1))
torch.reshape(floats(0, 3), (0, -1))
torch.reshape(floats(0, 3), (-1, 3))
torch.reshape(floats(2, 3), (-2, 3))
torch.reshape(floats(2, 3), 6)
torch.reshape(floats(2, 3), (2, 1.5))
torch.reshape(floats(2, 3), "a")
torch.reshape(input=floats(2, 3), shape=(6,))
leaf(2, 3).reshape(3, 2)
leaf(2, 3).reshape((3, 2))
leaf(2, 3).reshape(-1)
leaf(2, 3).reshape(torch.Size([6]))
leaf(2, 3).reshape_as(floats(6))
leaf(2, 3).view(3, 2)
leaf(2, 3).view(-1)
leaf(2, 3).view((1, 6))
leaf(2, 3).view_as(floats(6))
floats(2, 3).view(5)
floats(2, 3).view(-1, 4)
floats(2, 3).view(-1, -1)
floats(2, 3).t().view(6)
floats(2, 3).t().reshape(6)
floats(4)[::2].view(2, 1)
floats(2, 4)[:, :2].view(4)
torch.flatten(leaf(2, 3, 2))
torch.flatten(leaf(2, 3, 2), 1)
torch.flatten(leaf(2, 3, 2), 0, 1)
torch.flatten(leaf(2, 3, 2), start_dim=-2, end_dim=-1)
torch.flatten(leaf())
torch.flatten(leaf(3), 0, 0) * 2
torch.flatten(floats(0, 3))
torch.flatten(floats(2, 3), 1, 0)
torch.flatten(floats(2, 3), 2)
torch.flatten(floats(2, 3), 0, 5)
leaf(2, 3).flatten()

# -- axes in another order ----
torch.permute(leaf(2, 3, 2), (2, 0, 1))
torch.permute(leaf(2, 3), (-1, 0))
torch.permute(floats(2, 3), (0,))
torch.permute(floats(2, 3), (0, 0))
torch.permute(floats(2, 3), (0, 2))
torch.permute(floats(), ())
leaf(2, 3, 2).permute(2, 0, 1)
leaf(2, 3, 2).permute((1, 0, 2))
leaf(2, 3, 2).permute([1, 0, 2])
torch.transpose(leaf(2, 3), 0, 1)
torch.transpose(leaf(2, 3, 2), -1, 0)
torch.transpose(leaf(), 0, -1)
torch.transpose(floats(2, 3), 0, 2)
torch.transpose(input=floats(2, 3), dim0=0, dim1=1)
leaf(2, 3, 2).transpose(1, 2)
torch.t(leaf(2, 3))
torch.t(leaf(3))
torch.t(leaf())
torch.t(floats(2, 3, 2))
leaf(2, 3).T
leaf(3).T
leaf(2, 3, 2).mT
leaf(2, 3).mT
floats(3).mT
leaf(2, 3).t()

# -- axes of size 1 ----
torch.squeeze(leaf(1, 3, 1))
torch.squeeze(leaf(1, 3, 1), 0)
torch.squeeze(leaf(1, 3, 1), -1)
torch.squeeze(leaf(1, 3, 1), 1)
torch.squeeze(leaf(1, 3, 1), (0, 2))
torch.squeeze(leaf(1, 3, 1), dim=(0, 1))
torch.squeeze(leaf())
torch.squeeze(leaf(), 0)
torch.squeeze(floats(1, 3), 2)
torch.squeeze(floats(1, 3), (0, 0))
leaf(1, 2).squeeze(0)
torch.unsqueeze(leaf(2), 0)
torch.unsqueeze(leaf(2), 1)
torch.unsqueeze(leaf(2), -1)
torch.unsqueeze(leaf(2), dim=-2)
torch.unsqueeze(leaf(), 0)
torch.unsqueeze(floats(2), 2)
torch.unsqueeze(floats(2), -3)
leaf(2).unsqueeze(0)

# -- repeating without copies ----
leaf(2, 1).expand(2, 3)
leaf(2, 1).expand(-1, 3)
leaf(3).expand(2, 3)
leaf(3).expand((2, -1))
leaf().expand(2, 2)
leaf(1).expand(0)
leaf(2, 1).expand_as(floats(2, 3))
floats(2, 3).expand(3)
floats(2, 3).expand(2, 4)
floats(2, 3).expand(4, 3)
floats(3).expand(-1, 3)
torch.broadcast_to(leaf(2, 1), (2, 3))
torch.broadcast_to(floats(2, 3), (2, 4))
torch.broadcast_tensors(leaf(2, 1), leaf(3))
torch.broadcast_tensors(leaf(2, 1), leaf(), leaf(1, 3))
torch.broadcast_tensors(floats(2), floats(3))

# -- others ----
leaf(2, 3).t().contiguous()
floats(2, 3).is_contiguous()
floats(2, 3).t().is_contiguous()
floats(2, 3)[1].is_contiguous()
floats(2, 3)[:, 1].is_contiguous()
floats(1, 3).t().is_contiguous()
floats(2, 3).reshape(6).is_contiguous()
floats(3).expand(2, 3).is_contiguous()
leaf(2, 3).t().contiguous().view(6)
leaf(5).unfold(0, 2, 1)
leaf(2, 5, 3).unfold(1, 2, 2)
leaf(2, 5).unfold(-1, 3, 2).square()
leaf(2, 5).unfold(dimension=0, size=2, step=5)
ints(5).unfold(0, 0, 2)
floats(0, 3).unfold(1, 2, 1)
floats().unfold(0, 1, 1)
floats().unfold(0, 0, 1)
floats().unfold(0, 1, 1).stride()
floats(2, 5).unfold(1, 3, 2).stride()
floats(5).unfold(0, 6, 1)
floats().unfold(0, 2, 1)
floats(5).unfold(0, -1, 1)
floats(5).unfold(0, 2, 0)
floats(5).unfold(0, 2, -2)
floats(5).unfold(1, 1, 1)
floats(5).unfold(0, 2.0, 1)
repr(leaf(3).unfold(0, 2, 1))
"""


def windows_are_views(torch, floats):
    x = floats(2, 6)
    apart, over = x.unfold(1, 2, 2), x.unfold(1, 3, 1)
    apart.mul_(10)
    apart[0, 1].add_(1)
    over[0].zero_()
    return x, apart, over, x.unfold(0, 1, 1).stride(), over.permute(2, 0, 1).stride(), over[1].storage_offset()


def windows_of_windows(torch, leaf):
    x = leaf(7)
    return x.unfold(0, 3, 2).unfold(0, 2, 1).square()


def windows_of_shared_memory(torch, np):
    array = np.arange(6.0)
    x = torch.from_numpy(array).unfold(0, 2, 3)
    array[3] = 10
    x[0, 1] = 7
    return x, array


def gradients_through_written_windows(torch, leaf):
    x = leaf(6)
    y = x * 2
    y.unfold(0, 2, 2).mul_(torch.arange(2))
    return y


def views_share_memory(torch, floats):
    x = floats(2, 3)
    others = [
        x.view(6),
        x.t(),
        x[0],
        x.unsqueeze(0),
        x.reshape(3, 2),
        x.flatten(),
        torch.split(x, 1)[1],
        x.chunk(3, 1)[0],
    ]
    x.mul_(10)
    others[0].add_(1)
    return [x, *others]


def contiguous_is_the_tensor_itself(torch, floats):
    x = floats(2, 3)
    return x.contiguous() is x, x.t().contiguous() is x
