"""Lists and dictionaries of parameters."""

from __future__ import annotations

CASES = """
repr(nn.ParameterList([floats(2, 3), nn.Parameter(doubles(1)), 3, "x"]))
list(nn.ParameterList([floats(2), floats(1)]).state_dict())
len(nn.ParameterList([floats(2), floats(1)]))
[type(each).__name__ for each in nn.ParameterList([floats(2), 3])]
nn.ParameterList([floats(2)])[-1].requires_grad
len(nn.ParameterList([floats(2), floats(1), 3])[1:])
nn.ParameterList([floats(2)])[1]
nn.ParameterList(floats(2))
nn.ParameterList(3)
nn.ParameterList([floats(2)])()
"0" in dir(nn.ParameterList([floats(2)]))
repr(nn.ParameterDict({"b": floats(2, 3), "a": nn.Parameter(floats(1)), "c": 3}))
list(nn.ParameterDict({"b": floats(2), "a": floats(1)}).state_dict())
list(nn.ParameterDict([("b", floats(2)), ("a", floats(1))]))

list((nn.ParameterDict({"a": 1}) | nn.ParameterDict({"b": 2})).items())
nn.ParameterDict(3)
nn.ParameterDict([3])
nn.ParameterDict([("a", 1, 2)])
nn.ParameterDict({1: 2})
nn.ParameterDict({"a": 1})["b"]
nn.ParameterDict()(1)
"""


def a_list_grows(torch, nn, floats):
    held = nn.ParameterList([floats(2)])
    held += [floats(1)]
    held.append(floats(3)).extend([4])
    held[0] = floats(5)
    return [held, len(held), [name for name, _ in held.named_parameters()], held[0].shape, held[3]][1:]


def a_dictionary_changes(torch, nn, floats):
    held = nn.ParameterDict({"b": floats(2), "a": floats(1)})
    held["c"] = floats(3)
    found = [list(held), list(reversed(held)), len(held), "c" in held, held.get("x", 7), held.setdefault("d", 5)]
    found += [held.pop("d"), held.popitem()[0], list(held.copy().keys()), list(held.fromkeys(["p", "q"], 1).items())]
    del held["a"]
    held |= {"z": floats(1)}
    found.append(list(held.keys()))
    held.update({"k": 1})
    held.clear()
    return [*found, len(held), list(held.values())]
