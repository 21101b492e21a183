"""How variables are split over a mesh."""

from __future__ import annotations

from diptych.backends.mesh import Mesh

from ..graphs.operation import Operation


def axes_of_variable(mesh: Mesh, slot: Operation, shape: tuple[int, ...]) -> str:
    """As the mesh's rules say for its name; what an optimizer keeps of another variable, which has that one's name in
    front of its own and its shape, as that one is split. Raises DiptychError where a rule does not fit."""
    name = slot.name
    for end in range(len(name) - 1, 0, -1):
        if name[end] == "/":
            owner = slot.graph._operations.get(name[:end])
            if owner is not None and owner.type == slot.type and owner.outputs[0].shape == slot.outputs[0].shape:
                return mesh.of_state(mesh.of_parameter(owner.name, shape), shape)
    return mesh.of_parameter(name, shape)
