"""`nn.parallel`: modules on several devices, of which there is one."""

from .data_parallel import DataParallel, data_parallel
from .distributed import DistributedDataParallel
