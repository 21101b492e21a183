"""Nodes of the graph, their hooks, edges, and what may be written over."""

from __future__ import annotations

from tests.eager.oracle.answers import refused

CASES = """
isinstance((leaf(2) * 2).grad_fn, torch.autograd.graph.Node)
isinstance((leaf(2) * 2).grad_fn.next_functions[0][0], torch.autograd.graph.Node)
(leaf(2) * 2).grad_fn.next_functions[0][0].name()
(leaf(2) * 2).grad_fn.next_functions[0][0].next_functions
(leaf(2) * 2).grad_fn.metadata
torch.autograd.graph.get_gradient_edge(leaf(2)).output_nr
torch.autograd.graph.get_gradient_edge(leaf(4).max(0)[0]).output_nr
torch.autograd.graph.get_gradient_edge(doubles(2))
"""


def _chain(leaf):
    x, y = leaf(2), leaf(2)
    z = x * y
    return x, y, z, z.exp().sum()


def notes_stay_with_the_node(torch, leaf):
    _, _, z, total = _chain(leaf)
    z.grad_fn.metadata["seen"] = 1
    return total.grad_fn.next_functions[0][0].next_functions[0][0].metadata, z.grad_fn == z.grad_fn


def hooks_see_what_flows(torch, leaf):
    x, y, z, total = _chain(leaf)
    seen = []
    after = z.grad_fn.register_hook(lambda inner, outer: seen.append(("after", inner, outer)))
    before = z.grad_fn.register_prehook(lambda outer: seen.append(("before", outer)))
    total.backward(retain_graph=True)
    after.remove()
    before.remove()
    total.backward()
    return seen, x.grad, y.grad


def hooks_change_what_flows(torch, leaf):
    found = []
    for before, after in (
        (lambda outer: (outer[0] * 2,), None), (None, lambda inner, outer: (inner[0] * 10, inner[1])),
        (lambda outer: (outer[0] * 2,), lambda inner, outer: (inner[0], outer[0])),
    ):  # fmt: skip
        x, y, z, total = _chain(leaf)
        if before is not None:
            z.grad_fn.register_prehook(before)
        if after is not None:
            z.grad_fn.register_hook(after)
        total.backward()
        found.append((x.grad, y.grad))
    return found


def hooks_that_do_wrong(torch, leaf):
    _, _, z, total = _chain(leaf)

    def short(inner, outer):
        return (inner[0],)

    z.grad_fn.register_hook(short)
    return refused(total.backward)


def hooks_of_leaves(torch, leaf):
    x, _, _, total = _chain(leaf)
    end = x.view_as(x).grad_fn.next_functions[0][0]
    seen = []
    end.register_hook(lambda inner, outer: seen.append((inner, outer[0].clone(), x.grad.clone())))
    handle = end.register_prehook(lambda outer: (outer[0] * 3,))
    total.backward(retain_graph=True)
    handle.remove()
    total.backward()
    return seen, x.grad, end.variable is x


def hooks_of_functions(torch, leaf):
    class Doubled(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, gradient):
            return gradient * 2

    seen = []
    x = leaf(2)
    made = Doubled.apply(x)
    made.grad_fn.register_hook(lambda inner, outer: seen.append((inner, outer)))
    made.grad_fn.register_prehook(lambda outer: (outer[0] * 5,))
    made.sum().backward()
    return seen, x.grad, made.grad_fn.name()


def edges(torch, leaf, doubles):
    x, y, z, total = _chain(leaf)
    edge = torch.autograd.graph.get_gradient_edge
    found = [
        torch.autograd.grad(total, edge(z), retain_graph=True),
        torch.autograd.grad(total, [edge(x), y], retain_graph=True),
        torch.autograd.grad(edge(z), x, doubles(2), retain_graph=True),
    ]
    torch.autograd.backward(total, inputs=[edge(x)])
    return found, x.grad, y.grad, edge(z).node == z.grad_fn


def written_over_where_that_is_allowed(torch, leaf):
    x = leaf(2, 3)
    allow = torch.autograd.graph.allow_mutation_on_saved_tensors
    with allow():
        y = x.clone()
        made = (y**2).sum() + (y * y).sum()
        y.sin_()
        made.backward()
        nested = refused(allow().__enter__)
    z = x.clone()
    other = (z * z).sum()
    z.sin_()
    return x.grad, nested, refused(other.backward)["raises"]
