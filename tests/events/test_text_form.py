"""The text form of messages: what protobuf writes of the same messages, what it reads, and what is refused."""

from __future__ import annotations

import pytest
from diptych.events import DamagedData
from diptych.events.graph import AttrValue, GraphDef, NodeDef
from diptych.events.text_form import quoted, read_text, text_of
from diptych.static.checkpoints.messages import CheckpointState


def test_text_of_a_message():
    state = CheckpointState(
        model_checkpoint_path='a"b\\c\n\N{GREEK SMALL LETTER PI}', all_model_checkpoint_paths=["x", "y"],
        all_model_checkpoint_timestamps=[1.5, 2e9], last_preserved_timestamp=3.25,
    )  # fmt: skip
    text = text_of(state)
    assert text == (
        'model_checkpoint_path: "a\\"b\\\\c\\n\\317\\200"\nall_model_checkpoint_paths: "x"\n'
        'all_model_checkpoint_paths: "y"\nall_model_checkpoint_timestamps: 1.5\n'
        "all_model_checkpoint_timestamps: 2000000000.0\nlast_preserved_timestamp: 3.25\n"
    )
    assert read_text(CheckpointState, text, "t") == state


def test_text_by_hand():
    text = "# by hand\n\nmodel_checkpoint_path:'it\\x41\\'s', all_model_checkpoint_paths : \"z\" # end\n# end"
    wanted = CheckpointState(model_checkpoint_path="itA's", all_model_checkpoint_paths=["z"])
    assert read_text(CheckpointState, text, "t") == wanted
    node = read_text(NodeDef, 'name: "a" \'b\' input: ["x", "y"] attr < key: "T"; value { type: DT_INT32 } >', "t")
    assert node == NodeDef(name="ab", input=["x", "y"], attr={"T": AttrValue(type=3)})
    assert read_text(AttrValue, "list { i: [0x10, -7] }", "t").list.i[:] == [16, -7]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1, "0.1"),
        (16777216.0, "16777216.0"),
        (1e20, "1e+20"),
        (float("inf"), "inf"),
        (-float("inf"), "-inf"),
        (float("nan"), "nan"),
        (1 / 3, "0.33333334"),
    ],
)
def test_numbers_of_32_bits(value, text):
    found = text_of(AttrValue(f=value))
    assert found == f"f: {text}\n" and text_of(read_text(AttrValue, found, "t")) == found


def test_entries_of_maps_come_in_order_and_zeros_of_choices_are_written():
    node = NodeDef(name="n", attr={"b": AttrValue(i=0), "a": AttrValue(b=False)})
    assert text_of(node) == (
        'name: "n"\nattr {\n  key: "a"\n  value {\n    b: false\n  }\n}\n'
        'attr {\n  key: "b"\n  value {\n    i: 0\n  }\n}\n'
    )
    assert quoted(b"\x00\x7f'\t") == '"\\000\\177\\\'\\t"'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<", "t, byte 0: there is no field of a CheckpointState"),
        ('other: "x"', 't, byte 0: Message type "tensorflow.CheckpointState" has no field named "other".'),
        ("model_checkpoint_path: 5", "t, byte 22: model_checkpoint_path is 5 but must be of string"),
        ('last_preserved_timestamp: "x"', 't, byte 25: last_preserved_timestamp is "x" but must be of double'),
        ("model_checkpoint_path: 'x", "t, byte 22: there is no token of a text"),
        ("model_checkpoint_path: '\\xff'", "t, byte 29: a string is no UTF-8 text"),
    ],
)
def test_texts_that_are_refused(text, message):
    with pytest.raises(DamagedData) as caught:
        read_text(CheckpointState, text, "t")
    assert str(caught.value) == message


def test_graphs_that_are_refused():
    for text, message in (
        ("node 5", "t, byte 4: node is 5 but must be a message"),
        ("node { name: 'a'", "t, byte 16: there is no field of a NodeDef"),
        ("versions { producer: 99999999999 }", "t, byte 20: producer is 99999999999 but must be of int32"),
        (
            "node { attr { value { " + "func { attr { value { " * 20,
            "t, byte 241: messages are nested more than 32 deep",
        ),
    ):
        with pytest.raises(DamagedData) as caught:
            read_text(GraphDef, text, "t")
        assert str(caught.value) == message


def test_fields_that_are_not_known_are_passed_over():
    text = "new: 1 newer { inner: 'a' 'b' list: [1, 2] more <x: 1> } node { name: 'n' later < > }"
    with pytest.raises(DamagedData, match="has no field"):
        read_text(GraphDef, text, "t")
    assert read_text(GraphDef, text, "t", passes_over=True) == GraphDef(node=[NodeDef(name="n")])
    for damaged, message in (
        ("new: }", "t, byte 4: there is no value of a field"),
        ("new { : }", "t, byte 5: there is no field of a message"),
        ("new " + "{ a " * 200, "t, byte 135: messages are nested more than 32 deep"),
    ):
        with pytest.raises(DamagedData) as caught:
            read_text(GraphDef, damaged, "t", passes_over=True)
        assert str(caught.value) == message
