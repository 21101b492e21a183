"""Running a program as it stands: `diptych run`."""
