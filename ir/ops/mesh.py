"""Ops that say how a value is split over the devices of a mesh, which changes nothing that is computed; and those that
bring together what several processes have, each of which runs the same program on arrays of its own."""

from __future__ import annotations

from ..op import op, refuse
from ..types import TensorType
from . import checks

WHOLE = "."  # in place of the name of a mesh's axis: a dimension that is not split


def axes_of(text: str) -> tuple[tuple[str, ...], ...]:
    """For each dimension the names of the mesh's axes that it is split along: `"data ."` is ((data,), ())."""
    return tuple(() if word == WHOLE else tuple(word.split("+")) for word in text.split())


def axes_text(axes: tuple[tuple[str, ...], ...]) -> str:
    """What `axes_of` reads."""
    return " ".join("+".join(names) or WHOLE for names in axes)


@op
def shard(x: TensorType, *, axes: str) -> TensorType:
    """x, split over a mesh of devices. `axes` has a word for each dimension: the name of the mesh's axis along which it
    is split, several with + between them, or a dot where it is whole. Without a mesh it is x."""
    found = axes_of(axes)
    if len(found) != x.rank:
        refuse("axes", f'"{axes}"', f"{x.rank} words, one for each dimension")
    names = [name for each in found for name in each]
    if not all(name.isidentifier() for name in names):
        refuse("axes", f'"{axes}"', "names of a mesh's axes, or dots")
    if len(set(names)) != len(names):
        refuse("axes", f'"{axes}"', "without a name twice")
    return x


# Processes come together in each of the following, and in this order: so none is dropped, or done twice. `told` is how
# it is called where they are not about to do the same.


@op(has_effect=True)
def all_reduce(x: TensorType, *, told: str = "") -> TensorType:
    """The sum of x over all processes, in x's dtype; x where there is one. Integers wrap around."""
    checks.numeric(x)
    return x


@op(has_effect=True)
def all_gather(x: TensorType, *, count: int, told: str = "") -> TensorType:
    """x of each of the `count` processes that there are, one after another in an axis in front."""
    if count < 1:
        refuse("count", count, "1 or more")
    return x.with_shape((count, *x.shape))


@op(has_effect=True)
def reduce_scatter(x: TensorType, *, told: str = "") -> TensorType:
    """Of the sum of x over all processes, as many as x is long in its first axis, the part there of this one."""
    checks.numeric(x)
    if not x.rank or x.shape[0] == 0:
        refuse("x", x, "1 or more long in its first axis")
    return x.with_shape(x.shape[1:])
