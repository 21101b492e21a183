"""Event files, which TensorBoard shows: messages, the files that hold them, and what programs put into them."""

from .errors import DamagedData
from .event import Event, LogMessage, SessionLog, SourceMetadata, TaggedRunMetadata
from .graph import AttrValue, GraphDef, NodeDef
from .message import Message
from .reader import read
from .records import RecordWriter, read_records
from .summary import HistogramProto, Summary, SummaryDescription, SummaryMetadata
from .tensor_messages import TensorProto, TensorShapeProto
from .writer import EventFileWriter
