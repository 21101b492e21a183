"""Values by key that processes share: in one process, in a file, or in the memory of one that the others connect to."""

from .file_store import FileStore
from .hash_store import HashStore
from .prefix_store import PrefixStore
from .store import Store
from .tcp_store import TCPStore
