"""Files of well-known data sets: where they lie, how they are fetched, and readers that execute nothing they read."""

from .errors import DamagedFile, DownloadFailed, MissingFile
