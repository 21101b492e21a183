"""Control flow that is decided before the program runs, or carries what does not change."""

from __future__ import annotations

from diptych.ir import Builder, Dim, Function, Value

from ..expressions import as_shape
from ..pattern import Built, P, Rest, Rule, Var, inlined, is_number, known_constant

xs = Rest("xs")
body, condition, constants, bound = Var("body"), Var("condition"), Var("constants"), Var("bound")


def _decided(b: Builder, p: Value, xs: tuple[Value, ...], on_true: Function, on_false: Function) -> Built:
    """cond(true, ...) -> its branch"""
    if known_constant(b, p) is None:
        return None
    return b.inline(on_true if is_number(b, p, 1) else on_false, xs)


def _same_branches(b: Builder, p: Value, xs: tuple[Value, ...], on_true: Function, on_false: Function) -> Built:
    """cond(p, ...) with equal branches -> the branch"""
    return b.inline(on_true, xs) if on_true == on_false else None


def _never(
    b: Builder, xs: tuple[Value, ...], condition: Function, body: Function, constants: int, bound: int | None
) -> Built:
    """while false -> the first state"""
    if condition.has_effect:
        return None
    definition = condition.equations[-1] if condition.equations else None
    if definition is None or condition.results[0] not in definition.results or definition.op.name != "constant":
        return None
    return xs[constants:] if definition.attributes["value"].is_all(0) else None


def _loop_constants(
    b: Builder, xs: tuple[Value, ...], condition: Function, body: Function, constants: int, bound: int | None
) -> Built:
    """A state that the body returns as it came is a constant"""
    fixed = [place for place in range(constants, len(xs)) if body.results[place - constants] is body.parameters[place]]
    if not fixed:
        return None
    order = [*range(constants), *fixed, *(place for place in range(constants, len(xs)) if place not in fixed)]
    moved_condition = Function(
        condition.name, tuple(condition.parameters[place] for place in order), condition.equations, condition.results
    )
    changing = order[constants + len(fixed) :]
    moved_body = Function(
        body.name,
        tuple(body.parameters[place] for place in order),
        body.equations,
        tuple(body.results[place - constants] for place in changing),
    )
    results = b.while_loop(
        *(xs[place] for place in order),
        condition=moved_condition,
        body=moved_body,
        constants=constants + len(fixed),
        bound=bound,
    )
    after = dict(zip(changing, results, strict=True))
    return tuple(after.get(place, xs[place]) for place in range(constants, len(xs)))


def _scan_constants(
    b: Builder, xs: tuple[Value, ...], body: Function, length: Dim, constants: int, carries: int, reverse: bool
) -> Built:
    """A carry that the body returns as it came is a constant"""
    first = constants + carries
    fixed = [place for place in range(constants, first) if body.results[place - constants] is body.parameters[place]]
    if not fixed:
        return None
    changing = [place for place in range(constants, first) if place not in fixed]
    order = [*range(constants), *fixed, *changing, *range(first, len(xs))]
    moved = Function(
        body.name,
        tuple(body.parameters[place] for place in order),
        body.equations,
        (*(body.results[place - constants] for place in changing), *body.results[carries:]),
    )
    results = b.scan(
        *(xs[place] for place in order),
        body=moved,
        length=length,
        constants=constants + len(fixed),
        carries=len(changing),
        reverse=reverse,
    )
    after = dict(zip(changing, results, strict=False))
    state = (after.get(place, xs[place]) for place in range(constants, first))
    return (*state, *results[len(changing) :])


def _scan_once(
    b: Builder, xs: tuple[Value, ...], body: Function, length: Dim, constants: int, carries: int, reverse: bool
) -> Built:
    """A scan of one round -> its body"""
    if length != 1:
        return None
    fixed, sequences = xs[: constants + carries], xs[constants + carries :]
    results = b.inline(body, [*fixed, *(as_shape(b, s, s.shape[1:]) for s in sequences)])
    return (*results[:carries], *(as_shape(b, out, (1, *out.shape)) for out in results[carries:]))


_loop = {"condition": condition, "body": body, "constants": constants, "bound": bound}
_scan = {name: Var(name) for name in ("body", "length", "constants", "carries", "reverse")}
_branches = {"on_true": Var("on_true"), "on_false": Var("on_false")}

CONTROL: list[Rule] = [
    Rule("cond_decided", P.cond(Var("p"), xs, **_branches), _decided),
    Rule("cond_same", P.cond(Var("p"), xs, **_branches), _same_branches),
    Rule("while_never", P.while_loop(xs, **_loop), _never),
    Rule("while_constants", P.while_loop(xs, **_loop), _loop_constants),
    Rule("scan_constants", P.scan(xs, **_scan), _scan_constants),
    Rule("scan_once", P.scan(xs, **_scan), _scan_once),
    Rule("call_inline", P.call(xs, body=body), inlined),
]
