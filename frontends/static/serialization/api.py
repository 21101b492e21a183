"""The messages of graphs under TensorFlow's names."""

from __future__ import annotations

from ...events.graph import AttrValue, GraphDef, NameAttrList, NodeDef
from ..exports import export

for _message in (AttrValue, GraphDef, NameAttrList, NodeDef):
    export(_message.__name__)(_message)
