"""`python -m diptych` is the command `diptych`."""

import sys

from .cli import main

sys.exit(main())
