"""How public functions take their arguments: names, older forms, `out=`, autocasting."""
