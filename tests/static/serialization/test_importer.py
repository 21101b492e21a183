"""Nodes that are read: which are refused and in what words, and what others become."""

from __future__ import annotations

import diptych.static as tf
import numpy as np
import pytest
from diptych import Unsupported
from diptych.events.text_form import read_text

# -- refusals, those of the real framework in its words ----


def node(name: str, op: str, *inputs: str, **attributes: str) -> str:
    """The text of a node, its attributes as text."""
    lines = [f'input: "{each}"' for each in inputs]
    lines += [f'attr {{ key: "{key}" value {{ {value} }} }}' for key, value in attributes.items()]
    return f'node {{ name: "{name}" op: "{op}" {" ".join(lines)} }} '


def read(text: str) -> tf.GraphDef:
    return read_text(tf.GraphDef, text, "text")


FLOAT = "type: DT_FLOAT"
X = node("x", "Placeholder", dtype=FLOAT)
P = node("p", "Placeholder", dtype="type: DT_BOOL")
I = node("i", "Placeholder", dtype="type: DT_INT32")  # noqa: E741


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        (node("-bad", "NoOp"), ValueError, "Node '-bad': Node name contains invalid characters"),
        (X + X, ValueError, "Node 'x' is not unique"),
        (
            node("y", "Foo"),
            tf.errors.NotFoundError,
            "Op type not registered 'Foo' in binary running on diptych: the node is 'y'. Make sure the Op and Kernel are registered in the binary running in this process.",
        ),
        (node("y", "Identity", "gone", T=FLOAT), ValueError, "Node 'y': Unknown input node 'gone'"),
        (node("y", "Identity", "a:b:c", T=FLOAT), ValueError, "Node 'y': Unknown input node 'a:b:c'"),
        (X + node("y", "Identity", "x", "^x:1", T=FLOAT), ValueError, "Node 'y': Unknown input node '^x:1'"),
        (
            X + node("y", "Identity", "^x", "x", T=FLOAT),
            ValueError,
            "Node 'y': Control dependencies must come after regular dependencies",
        ),
        (
            X + node("y", "Identity", "x:3", T=FLOAT),
            ValueError,
            "Node 'y': Connecting to invalid output 3 of source node x which has 1 outputs.",
        ),
        (
            X + node("y", "AddV2", "x", T=FLOAT),
            ValueError,
            "NodeDef expected inputs 'x, y' do not match 1 inputs specified; NodeDef: {{node y}}",
        ),
        (
            X + node("y", "NoOp", "x"),
            ValueError,
            "NodeDef expected inputs '' do not match 1 inputs specified; NodeDef: {{node y}}",
        ),
        (
            I + node("y", "Identity", "i", T=FLOAT),
            ValueError,
            "Input 0 of node y was passed int32 from i:0 incompatible with expected float32.",
        ),
        (
            X + I + node("y", "AddV2", "x", "i", T=FLOAT),
            ValueError,
            "Input 1 of node y was passed int32 from i:0 incompatible with expected float32.",
        ),
        (
            P + node("y", "MatMul", "p", "p", T="type: DT_BOOL"),
            ValueError,
            "Value for attr 'T' of bool is not in the list of allowed values: bfloat16, float16, float32, float64, complex64, complex128, uint8, int8, uint16, int16, uint32, int32, uint64, int64; NodeDef: {{node y}}",
        ),
        (
            node("y", "Placeholder"),
            ValueError,
            "NodeDef missing attr 'dtype' from Op<name=Placeholder>; NodeDef: {{node y}}",
        ),
        (
            X + node("y", "LeakyRelu", "x", T=FLOAT, alpha="s: 'x'"),
            ValueError,
            "AttrValue had value with type 'str' when 'float' expected for attr 'alpha' of LeakyRelu; NodeDef: {{node y}}",
        ),
        (
            X + node("y", "Identity", "x", T=FLOAT, foo="i: 1"),
            ValueError,
            "NodeDef mentions attr 'foo' not in Op<name=Identity>; NodeDef: {{node y}}",
        ),
        (
            X + node("y", "LeakyRelu", "x", alpha=""),
            ValueError,
            "NodeDef y: the attribute alpha of LeakyRelu cannot be read: the attribute has no value",
        ),
        (
            X
            + node("y", "MatMul", "c", "c", T=FLOAT)
            + node(
                "c",
                "Const",
                dtype="type: DT_FLOAT",
                value="tensor { dtype: DT_FLOAT tensor_shape { dim { size: 2 } dim { size: 3 } } float_val: 1 }",
            ),
            ValueError,
            "Dimensions must be equal, but are 3 and 2 for 'y' (op: 'MatMul') with input shapes: [2,3], [2,3].",
        ),
        (
            X
            + node(
                "c",
                "Const",
                dtype="type: DT_FLOAT",
                value="tensor { dtype: DT_FLOAT tensor_shape { dim { size: 2 } } float_val: 1 }",
                _output_shapes="list { shape { dim { size: 3 } } }",
            ),
            ValueError,
            "Node 'c' has an _output_shapes attribute inconsistent with the GraphDef for output #0",
        ),
        (
            node(
                "c", "Const", dtype="type: DT_INT32", value="tensor { dtype: DT_FLOAT tensor_shape { } float_val: 1 }"
            ),
            ValueError,
            "the value of a Const is of float32 but its dtype is int32",
        ),
        (
            node("a", "Identity", "b", T=FLOAT) + node("b", "Identity", "a", T=FLOAT),
            ValueError,
            "2 nodes in a cycle, 'a' among them",
        ),
        (
            X + node("y", "AddN", "x", "x", T=FLOAT, N="i: 3"),
            ValueError,
            "NodeDef expected inputs 'inputs' do not match 2 inputs specified; NodeDef: {{node y}}",
        ),
        (
            X + node("y", "Assign", "x", "x", T=FLOAT),
            ValueError,
            "Input 0 of node y was passed float32 from x:0 incompatible with expected float32_ref.",
        ),
        (
            X + node("s", "Switch", "x", "x", T=FLOAT) + node("m", "Merge", "s", "s:1", T=FLOAT, N="i: 2"),
            ValueError,
            "the condition x:0 must be of bool, but is of float32",
        ),
        (
            X + P + node("s", "Switch", "x", "p", T=FLOAT) + node("m", "Merge", "s", "s", T=FLOAT, N="i: 2"),
            ValueError,
            "Node 'm' (Merge) does not join the two branches of one condition: conditions of another form than tf.cond gives are not supported",
        ),
        (
            X + P + node("s", "Switch", "x", "p", T=FLOAT) + node("m", "AddV2", "s", "s:1", T=FLOAT),
            ValueError,
            "Node 'm' (AddV2) takes tensors of different branches or loops: conditions and loops of another form than tf.cond and tf.while_loop give are not supported",
        ),
        (X + node("s", "Exit", "x", T=FLOAT), ValueError, "Node 's': an Exit must be in a loop"),
        (X + node("s", "Switch", "x", T=FLOAT), ValueError, "Node 's': a Switch must have more than 1 inputs"),
        (
            X
            + node("e", "Enter", "x", T=FLOAT, frame_name="s: 'f'")
            + node("m", "Merge", "e", "n", T=FLOAT, N="i: 2")
            + node("n", "NextIteration", "m", T=FLOAT),
            ValueError,
            "The loop b'f' has no LoopCond or no variables",
        ),
        (
            X
            + node("e", "Enter", "x", T=FLOAT, frame_name="s: 'f'")
            + node("m", "Merge", "e", "n", T=FLOAT, N="i: 2")
            + node("n", "NextIteration", "m", T=FLOAT)
            + node("l", "LoopCond", "m"),
            ValueError,
            "Node 'l': a loop must have one LoopCond, of bool",
        ),
        (
            X + node("y", "Einsum", "x", T=FLOAT, N="i: 1", equation="s: '...i->i'"),
            ValueError,
            "Unable to statically infer ellipsis axes.",
        ),
        (
            X + node("y", "ClipByValue", "x", "x", T=FLOAT),
            ValueError,
            "Node 'y': a ClipByValue must have 3 inputs, but has 2",
        ),
        (
            X + node("y", "SparseAdd", "x", "x", T=FLOAT),
            ValueError,
            "Node 'y': a SparseAdd must have 7 inputs, but has 2",
        ),
        (
            I + X + node("y", "MatrixDiagPartV2", "x", "i", "x", T=FLOAT),
            ValueError,
            "Node 'y': the number of the diagonal of MatrixDiagPartV2 must be the constant 0",
        ),
        (
            X + node("y", "TensorArraySizeV3", "x", "x"),
            ValueError,
            "Node 'y': the first input of TensorArraySizeV3 must be the handle of a TensorArray",
        ),
        (
            X
            + node(
                "y",
                "SymbolicGradient",
                "x",
                Tin="list { type: DT_FLOAT }",
                Tout="list { type: DT_FLOAT }",
                f="func { name: 'g' }",
            ),
            ValueError,
            "Node 'y': gradients of functions (SymbolicGradient) are not supported, but for those that tf.gradients stands for",
        ),
        (
            node("d", "RangeDataset"),
            Unsupported,
            "RangeDataset (node 'd') is not supported in graphs that are read from files",
        ),
        (
            X + node("y", "PyFunc", "x", token="s: 'pyfunc_0'"),
            tf.errors.NotFoundError,
            "Op type not registered 'PyFunc' in binary running on diptych: the node is 'y'. Make sure the Op and Kernel are registered in the binary running in this process.",
        ),
        (
            X + node("y", "Reshape", "x", "x", T=FLOAT),
            ValueError,
            "Value for attr 'Tshape' of float32 is not in the list of allowed values: int32, int64; NodeDef: {{node y}}",
        ),
        (
            X + node("y", "Identity", "x", T="func { name: 'g' }"),
            ValueError,
            "NodeDef y: the attribute T of Identity cannot be read: the attribute is a function",
        ),
        (
            X + node("y", "TopKV2", "x", "x", T=FLOAT, index_type="type: DT_INT64"),
            ValueError,
            "NodeDef y: the attribute index_type of TopKV2 is <dtype: 'int64'> but must be <dtype: 'int32'>",
        ),
        (
            X + I + node("y", "ExpandDims", "x", "x", T=FLOAT),
            ValueError,
            "Value for attr 'Tdim' of float32 is not in the list of allowed values: int32, int64; NodeDef: {{node y}}",
        ),
        (
            X
            + node("e", "Enter", "x", T=FLOAT, frame_name="s: 'f'")
            + node("m", "Merge", "e", "n", T=FLOAT, N="i: 2")
            + node("l", "LoopCond", "less")
            + node("less", "Less", "m", "e2", T=FLOAT)
            + node("e2", "Enter", "x", T=FLOAT, frame_name="s: 'f'", is_constant="b: true")
            + node("s", "Switch", "m", "l", T=FLOAT)
            + node("n", "NextIteration", "s:1", T=FLOAT)
            + node("o", "Identity", "s", T=FLOAT)
            + node("z", "Exit", "s", T=FLOAT)
            + node("w", "AddV2", "z", "o", T=FLOAT),
            ValueError,
            "Node 'o': Connecting to invalid output 0 of source node s which has 0 outputs.",
        ),
    ],
)
def test_graphs_that_are_refused(text, kind, message):
    with pytest.raises(kind) as caught:
        tf.import_graph_def(read(text), name="")
    assert str(caught.value).split("\n")[0] == message


def test_arguments_that_are_refused():
    graph_def = read(X)
    for call, kind, message in (
        (lambda: tf.import_graph_def("x"), TypeError, "graph_def must be a GraphDef proto."),
        (lambda: tf.import_graph_def(graph_def, [1]), TypeError,
         "Argument `input_map` must be a dictionary. Keys must be strings and values must be Tensor objects. Received input_map=[1]."),
        (lambda: tf.import_graph_def(graph_def, None, [1]), TypeError,
         "Argument `return_elements` must be a list of strings. Received return_elements=[1]."),
        (lambda: tf.import_graph_def(graph_def, {"y:1": tf.constant(1.0), "z": tf.constant(1.0)}), ValueError,
         "Attempted to map inputs that were not found in graph_def: [y:1, z:0]"),
        (lambda: tf.import_graph_def(graph_def, None, ["x:1"]), ValueError,
         "Requested return_element 'x:1' not found in graph_def."),
    ):  # fmt: skip
        with pytest.raises(kind) as caught:
            call()
        assert str(caught.value) == message


# -- what nodes become ----


def test_attributes_that_files_leave_out():
    text = X + node("q", "FIFOQueueV2", component_types="list { type: DT_FLOAT }")
    text += node("a", "TensorArrayV3", "n", dtype=FLOAT) + node("c", "Complex", "x", "x", T=FLOAT)
    text += node("n", "Const", dtype="type: DT_INT32", value="tensor { dtype: DT_INT32 tensor_shape { } int_val: 2 }")
    queue, array, number, x = tf.import_graph_def(read(text), None, ["q", "a", "c:0", "x:0"])
    assert x.shape.ndims is None and number.dtype is tf.complex64
    assert queue.get_attr("capacity") == -1 and array.get_attr("dynamic_size") is False


def test_values_between_bounds_and_diagonals():
    zero = node("zero", "Const", dtype="type: DT_INT32", value="tensor { dtype: DT_INT32 tensor_shape { } int_val: 0 }")
    minus = node(
        "minus", "Const", dtype="type: DT_INT32", value="tensor { dtype: DT_INT32 tensor_shape { } int_val: -1 }"
    )
    text = X + zero + minus + node("y", "ClipByValue", "x", "low", "high", T=FLOAT)
    text += node("low", "Placeholder", dtype=FLOAT) + node("high", "Placeholder", dtype=FLOAT)
    text += node("d", "MatrixDiagV3", "y", "zero", "minus", "minus", "low", T=FLOAT, align="s: 'RIGHT_LEFT'")
    text += node("p", "MatrixDiagPartV2", "d", "zero", "low", T=FLOAT) + node(
        "s", "MatrixSetDiagV3", "d", "x", "zero", T=FLOAT
    )
    x, low, high, *wanted = tf.import_graph_def(
        read(text), None, ["x:0", "low:0", "high:0", "y:0", "d:0", "p:0", "s:0"]
    )
    with tf.Session() as session:
        y, d, p, s = session.run(wanted, {x: [-1.0, 5.0], low: 0.0, high: 3.0})
    np.testing.assert_array_equal(y, [0.0, 3.0])
    np.testing.assert_array_equal(d, [[0.0, 0.0], [0.0, 3.0]])
    np.testing.assert_array_equal(p, y)
    np.testing.assert_array_equal(s, [[-1.0, 0.0], [0.0, 5.0]])


def test_an_equation_with_an_ellipsis():
    text = node("x", "Placeholder", dtype=FLOAT, shape="shape { dim { size: 2 } dim { size: 3 } }")
    text += node("y", "Einsum", "x", T=FLOAT, N="i: 1", equation="s: '...i->i...'")
    x, y = tf.import_graph_def(read(text), None, ["x:0", "y:0"])
    with tf.Session() as session:
        assert session.run(y, {x: [[1, 2, 3], [4, 5, 6]]}).tolist() == [[1, 4], [2, 5], [3, 6]]


def test_what_decides_a_condition_is_mapped():
    with tf.Graph().as_default() as graph:
        x, flag = tf.placeholder(tf.float32, [2], "x"), tf.placeholder(tf.bool, [], "flag")
        tf.identity(tf.cond(flag, lambda: x * 2, lambda: x + 1), "y")
    for flag, wanted in ((True, [10.0, 12.0]), (False, [6.0, 7.0])):
        given = {"flag": tf.constant(flag), "x:0": tf.constant([5.0, 6.0])}
        (y,) = tf.import_graph_def(graph.as_graph_def(), given, ["y:0"])
        with tf.Session() as session:
            assert session.run(y).tolist() == wanted


def test_what_waits_for_something_behind_a_condition_is_behind_it():
    text = X + P + node("s", "Switch", "x", "p", T=FLOAT) + node("n", "Neg", "s:1", T=FLOAT)
    text += node("m", "Merge", "s", "n", T=FLOAT, N="i: 2") + node("after", "Abs", "m", T=FLOAT)
    text += node("late", "Square", "n", "^after", T=FLOAT) + node("s2", "Switch", "x", "p", "^after", T=FLOAT)
    text += node("m2", "Merge", "s2", "late", T=FLOAT, N="i: 2")
    x, p, first, second = tf.import_graph_def(read(text), None, ["x:0", "p:0", "after:0", "m2:0"])
    with tf.Session() as session:
        assert session.run([first, second], {x: 3.0, p: True}) == [3.0, 9.0]
        assert session.run([first, second], {x: 3.0, p: False}) == [3.0, 3.0]


# -- gradients of the program's own ----


def test_gradients_by_name_hold_in_graphs_that_are_read():
    tf.RegisterGradient("TestsOfFilesTen")(lambda op, g: g * 10.0)
    graph = tf.get_default_graph()
    x = tf.placeholder(tf.float32, [], "x")
    with graph.gradient_override_map({"Square": "TestsOfFilesTen"}):
        y = tf.square(x)
    tf.identity(tf.gradients(y, x)[0], "slope")
    written = graph.as_graph_def()
    other = tf.GraphDef.FromString(written.SerializeToString().replace(b"TestsOfFilesTen", b"TestsOfFilesNot"))
    with tf.Session() as session:
        (slope,) = tf.import_graph_def(written, {"x": x}, ["slope:0"])
        assert session.run(slope, {x: 2.0}) == 10.0
        (lost,) = tf.import_graph_def(other, {"x": x}, ["slope:0"])
        with pytest.raises(
            Unsupported, match=r"does not hold the gradients of the program's own \(tf.custom_gradient\)"
        ):
            session.run(lost, {x: 2.0})


def test_gradients_of_a_function_in_a_condition_are_lost():
    x = tf.placeholder(tf.float32, [], "x")
    double = tf.custom_gradient(lambda x: (x * 2, lambda dy: dy * 5))
    y = tf.cond(x > 0, lambda: double(x), lambda: x)
    tf.identity(tf.gradients(y, x)[0], "slope")
    (lost,) = tf.import_graph_def(tf.get_default_graph().as_graph_def(), {"x": x}, ["slope:0"])
    with tf.Session() as session, pytest.raises(Unsupported, match="the graph was read from a file"):
        session.run(lost, {x: 2.0})
