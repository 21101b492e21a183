"""What is in nested containers, taken out and put back."""

from __future__ import annotations

from collections import OrderedDict, defaultdict, deque, namedtuple

Pair = namedtuple("Pair", "left right")


class _Box:
    def __init__(self, left, right):
        self.left, self.right = left, right


def _module(torch):
    import importlib

    return importlib.import_module(f"{torch.__name__}.utils._pytree")


def _tree(torch):
    return (
        {"b": 1, "a": [2, None]}, (3,), OrderedDict(z=4), Pair(5, 6), defaultdict(list, {"k": 7}),
        deque([8], maxlen=3), "text", torch.Size([1, 2]), [], {},
    )  # fmt: skip


def leaves_and_structure(torch):
    leaves, structure = _module(torch).tree_flatten(_tree(torch))
    numbers = structure.num_leaves, structure.num_nodes, structure.num_children
    return leaves, repr(structure).replace(Pair.__module__, ""), numbers, structure.is_leaf(), str(structure.type)


def put_back(torch):
    module = _module(torch)
    structure = module.tree_structure(_tree(torch))
    tree = module.tree_unflatten(range(structure.num_leaves), structure)
    return repr(tree), structure == module.tree_structure(tree), structure == module.tree_structure(tree[:-1])


def parts_of_structures(torch):
    structure = _module(torch).tree_structure([1, (2, 3)])
    return (
        repr(structure.children()), repr(structure.child(1)), structure.flatten_up_to([[4], (5, 6)]),
        structure.unflatten(iter("abc")),
    )  # fmt: skip


def mapped(torch, leaf):
    module = _module(torch)
    x, y = leaf(2), leaf(2)
    return module.tree_map(lambda a, b: a * b, {"x": x, "y": [y, 2.0]}, {"y": [x, 3.0], "x": y})


def mapped_up_to_leaves(torch):
    return _module(torch).tree_map(lambda a, b: (a, b), [1, 2], [[3, 4], {"k": 5}])


def mapped_in_part(torch):
    module = _module(torch)
    tree = [1, "a", (2.0, 3)]
    seen = []
    module.tree_map_(seen.append, tree)
    module.tree_map_only_(str, seen.append, tree)
    return (
        seen, module.tree_map_only(int, lambda x: -x, tree), module.tree_map_only((int, str), lambda x: x * 2, tree),
        module.tree_map_only(int | float, lambda x: x + 1, tree),
        module.tree_map_only(lambda x: x == "a", lambda x: "b", tree),
    )  # fmt: skip


def asked(torch):
    module = _module(torch)
    tree = [1, (2, "a")]
    return (
        module.tree_all(lambda x: x, tree), module.tree_any(lambda x: x == 3, tree),
        module.tree_all_only(int, lambda x: x > 1, tree), module.tree_any_only(int, lambda x: x > 1, tree),
        list(module.tree_iter(tree)), module.tree_leaves(tree, is_leaf=lambda x: isinstance(x, tuple)),
        module.tree_is_leaf(tree), module.tree_is_leaf(1), module.tree_is_leaf(tree, is_leaf=lambda x: True),
        repr(module.tree_structure(1)),
    )  # fmt: skip


def results_of_functions(torch, floats):
    return _module(torch).tree_leaves(torch.max(floats(2, 3), 1))


def registered(torch):
    module = _module(torch)
    module.register_pytree_node(_Box, lambda box: ([box.left, box.right], None), lambda parts, _: _Box(*parts))
    box = module.tree_map(lambda x: x + 1, [_Box(1, (2,))])[0]
    return box.left, box.right, repr(module.tree_structure(box))


def registered_twice(torch):
    _module(torch).register_pytree_node(list, None, None)


def too_few_leaves(torch):
    module = _module(torch)
    module.tree_unflatten([1], module.tree_structure([1, 2]))


def no_structure(torch):
    _module(torch).tree_unflatten([1], 5)


def other_length(torch):
    _module(torch).tree_map(max, [1, 2], [1])


def other_container(torch):
    _module(torch).tree_map(max, [1, 2], (1, 2))


def other_keys(torch):
    _module(torch).tree_map(max, {"a": 1}, {"b": 1})


def more_keys(torch):
    _module(torch).tree_map(max, {"a": 1}, {"b": 1, "a": 2})


def a_leaf_for_a_container(torch):
    _module(torch).tree_map(max, {"a": 1}, 3)


def other_kinds_of_dicts(torch):
    return _module(torch).tree_map(max, {"a": 1, "b": 5}, OrderedDict(b=2, a=3))


def other_longest_length(torch):
    _module(torch).tree_map(max, deque([1]), deque([1], maxlen=2))
