"""The verb `view`: one HTML file that shows programs, needs no server and asks no network.

`data.py` says what the page knows, `layouts.py` where the boxes of its graph stand, `page.py` puts the file together
from `assets/`: a script and a style, which are the page's own.
"""

from .command import add_arguments, command

__all__ = ["add_arguments", "command"]
