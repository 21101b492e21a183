"""Damaged graphs: bytes changed anywhere, and nodes, inputs, attributes and collections changed in messages that read;
see tests/mutations.py."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import NamedTuple

import diptych.static as tf
from diptych.events.graph import AttrValue
from diptych.events.text_form import read_text
from diptych.ir import DiptychError
from diptych.static.saved_models.signatures import build_tensor_info, get_tensor_from_tensor_info
from diptych.static.serialization.messages import MetaGraphDef, SavedModel
from diptych.static.serialization.meta_graphs import import_meta_graph

from tests.mutations import mutated, read_all

REFUSALS = (ValueError, KeyError, tf.errors.OpError, DiptychError)  # what a damaged file may raise

# -- graphs to be damaged ----


def _plain() -> None:
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    v = tf.Variable([[1.0, 2.0], [3.0, 4.0]], name="v")
    y = tf.nn.softmax(tf.matmul(x, v) + tf.constant([0.5, 1.0]))
    tf.train.MomentumOptimizer(0.1, 0.9).minimize(tf.reduce_sum(y[:, 0]))
    tf.add_to_collection("kept", y)
    tf.add_to_collection("numbers", 3)


def _branches() -> None:
    x, flag = tf.placeholder(tf.float32, [2]), tf.placeholder(tf.bool, [])
    v = tf.Variable([1.0, 2.0])
    tf.cond(flag, lambda: tf.cond(tf.reduce_sum(x) > 0, lambda: x * 2, lambda: x + v), lambda: tf.assign(v, x) + 1)


def _loops() -> None:
    x = tf.placeholder(tf.float32, [3, 2])
    tf.while_loop(lambda i, a: i < 3, lambda i, a: (i + 1, tf.concat([a, a[:1]], 0)), [0, x],
                  shape_invariants=[tf.TensorShape([]), tf.TensorShape([None, 2])])  # fmt: skip
    tf.map_fn(lambda row: row * 2, x)


def _queues() -> None:
    queue = tf.FIFOQueue(3, [tf.float32, tf.string], shapes=[[], [2]])
    runner = tf.train.QueueRunner(queue, [queue.enqueue([1.0, ["a", "b"]])])
    tf.train.add_queue_runner(runner)
    tf.strings.join(list(queue.dequeue()[1:]) * 2)


GRAPHS: tuple[Callable[[], None], ...] = (_plain, _branches, _loops, _queues)


def seeds() -> list[MetaGraphDef]:
    """The messages of small graphs."""
    found: list[MetaGraphDef] = []
    for build in GRAPHS:
        with tf.Graph().as_default() as graph:
            build()
            saver = tf.train.Saver(allow_empty=True)
            made = tf.train.export_meta_graph(saver_def=saver.saver_def, graph=graph)
            made.meta_info_def.tags.append("serve")
            output = graph.get_operations()[-1].outputs
            if output:
                made.signature_def["s"].outputs["y"].CopyFrom(build_tensor_info(output[0]))
            found.append(made)
    return found


# -- damage ----

_TEXTS = ("x", "x:0", "x:1", "x:99999999", "^x", "^x:1", "", ":", "/", "a/b", "v", "v/read", "cond/Merge", "Ж", "-1")
_NUMBERS = (0, 1, -1, 2, 7, 2**31 - 1, -(2**63), 2**63 - 1)
_OPS = [
    "Const",
    "Switch",
    "Merge",
    "Enter",
    "Exit",
    "NextIteration",
    "LoopCond",
    "Identity",
    "NoOp",
    "Add",
    "MatMul",
    "Reshape",
    "Placeholder",
    "VariableV2",
    "VarHandleOp",
    "ReadVariableOp",
    "AssignVariableOp",
    "ResourceGather",
    "Assign",
    "StridedSlice",
    "ConcatV2",
    "SaveV2",
    "RestoreV2",
    "PyFunc",
    "TensorArrayV3",
    "TensorArrayReadV3",
    "SymbolicGradient",
    "Gradients",
    "Cond",
    "While",
    "Scan",
    "LoopVariable",
    "If",
    "FIFOQueueV2",
    "Conv2D",
    "Foo",
]


def _attribute(chance: random.Random) -> AttrValue:
    kind = chance.randrange(8)
    if kind == 0:
        return AttrValue(i=chance.choice(_NUMBERS))
    if kind == 1:
        return AttrValue(type=chance.choice((0, 1, 3, 7, 9, 20, 21, 101, 120, 999)))
    if kind == 2:
        return AttrValue(s=chance.choice((b"", b"SAME", b"\xff", b"VALID", b"NHWC")))
    if kind == 3:
        made = AttrValue()
        for _ in range(chance.randrange(5)):
            made.shape.dim.add(size=chance.choice((-1, 0, 2, 2**40, -5)))
        made.shape.unknown_rank = chance.random() < 0.3
        return made
    if kind == 4:
        made = AttrValue()
        made.tensor.dtype = chance.choice((1, 3, 7, 9, 10, 20))
        for _ in range(chance.randrange(4)):
            made.tensor.tensor_shape.dim.add(size=chance.choice((1, 2, 2**20, 2**62, -1)))
        made.tensor.int_val = [chance.choice((0, 5, -1))]
        made.tensor.float_val = [1.5]
        return made
    if kind == 5:
        made = AttrValue()
        made.list.i = [chance.choice((0, 1, 2, -1, 2**40)) for _ in range(chance.randrange(5))]
        return made
    return AttrValue(b=chance.random() < 0.5) if kind == 6 else AttrValue(f=chance.choice((0.5, float("nan"))))


def _change_node(found: MetaGraphDef, chance: random.Random) -> None:
    nodes = found.graph_def.node
    node = chance.choice(nodes)
    other = chance.choice(nodes)
    kind = chance.randrange(9)
    if kind == 0:
        node.op = chance.choice((*_OPS, other.op))
    elif kind == 1 and node.input:
        place = chance.randrange(len(node.input))
        sign = chance.choice(("", "", "", "^"))
        node.input[place] = chance.choice((*_TEXTS, f"{sign}{other.name}", f"{other.name}:1"))
    elif kind == 2:
        node.input.insert(chance.randrange(len(node.input) + 1), other.name)
    elif kind == 3 and node.input:
        del node.input[chance.randrange(len(node.input))]
    elif kind == 4 and node.attr_entries:
        chance.choice(node.attr_entries).value = _attribute(chance)
    elif kind == 5 and node.attr_entries:
        del node.attr_entries[chance.randrange(len(node.attr_entries))]
    elif kind == 6:
        nodes.remove(node)
    elif kind == 7:
        node.name = chance.choice((*_TEXTS, other.name, "w" * 5000))
    elif node.attr_entries and other.attr_entries:
        entry = chance.choice(other.attr_entries)
        node.attr[entry.key].CopyFrom(entry.value)


def _change_collection(found: MetaGraphDef, chance: random.Random) -> None:
    if not found.collection_def_entries:
        return
    entry = chance.choice(found.collection_def_entries)
    values = entry.value.bytes_list.value
    kind = chance.randrange(4)
    if kind == 0 and values:
        place = chance.randrange(len(values))
        values[place] = mutated(values[place], chance)
    elif kind == 1:
        entry.key = chance.choice(("variables", "queue_runners", "savers", "kept", "global_step", "cond_context"))
    elif kind == 2:
        entry.value.node_list.value.append(chance.choice(_TEXTS))
    else:
        found.saver_def.restore_op_name = chance.choice(_TEXTS)


class File(NamedTuple):
    """A damaged file of some kind: a meta graph, a saved model, or the text of a graph."""

    kind: str
    data: bytes


def damaged(seed: int, count: int) -> Iterator[File]:
    """As many damaged files."""
    chance = random.Random(seed)
    messages = seeds()
    wire = [message.SerializeToString() for message in messages]
    texts = [str(message.graph_def).encode() for message in messages]
    model = SavedModel(saved_model_schema_version=1, meta_graphs=messages).SerializeToString()
    for _ in range(count):
        kind = chance.random()
        if kind < 0.1:
            yield File("model", mutated(model, chance))
        elif kind < 0.2:
            yield File("text", mutated(chance.choice(texts), chance))
        elif kind < 0.4:
            yield File("graph", mutated(chance.choice(wire), chance))
        else:
            yield File("graph", _changed(MetaGraphDef.FromString(chance.choice(wire)), chance).SerializeToString())


def _changed(found: MetaGraphDef, chance: random.Random) -> MetaGraphDef:
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        if found.graph_def.node:
            (_change_collection if chance.random() < 0.15 else _change_node)(found, chance)
    return found


# -- reading ----


def outcome(file: File) -> str:
    """What becomes of a file: "read", or the class of the error. Raises what no damaged file may raise."""
    try:
        for message in _graphs(file):
            with tf.Graph().as_default() as graph:
                import_meta_graph(message)
                graph.as_graph_def(add_shapes=True)
                for signature in message.signature_def.values():
                    for info in (*signature.inputs.values(), *signature.outputs.values()):
                        get_tensor_from_tensor_info(info)
    except REFUSALS as error:
        assert str(error)
        return type(error).__name__
    return "read"


def _graphs(file: File) -> list[MetaGraphDef]:
    if file.kind == "model":
        return list(SavedModel.FromString(file.data).meta_graphs)
    if file.kind == "text":
        text = file.data.decode("utf-8", "replace")
        return [MetaGraphDef(graph_def=read_text(tf.GraphDef, text, "graph.pbtxt", passes_over=True))]
    return [MetaGraphDef.FromString(file.data)]


if __name__ == "__main__":
    read_all(damaged, outcome)
