"""The messages of events: what one record of an event file holds."""

from __future__ import annotations

from .message import Field, Message
from .summary import Summary
from .wire import BYTES, DOUBLE, ENUM, INT64, STRING

FILE_VERSION = "brain.Event:2"  # the first event of a file says so


class LogMessage(Message):
    """A line of a log."""

    FIELDS = (Field(1, "level", ENUM), Field(2, "message", STRING))


class SessionLog(Message):
    """The start, end or checkpoint of a session; after a start, earlier events of later steps are hidden."""

    STATUS_UNSPECIFIED, START, STOP, CHECKPOINT = 0, 1, 2, 3
    FIELDS = (Field(1, "status", ENUM), Field(2, "checkpoint_path", STRING), Field(3, "msg", STRING))


class TaggedRunMetadata(Message):
    """What was measured of one run, as the bytes of a RunMetadata message."""

    FIELDS = (Field(1, "tag", STRING), Field(2, "run_metadata", BYTES))


class SourceMetadata(Message):
    """Which writer made the file."""

    FIELDS = (Field(1, "writer", STRING),)


class Event(Message):
    """What happened at `wall_time`, seconds since 1970, at a step; graphs are the bytes of their messages."""

    FIELDS = (
        Field(1, "wall_time", DOUBLE),
        Field(2, "step", INT64),
        Field(3, "file_version", STRING, oneof="what"),
        Field(4, "graph_def", BYTES, oneof="what"),
        Field(5, "summary", Summary, oneof="what"),
        Field(6, "log_message", LogMessage, oneof="what"),
        Field(7, "session_log", SessionLog, oneof="what"),
        Field(8, "tagged_run_metadata", TaggedRunMetadata, oneof="what"),
        Field(9, "meta_graph_def", BYTES, oneof="what"),
        Field(10, "source_metadata", SourceMetadata),
    )
