"""Tags found in bytes, against those of the message read whole."""

import pytest
from diptych.events import DamagedData, Summary, SummaryMetadata
from diptych.events.summary_scan import scanned


def test_tags_are_found():
    message = Summary(
        value=[
            Summary.Value(tag="a", simple_value=0.5, node_name="node"),
            Summary.Value(tag="\N{GREEK SMALL LETTER PI}", metadata=SummaryMetadata(display_name="x")),
            Summary.Value(),
        ]
    )
    assert scanned(message.SerializeToString()) == [("a", False), ("\N{GREEK SMALL LETTER PI}", True), ("", False)]
    assert scanned(b"") == [] and scanned(b"\x10\x05\x1d\x00\x00\x00\x00\x21" + bytes(8)) == []


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\x0a\x05a", "Summary, byte 0: field 1 does not end in its message"),
        (b"\x0b", "Summary, byte 0: a field's form is 3 but must be 0, 1, 2 or 5"),
        (b"\x0a\x03\x0a\x01\xff", "Summary, byte 2: tag is no UTF-8 text"),
        (b"\x02\x00", "Summary, byte 0: field 0 does not end in its message"),
        (b"\x80", "message, byte 0: a varint is cut"),
    ],
)
def test_what_is_no_message(data, message):
    with pytest.raises(DamagedData) as caught:
        scanned(data)
    assert str(caught.value) == message
