"""A graph of the modules of a network, with the parameters that each reads."""

from __future__ import annotations

from diptych.events.graph import (
    AttrEntry,
    AttrValue,
    DeviceStepStats,
    GraphDef,
    ListValue,
    NodeDef,
    RunMetadata,
    StepStats,
    VersionDef,
)
from diptych.events.tensor_messages import shape_proto

from ..nn.module import Module

PRODUCER = 22  # the version of graphs that PyTorch writes


def module_graph(model: Module) -> tuple[GraphDef, RunMetadata]:
    """A node for each module, in a group of its name as PyTorch forms it, `Net/Linear[fc1]`, and one for each of its
    parameters. What calls pass from module to module is not in it. Raises TypeError for what is no module."""
    if not isinstance(model, Module):
        raise TypeError(f"add_graph: model is of {type(model).__name__} but must be of torch.nn.Module")
    nodes: list[NodeDef] = []
    scopes = {"": model._get_name()}
    for path, module in model.named_modules():
        if path:
            parent, _, name = path.rpartition(".")
            scopes[path] = f"{scopes[parent]}/{module._get_name()}[{name}]"
        nodes += _nodes(scopes[path], module)
    stats = RunMetadata(step_stats=StepStats(dev_stats=[DeviceStepStats(device="/device:CPU:0")]))
    return GraphDef(node=nodes, versions=VersionDef(producer=PRODUCER)), stats


def _nodes(scope: str, module: Module) -> list[NodeDef]:
    found = [
        NodeDef(
            name=f"{scope}/{name}",
            op="Parameter",
            attr_entries=[
                AttrEntry(key="_output_shapes", value=AttrValue(list=ListValue(shape=[shape_proto(tuple(p.shape))])))
            ],
        )
        for name, p in module.named_parameters(recurse=False)
    ]
    own = AttrEntry(key="attr", value=AttrValue(s=module.extra_repr().encode()))
    name = module._get_name()
    return [*found, NodeDef(name=f"{scope}/{name}", op=name, input=[node.name for node in found], attr_entries=[own])]
