"""Functions of elements as functions of batches."""

from __future__ import annotations

from tests.eager.oracle.answers import refused

CASES = """
torch.vmap(lambda a: a * 2 + 1)(doubles(3, 2))
torch.vmap(lambda a: a)(doubles(3, 2))
torch.vmap(lambda a: (a, a))(doubles(3, 2))
torch.vmap(lambda a: (a, {"k": a.sum()}), out_dims=(1, {"k": 0}))(doubles(3, 2))
torch.vmap(lambda a: a, out_dims=-1)(doubles(3, 2))
torch.vmap(lambda a: a, out_dims=3)(doubles(3, 2))
torch.vmap(lambda a: a.sum(), -1)(doubles(3, 2))
torch.vmap(lambda a: a, out_dims=None)(doubles(3, 2))
torch.vmap(lambda a: (a, 3), out_dims=(0, None))(doubles(3, 2))
torch.vmap(lambda a: None)(doubles(3, 2))
torch.vmap(lambda d, l: d["a"] * l[0] + l[1], in_dims=({"a": 0}, [0, None]))({"a": doubles(3, 2)}, [doubles(3, 2), 2.0])
torch.vmap(lambda a: (a.sum(), a), out_dims=(0, 1), chunk_size=2)(doubles(3, 2))
torch.vmap(torch.func.grad(lambda a: a.sin().sum()), chunk_size=2)(doubles(3, 2))
torch.vmap(lambda a: a, chunk_size=0)
torch.vmap(torch.func.jacrev(lambda a: a.sin() * a.sum()))(doubles(3, 2))
torch.vmap(torch.func.jacfwd(lambda a: a.sin() * a.sum()))(doubles(3, 2))
torch.vmap(torch.func.hessian(lambda a: (a ** 3).sum() * a[0]))(doubles(3, 2))
torch.vmap(lambda a, c: torch.func.vjp(torch.sin, a)[1](c)[0])(doubles(3, 2), doubles(3, 2))
torch.vmap(lambda a, c: torch.func.jvp(torch.sin, (a,), (c,)))(doubles(3, 2), doubles(3, 2))
torch.vmap(torch.func.vjp(torch.sin, doubles(2))[1])(doubles(3, 2))
torch.vmap(torch.vmap(torch.func.grad(lambda a, b: a * b * a), (0, None)), (0, 0))(doubles(3, 2), doubles(3))
torch.func.jacrev(lambda w: torch.vmap(lambda a: (a * w).sum())(doubles(3, 2)))(doubles(2))
torch.func.jacfwd(lambda w: torch.vmap(lambda a: (a * w).sin())(doubles(3, 2)))(doubles(2))
torch.func.hessian(lambda w: torch.vmap(lambda a: (a * w).sin().sum())(doubles(3, 2)).sum())(doubles(2))
torch.vmap(lambda a, i: a.gather(0, i))(doubles(3, 2), torch.tensor([[0, 1], [1, 1], [1, 0]]))
torch.vmap(lambda a, i: torch.zeros_like(a).scatter_add(0, i, a))(doubles(2, 3), torch.tensor([[0, 1, 1], [2, 2, 0]]))
torch.vmap(lambda a, i: a[i])(doubles(3, 2), torch.tensor([0, 1, 1]))
torch.vmap(lambda i: doubles(3, 2)[i])(torch.tensor([0, 2, 1, 1]))
torch.vmap(lambda a, i: a.index_select(0, i))(doubles(3, 4), torch.tensor([[0, 1], [2, 3], [1, 0]]))
torch.vmap(lambda a: a.sort(descending=True)[0])(doubles(3, 4))
torch.vmap(lambda a: torch.fft.fft(a).abs())(doubles(3, 4))
torch.vmap(lambda a: torch.where(a > 0, a, -a * 2))(doubles(3, 4))
torch.vmap(lambda a, m: a.clamp(min=m))(doubles(3, 4), doubles(3))
torch.vmap(lambda a, b: torch.einsum("ij,j->i", a, b), (None, 0))(doubles(2, 3), doubles(4, 3))
torch.vmap(torch.bmm, (None, 0))(doubles(2, 2, 3), doubles(4, 2, 3, 2))
torch.vmap(torch.bmm, (0, None))(doubles(4, 2, 2, 3), doubles(2, 3, 2))
torch.vmap(torch.bmm, (0, 0))(doubles(4, 2, 2, 3), doubles(4, 2, 3, 2))
torch.vmap(torch.nn.functional.conv1d, (0, None))(doubles(2, 2, 2, 5), doubles(3, 2, 3))
torch.vmap(torch.nn.functional.conv1d, (None, 0))(doubles(2, 2, 5), doubles(2, 3, 2, 3))
torch.vmap(torch.nn.functional.conv1d)(doubles(2, 2, 2, 5), doubles(2, 3, 2, 3))
torch.vmap(lambda x, w: torch.nn.functional.conv1d(x, w, groups=2))(doubles(2, 2, 2, 5), doubles(2, 4, 1, 3))
torch.vmap(lambda x, w: torch.nn.functional.conv1d(x, w, groups=2), (None, 0))(doubles(2, 2, 5), doubles(2, 4, 1, 3))
torch.vmap(torch.linalg.inv)(torch.zeros(2, 2, 2))
torch.vmap(torch.linalg.solve)(doubles(2, 2, 2) + torch.eye(2) * 3, doubles(2, 2))
torch.vmap(torch.func.grad(lambda a: torch.linalg.inv(a).sum()))(doubles(2, 2, 2) + torch.eye(2) * 3)
torch.vmap(lambda a: torch.linalg.cholesky_ex(a @ a.T + torch.eye(2)))(doubles(3, 2, 2))
torch.vmap(torch.linalg.cholesky)(-torch.eye(2).expand(3, 2, 2))
torch.vmap(torch.linalg.lu)(doubles(2, 2, 2))
torch.vmap(torch.frexp)(doubles(3, 2))
torch.vmap(torch.special.bessel_j0)(doubles(3, 2))
torch.vmap(lambda a: a.item())(doubles(3))
torch.vmap(lambda a: float(a))(doubles(3))
torch.vmap(lambda a: a if a > 0 else -a)(doubles(3))
torch.vmap(lambda a: a.numpy())(doubles(3, 2))
torch.vmap(lambda a: a.tolist())(doubles(3, 2))
torch.vmap(lambda a: a.data_ptr())(doubles(3, 2))
torch.vmap(lambda a: a.storage())(doubles(3, 2))
torch.vmap(lambda a: a.nonzero())(doubles(3, 2))
torch.vmap(lambda a: torch.where(a > 0)[0])(doubles(3, 2))
torch.vmap(lambda a: a[a > 0])(doubles(3, 2))
torch.vmap(lambda a: a.masked_select(a > 0))(doubles(3, 2))
torch.vmap(lambda a: a.unique())(doubles(3, 2))
torch.vmap(lambda a: a.unique_consecutive())(doubles(3, 2))
torch.vmap(lambda a: torch.equal(a, a))(doubles(3, 2))
torch.vmap(lambda a: torch.allclose(a, a))(doubles(3, 2))
torch.vmap(torch.nn.functional.one_hot)(torch.tensor([0, 2]))
torch.vmap(lambda a: torch.nn.functional.one_hot(a, 3))(torch.tensor([0, 2]))
torch.vmap(lambda a: a.requires_grad_())(doubles(3, 2))
torch.vmap(lambda a: a.backward())(doubles(3, 2))
torch.vmap(lambda a: a.add_(1))(leaf(3, 2))
torch.vmap(lambda a: a * len(a))(doubles(3, 2))
torch.vmap(torch.nn.BatchNorm1d(2))(floats(3, 4, 2))
torch.vmap(lambda a: str(a) and a)(doubles(3, 2))
repr(torch.vmap(lambda a: [repr(a), a][1])(doubles(3, 2)))
torch.vmap(lambda a: a * 2)(leaf(3, 2))
torch.vmap(lambda a: a.detach() * a)(leaf(3, 2))
torch.vmap(lambda a, b: (a * b).sum())(leaf(3, 2), leaf(3, 2) * 2)
torch.vmap(lambda a: leaf(2), out_dims=0)(doubles(3, 2))
torch.func.jacrev(lambda a: a.sin(), chunk_size=2)(doubles(5))
torch.func.jacrev(lambda a, b: a * 2, argnums=(0, 1))(doubles(2), doubles(3))
torch.func.jacfwd(lambda x: x * torch.rand(3))(doubles(3))
"""


def texts_of_elements(torch, doubles):
    texts = []

    def noted(a):
        texts.append(repr(a))
        return a

    torch.vmap(noted)(doubles(3, 2))
    torch.vmap(torch.vmap(noted))(doubles(3, 2))
    return texts


def weights_from_outside(torch, doubles):
    w = doubles(2).requires_grad_()
    v = w * 2
    made = torch.vmap(lambda a: (a * w + v * v.detach()).sum())(doubles(3, 2))
    made.sum().backward()
    return made, w.grad


def gradients_of_gradients(torch, doubles):
    w = doubles(2).requires_grad_()
    first = torch.vmap(torch.func.grad(lambda a: ((a * w).sin()).sum()))(doubles(3, 2))
    first.sum().backward()
    made = torch.vmap(lambda a: (a * w).sin().sum())(doubles(3, 2))
    (second,) = torch.autograd.grad(made.sum(), w, create_graph=True)
    return first, w.grad, second, torch.autograd.grad(second.sum(), w)


def without_gradients(torch, doubles):
    w = doubles(2).requires_grad_()

    def partly(a):
        with torch.no_grad():
            scaled = a * w
        return (scaled * w).sum()

    torch.vmap(partly)(doubles(3, 2)).sum().backward()
    with torch.no_grad():
        return w.grad, torch.vmap(lambda a: a * w)(doubles(3, 2))


def writes_inside(torch, doubles):
    def written(a):
        b = a.clone()
        b[0] = b[1] * 2
        b[1:] += 1
        b.view(3, 1).mul_(2)
        return b

    return torch.vmap(written)(doubles(4, 3))


def writes_to_elements(torch, doubles):
    x = doubles(3, 2).requires_grad_()
    z = x * 1
    made = torch.vmap(lambda a: a.mul_(2).sin_().sum())(z)
    (made.sum() + z.sum()).backward()
    plain = doubles(2, 3)
    torch.vmap(lambda a: a.copy_(a * 3), 1)(plain)
    return made, z, x.grad, plain


def writes_outside(torch, doubles):
    count, kept = torch.zeros(()), torch.zeros(2, dtype=torch.float64)

    def counted(a):
        count.add_(1)
        return a * count

    def copied(a):
        kept.copy_(a)
        return kept

    def placed(a):
        kept[0] = a[0]
        return a

    def scaled(a):
        kept.mul_(a)
        return kept

    x = doubles(3, 2)
    made = torch.vmap(counted)(x)
    return made, count, [refused(torch.vmap(each), x) for each in (copied, placed, scaled)], kept


def values_of_outside(torch, doubles):
    w = doubles(2)
    return torch.vmap(lambda a: a * (w * 2).sum().item() if w.sum() > -100 else a)(doubles(3, 2))


def modules(torch, nn, doubles):
    layer = nn.Linear(3, 2).double()
    with torch.no_grad():
        for each in layer.parameters():
            each.copy_(doubles(*each.shape))
    made = torch.vmap(layer)(doubles(4, 3))
    made.sum().backward()
    return made, [each.grad for each in layer.parameters()]


def ensembles_of_convolutions(torch, nn, doubles):
    layer = nn.Conv2d(2, 4, 3, padding=1, groups=2).double()
    state = {name: doubles(3, *each.shape) for name, each in layer.named_parameters()}
    images = doubles(3, 2, 2, 5, 5)

    def loss(state, x):
        return torch.func.functional_call(layer, state, (x,)).sin().sum()

    single = {name: each[0] for name, each in state.items()}
    return (
        torch.vmap(loss)(state, images), torch.vmap(loss, (0, None))(state, images[0]),
        torch.vmap(torch.func.grad(loss), (None, 0))(single, images), torch.vmap(torch.func.grad(loss))(state, images),
    )  # fmt: skip


def buffers_of_ensembles(torch, nn, doubles):
    models = [nn.BatchNorm1d(2).double() for _ in range(3)]
    parameters, buffers = torch.func.stack_module_state(models)
    made = torch.vmap(lambda p, b, x: torch.func.functional_call(models[0], (p, b), (x,)))(
        parameters, buffers, doubles(3, 4, 2)
    )
    return made, buffers


def per_sample_gradients(torch, nn, doubles):
    net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(8, 3)).double()
    state = {name: doubles(*each.shape) for name, each in net.named_parameters()}

    def loss(state, x, y):
        found = torch.func.functional_call(net, state, (x.unsqueeze(0),))
        return nn.functional.cross_entropy(found, y.unsqueeze(0))

    return torch.vmap(torch.func.grad(loss), (None, 0, 0))(state, doubles(4, 1, 6, 6), torch.tensor([0, 2, 1, 1]))


def draws(torch):
    x = torch.zeros(40)
    distinct = torch.vmap(lambda a: a + torch.rand(()), randomness="different")(x)
    same = torch.vmap(lambda a: a + torch.rand(()), randomness="same")(x)
    dropped = torch.vmap(lambda a: torch.nn.functional.dropout(a), randomness="different")(torch.ones(30, 20))
    alike = torch.vmap(lambda a: torch.nn.functional.dropout(a), randomness="same")(torch.ones(30, 20))
    torch.manual_seed(3)
    first = torch.vmap(lambda a: torch.rand(3), randomness="different")(x), torch.rand(2)
    torch.manual_seed(3)
    second = torch.vmap(lambda a: torch.rand(3), randomness="different")(x), torch.rand(2)
    numbers = {*first[0].flatten().tolist(), *first[1].tolist()}
    return (
        len(set(distinct.tolist())), len(set(same.tolist())), torch.equal(dropped[0], dropped[1]),
        torch.equal(alike[0], alike[1]), torch.equal(first[0], second[0]), torch.equal(first[1], second[1]),
        len(numbers),
    )  # fmt: skip


def errors_leave_all_as_it_was(torch, doubles):
    w, x = doubles(2).requires_grad_(), doubles(3, 2).sin()
    part = w[1:]

    def stops(a):
        b = a * w + part.sum()
        raise KeyError(b.shape[0])

    found = refused(torch.vmap(stops), x)
    ((x * w).sum() + part.sum()).backward()
    return found, w.grad


def rows_of_gradients(torch, doubles):
    x = doubles(3, 2).requires_grad_()
    y = x.sin()
    rows = torch.stack([doubles(3, 2), doubles(3, 2) * 2])
    plain = torch.autograd.grad(y, x, rows, is_grads_batched=True, retain_graph=True)
    (tracked,) = torch.autograd.grad(y, x, rows, is_grads_batched=True, create_graph=True)
    tracked.sum().backward()
    return plain, tracked, x.grad, refused(torch.autograd.grad, y, x, doubles(4, 2), is_grads_batched=True)


def hooks_see_each_row(torch, doubles):
    shapes = []

    def hook(gradient):
        shapes.append(gradient.shape)
        return gradient * 3

    x = doubles(3, 2).requires_grad_()
    y = x * 1
    y.register_hook(hook)
    rows = torch.stack([doubles(3, 2), doubles(3, 2) * 2])
    return torch.autograd.grad(y.sin(), x, rows, is_grads_batched=True), shapes
