"""The tool that shows the IR: of a script, of a function, of a file, before and after every pass."""
