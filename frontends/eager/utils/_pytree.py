"""`torch.utils._pytree`: what is in nested containers, taken out, changed and put back.

Containers are dict, OrderedDict, defaultdict, list, tuple, deque, torch.Size, named tuples, and the classes that a
program registers; no other class below them. Whatever else there is, None too, is a leaf.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from types import UnionType
from typing import Any, NamedTuple

from ..size import Size

__all__ = [
    "PyTreeSpec", "TreeSpec", "register_pytree_node", "tree_all", "tree_all_only", "tree_any", "tree_any_only",
    "tree_flatten", "tree_is_leaf", "tree_iter", "tree_leaves", "tree_map", "tree_map_", "tree_map_only",
    "tree_map_only_", "tree_structure", "tree_unflatten",
]  # fmt: skip

Predicate = Callable[[Any], bool]
Only = type | tuple[type, ...] | UnionType | Predicate


class _Node(NamedTuple):
    """How containers of a class are taken apart and put together."""

    parts: Callable[[Any], tuple[Iterable[Any], Any]]  # a container -> what is in it, and what else it needs
    whole: Callable[[Iterable[Any], Any], Any]


def _sequence(kind: Callable[[Iterable[Any]], Any]) -> _Node:
    return _Node(lambda tree: (tree, None), lambda children, _: kind(children))


def _mapping(kind: type) -> _Node:
    return _Node(
        lambda tree: (tree.values(), list(tree)), lambda children, keys: kind(zip(keys, children, strict=True))
    )


_NAMED = _Node(lambda tree: (tree, type(tree)), lambda children, kind: kind(*children))
_nodes: dict[type, _Node] = {
    dict: _mapping(dict),
    OrderedDict: _mapping(OrderedDict),
    defaultdict: _Node(
        lambda tree: (tree.values(), [tree.default_factory, list(tree)]),
        lambda children, context: defaultdict(context[0], zip(context[1], children, strict=True)),
    ),
    list: _sequence(list),
    tuple: _sequence(tuple),
    Size: _sequence(tuple),
    deque: _Node(lambda tree: (tree, tree.maxlen), lambda children, longest: deque(children, maxlen=longest)),
}
_DICTS = (dict, OrderedDict, defaultdict)


def _node(tree: Any) -> _Node | None:
    """How a container is taken apart; None of a leaf."""
    known = _nodes.get(type(tree))
    return _NAMED if known is None and isinstance(tree, tuple) and hasattr(tree, "_fields") else known


def register_pytree_node(
    cls: type,
    flatten_fn: Callable[[Any], tuple[Iterable[Any], Any]],
    unflatten_fn: Callable[[Iterable[Any], Any], Any],
    **names: Any,
) -> None:
    """Makes containers of the instances of a class: `flatten_fn` gives their parts and what else they need,
    `unflatten_fn` takes both. Names, by which PyTorch writes structures to files, are ignored. Raises ValueError for a
    class that is known."""
    if cls in _nodes:
        raise ValueError(f"{cls} is already registered as pytree node.")
    _nodes[cls] = _Node(flatten_fn, unflatten_fn)


_register_pytree_node = register_pytree_node


class TreeSpec:
    """The structure of a tree: of a container its class, what else it needs and its children's; of a leaf none."""

    __slots__ = ("_children", "context", "num_children", "num_leaves", "num_nodes", "type")

    def __init__(self, type: Any, context: Any = None, children: Iterable[TreeSpec] = ()) -> None:
        self.type, self.context, self._children = type, context, tuple(children)
        self.num_children = len(self._children)
        self.num_nodes = 1 + sum(child.num_nodes for child in self._children)
        self.num_leaves = 1 if type is None else sum(child.num_leaves for child in self._children)

    def is_leaf(self) -> bool:
        """Whether it is the structure of a leaf."""
        return self.type is None

    def children(self) -> list[TreeSpec]:
        """The structures of what is in it."""
        return list(self._children)

    def child(self, index: int) -> TreeSpec:
        """The structure of one of them."""
        return self._children[index]

    def unflatten(self, leaves: Iterable[Any]) -> Any:
        """A tree of this structure with these leaves, in order. Raises ValueError for another number of them."""
        leaves = list(leaves)
        if len(leaves) != self.num_leaves:
            raise ValueError(
                f"treespec.unflatten(leaves): `leaves` has length {len(leaves)} but the spec refers to a pytree that "
                f"holds {self.num_leaves} items ({self})."
            )
        return self._built(iter(leaves))

    def _built(self, leaves: Iterator[Any]) -> Any:
        if self.type is None:
            return next(leaves)
        node = _NAMED if isinstance(self.context, type) and self.type not in _nodes else _nodes[self.type]
        return node.whole([child._built(leaves) for child in self._children], self.context)

    def flatten_up_to(self, tree: Any) -> list[Any]:
        """The parts of a tree that stand where this structure has leaves. Raises ValueError where it differs."""
        if self.type is None:
            return [tree]
        node = _node(tree)
        found = type(tree)
        if self.type in _DICTS and found in _DICTS:
            children = self._values(tree)
        else:
            if found is not self.type or node is None:
                raise ValueError(f"Node type mismatch; expected {self.type!r}, but got {found!r}.")
            children, context = node.parts(tree)
            children = list(children)
            if len(children) != self.num_children:
                raise ValueError(f"Node arity mismatch; expected {self.num_children}, but got {len(children)}.")
            if self.type is not deque and self.context != context:
                raise ValueError(f"Node context mismatch for node type {self.type!r}.")
        return [part for spec, each in zip(self._children, children, strict=True) for part in spec.flatten_up_to(each)]

    def _values(self, tree: Any) -> list[Any]:
        """The values of a dict in the order of this one's keys."""
        keys = self.context[1] if self.type is defaultdict else self.context
        if len(tree) != len(keys):
            raise ValueError(f"Node arity mismatch; expected {len(keys)}, but got {len(tree)}.")
        missing, extra = set(keys) - set(tree), set(tree) - set(keys)
        if missing:
            raise ValueError(f"Node keys mismatch; missing key(s): {missing}; extra key(s): {extra}.")
        return [tree[key] for key in keys]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TreeSpec):
            return NotImplemented
        return (self.type, self.context, self._children) == (other.type, other.context, other._children)

    def __hash__(self) -> int:
        return hash((self.type, self._children))

    def __repr__(self, indent: int = 0) -> str:
        if self.type is None:
            return "*"
        name = "namedtuple" if self.type not in _nodes else self.type.__name__
        within = indent + 2
        parts = f",\n{' ' * within}".join(child.__repr__(within) for child in self._children)
        return f"TreeSpec({name}, {self.context}, [{parts}])"


PyTreeSpec = TreeSpec
_LEAF = TreeSpec(None)


def tree_is_leaf(tree: Any, is_leaf: Predicate | None = None) -> bool:
    """Whether it is a leaf: no container, or one of which `is_leaf` says so."""
    return _node(tree) is None or (is_leaf is not None and is_leaf(tree))


def _flattened(tree: Any, leaves: list[Any], is_leaf: Predicate | None) -> TreeSpec:
    node = None if is_leaf is not None and is_leaf(tree) else _node(tree)
    if node is None:
        leaves.append(tree)
        return _LEAF
    children, context = node.parts(tree)
    return TreeSpec(type(tree), context, [_flattened(child, leaves, is_leaf) for child in children])


def tree_flatten(tree: Any, is_leaf: Predicate | None = None) -> tuple[list[Any], TreeSpec]:
    """(leaves, structure) of a tree."""
    leaves: list[Any] = []
    structure = _flattened(tree, leaves, is_leaf)
    return leaves, structure


def tree_unflatten(leaves: Iterable[Any], treespec: TreeSpec) -> Any:
    """The tree of a structure and leaves. Raises TypeError for what is no structure, ValueError for another number of
    leaves."""
    if not isinstance(treespec, TreeSpec):
        raise TypeError(f"Expected `treespec` to be an instance of PyTreeSpec but got item of type {type(treespec)}.")
    return treespec.unflatten(leaves)


def tree_leaves(tree: Any, is_leaf: Predicate | None = None) -> list[Any]:
    """The leaves of a tree, in order."""
    return tree_flatten(tree, is_leaf)[0]


def tree_iter(tree: Any, is_leaf: Predicate | None = None) -> Iterator[Any]:
    """The leaves of a tree, one after the other."""
    return iter(tree_leaves(tree, is_leaf))


def tree_structure(tree: Any, is_leaf: Predicate | None = None) -> TreeSpec:
    """The structure of a tree."""
    return tree_flatten(tree, is_leaf)[1]


def tree_map(func: Callable[..., Any], tree: Any, *rests: Any, is_leaf: Predicate | None = None) -> Any:
    """A tree of the same structure, of what the function makes of each leaf and of what stands there in the others.
    Raises ValueError where these have another structure."""
    leaves, structure = tree_flatten(tree, is_leaf)
    return structure.unflatten(map(func, leaves, *(structure.flatten_up_to(rest) for rest in rests)))


def tree_map_(func: Callable[..., Any], tree: Any, *rests: Any, is_leaf: Predicate | None = None) -> Any:
    """The tree, after the function was called as by `tree_map`."""
    tree_map(func, tree, *rests, is_leaf=is_leaf)
    return tree


def _chosen(only: Only) -> Predicate:
    if isinstance(only, (type, tuple, UnionType)):
        return lambda leaf: isinstance(leaf, only)
    return only


def tree_map_only(type_or_types_or_pred: Only, func: Callable[[Any], Any], tree: Any,
                  is_leaf: Predicate | None = None) -> Any:  # fmt: skip
    """As `tree_map`, for leaves of these types, or of which the predicate says so; the others stay."""
    is_chosen = _chosen(type_or_types_or_pred)
    return tree_map(lambda leaf: func(leaf) if is_chosen(leaf) else leaf, tree, is_leaf=is_leaf)


def tree_map_only_(type_or_types_or_pred: Only, func: Callable[[Any], Any], tree: Any,
                   is_leaf: Predicate | None = None) -> Any:  # fmt: skip
    """The tree, after the function was called as by `tree_map_only`."""
    tree_map_only(type_or_types_or_pred, func, tree, is_leaf)
    return tree


def tree_all(pred: Predicate, tree: Any, is_leaf: Predicate | None = None) -> bool:
    """Whether it holds of all leaves."""
    return all(map(pred, tree_leaves(tree, is_leaf)))


def tree_any(pred: Predicate, tree: Any, is_leaf: Predicate | None = None) -> bool:
    """Whether it holds of a leaf."""
    return any(map(pred, tree_leaves(tree, is_leaf)))


def tree_all_only(type_or_types_or_pred: Only, pred: Predicate, tree: Any, is_leaf: Predicate | None = None) -> bool:
    """Whether it holds of all leaves of these types."""
    is_chosen = _chosen(type_or_types_or_pred)
    return all(pred(leaf) for leaf in tree_leaves(tree, is_leaf) if is_chosen(leaf))


def tree_any_only(type_or_types_or_pred: Only, pred: Predicate, tree: Any, is_leaf: Predicate | None = None) -> bool:
    """Whether it holds of a leaf of these types."""
    is_chosen = _chosen(type_or_types_or_pred)
    return any(pred(leaf) for leaf in tree_leaves(tree, is_leaf) if is_chosen(leaf))
