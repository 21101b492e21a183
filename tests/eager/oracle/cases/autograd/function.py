"""Functions with a backward of their own."""

from __future__ import annotations


def _square(torch):
    class Square(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, factor):
            squared = x * x
            ctx.save_for_backward(x, squared)
            ctx.factor = factor
            return squared * factor

        @staticmethod
        def backward(ctx, gradient):
            x, _ = ctx.saved_tensors
            return 2 * x * gradient * ctx.factor, None

    return Square


def a_function_of_a_function(torch, leaf):
    square = _square(torch)
    return square.apply(square.apply(leaf(3), 2), 3)


def its_name_and_what_lies_behind(torch, leaf):
    made = _square(torch).apply(leaf(3), 2)
    return made.grad_fn.name(), made.requires_grad, made.is_leaf, len(made.grad_fn.next_functions)


def gradients_of_gradients(torch, leaf):
    x = leaf(3)
    made = _square(torch).apply(x * 1, 2)
    (first,) = torch.autograd.grad((made * x).sum(), x, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), x, create_graph=True)
    return first, second


def a_result_is_saved(torch, leaf):
    class Exponential(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            made = x.exp()
            ctx.save_for_backward(made)
            return made

        @staticmethod
        def backward(ctx, gradient):
            (made,) = ctx.saved_tensors
            return gradient * made

    x = leaf(3)
    (first,) = torch.autograd.grad(Exponential.apply(x * 2).sum(), x, create_graph=True)
    return Exponential.apply(x), first


def straight_through(torch, leaf):
    class Rounded(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x.round()

        @staticmethod
        def backward(ctx, gradient):
            return gradient

    made = Rounded.apply(leaf(3) * 3)
    made.sum().backward(retain_graph=True)
    made.sum().backward()
    return made * made


def a_context_of_its_own(torch, leaf, floats):
    class Both(torch.autograd.Function):
        @staticmethod
        def forward(a, b):
            return a * b, a + b, a > b

        @staticmethod
        def setup_context(ctx, inputs, output):
            ctx.save_for_backward(*inputs)
            ctx.mark_non_differentiable(output[2])

        @staticmethod
        def backward(ctx, product, total, _):
            a, b = ctx.saved_tensors
            return product * b + total, product * a + total

    first, second, third = Both.apply(leaf(3), leaf(3))
    return first, second, third, third.requires_grad


def what_backward_is_given(torch, leaf):
    seen = []

    class Both(torch.autograd.Function):
        @staticmethod
        def forward(ctx, a, b, wanted):
            ctx.set_materialize_grads(wanted)
            return a * 2, b * 3

        @staticmethod
        def backward(ctx, first, second):
            seen.append((first, second, ctx.needs_input_grad))
            return first, second, None

    x = leaf(2)
    for wanted in (True, False):
        made = Both.apply(x, torch.ones(2, dtype=torch.float64), wanted)
        made[0].sum().backward()
    return seen, x.grad


def writing_into_an_input(torch, leaf):
    class Incremented(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            x.add_(1)
            ctx.mark_dirty(x)
            return x

        @staticmethod
        def backward(ctx, gradient):
            return gradient * 5

    given = leaf(3) * 2
    made = Incremented.apply(given)
    return made is given, made, given * given


def writing_into_a_leaf(torch, leaf):
    class Incremented(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            x.add_(1)
            ctx.mark_dirty(x)
            return x

        @staticmethod
        def backward(ctx, gradient):
            return gradient

    return Incremented.apply(leaf(3))


def an_input_that_is_returned(torch, leaf):
    class Passed(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x

        @staticmethod
        def backward(ctx, gradient):
            return gradient * 3

    x = leaf(2)
    made = Passed.apply(x)
    return made is x, made


def gradients_are_summed_to_the_shape(torch, leaf):
    class Spread(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x.expand(3, 2).clone()

        @staticmethod
        def backward(ctx, gradient):
            return gradient

    return Spread.apply(leaf(2))


def gradients_that_do_not_fit(torch, leaf):
    class Wrong(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, gradient):
            return torch.ones(5)

    Wrong.apply(leaf(2)).sum().backward()


def too_few_gradients(torch, leaf):
    class Wrong(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, y):
            return x * y

        @staticmethod
        def backward(ctx, gradient):
            return gradient

    Wrong.apply(leaf(2), leaf(2)).sum().backward()


def without_a_forward(torch, leaf):
    class Empty(torch.autograd.Function):
        pass

    Empty.apply(leaf(2))


def without_a_backward(torch, leaf):
    class Half(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

    Half.apply(leaf(2)).sum().backward()


def twice_without_the_graph(torch, leaf):
    made = _square(torch).apply(leaf(3), 2).sum()
    made.backward()
    made.backward()


def what_was_saved_is_written_over(torch, leaf):
    class Kept(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * 2

        @staticmethod
        def backward(ctx, gradient):
            (x,) = ctx.saved_tensors
            return gradient * x

    given = leaf(2).detach()
    given.requires_grad_()
    made = Kept.apply(given)
    with torch.no_grad():
        given.mul_(2)
    made.sum().backward()


def what_may_not_be_saved(torch, leaf):
    class Kept(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(3)
            return x * 2

    Kept.apply(leaf(2))


def differentiable_once(torch, leaf):
    class Once(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        @torch.autograd.function.once_differentiable
        def backward(ctx, gradient):
            (x,) = ctx.saved_tensors
            return gradient * 2 * x

    x = leaf(2)
    (first,) = torch.autograd.grad((Once.apply(x) * x).sum(), x, create_graph=True)
    found = first.detach()
    try:
        first.sum().backward()
    except RuntimeError as error:
        return found, str(error)
    return found


def called_as_an_object(torch, leaf):
    return _square(torch)()(leaf(2))


def without_gradients(torch, leaf, floats):
    square = _square(torch)
    with torch.no_grad():
        made = square.apply(leaf(2), 1)
    return made, made.requires_grad, square.apply(floats(2), 1).requires_grad


def hooks_on_its_result(torch, leaf):
    made = _square(torch).apply(leaf(2), 1)
    seen = []
    made.register_hook(lambda gradient: seen.append(gradient) or gradient * 2)
    made.retain_grad()
    (made * 3).sum().backward(retain_graph=True)
    return seen, made.grad, made


def reversal_of_gradients_in_a_net(torch, nn, floats, leaf):
    class Reversed(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, strength):
            ctx.strength = strength
            return x.view_as(x)

        @staticmethod
        def backward(ctx, gradient):
            return gradient.neg() * ctx.strength, None

    x = leaf(4, 3)
    return torch.tanh(Reversed.apply(torch.tanh(x), 0.5)).sum(1)


def saved_tensors_are_packed(torch, leaf):
    seen = []

    def pack(tensor):
        seen.append("pack")
        return tensor * 1

    def unpack(kept):
        seen.append("unpack")
        return kept

    with torch.autograd.graph.saved_tensors_hooks(pack, unpack):
        made = _square(torch).apply(leaf(2).detach().requires_grad_(), 1)
    made.sum().backward()
    return seen[:2].count("pack"), "unpack" in seen


def hooks_are_refused(torch):
    with torch.autograd.graph.disable_saved_tensors_hooks("not here"):
        with torch.autograd.graph.saved_tensors_hooks(lambda x: x, lambda x: x):
            pass


def a_chain_with_a_way_past_it(torch, leaf):
    square = _square(torch)
    x = leaf(3)
    total = y = x * 1
    for factor in (0.5, 0.25, 2.0):
        y = torch.tanh(square.apply(y, factor)) + total
        total = total + y * x
    return total


def hooks_where_ways_part_and_meet(torch, leaf):
    seen = []

    def watch(name, factor):
        def hook(gradient):
            seen.append((name, gradient.tolist()))
            return gradient * factor

        return hook

    x = leaf(2)
    first = x * 2
    first.register_hook(watch("first", 3.0))
    left, right = torch.sin(first), torch.cos(first) * x
    left.register_hook(watch("left", 0.5))
    both = left * right + first
    both.register_hook(watch("both", 2.0))
    (both + left * x).sum().backward()
    return seen, x.grad


def hooks_in_a_gradient_of_a_gradient(torch, leaf):
    seen = []
    x = leaf(2)
    inner, outer = x * 2, None
    inner.register_hook(lambda gradient: seen.append(gradient.tolist()))
    outer = torch.sin(inner) * _square(torch).apply(inner, 2)
    outer.register_hook(lambda gradient: gradient * 3)
    (first,) = torch.autograd.grad(outer.sum(), x, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), x, retain_graph=True)
    return first, second, seen
