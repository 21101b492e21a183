"""Names of nodes with a scope before them, and without."""

from __future__ import annotations


def stripped(name: str, scope: str) -> str:
    """A name, or an input of a node, without the scope before it; "^" and "loc:@" stay."""
    if not scope:
        return name
    scope = scope.rstrip("/")
    for sign in ("^", "loc:@", ""):
        if name.startswith(f"{sign}{scope}/"):
            return sign + name[len(sign) + len(scope) + 1 :]
    return name


def prepended(name: str, scope: str) -> str:
    """A name, or an input of a node, with the scope before it."""
    if not scope:
        return name
    scope = scope.rstrip("/")
    for sign in ("^", "loc:@", ""):
        if name.startswith(sign):
            return f"{sign}{scope}/{name[len(sign) :]}"
    return name
