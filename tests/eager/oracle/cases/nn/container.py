"""Modules that hold modules."""

from __future__ import annotations

from collections import OrderedDict

from tests.eager.oracle.answers import refused as _refused


def a_sequence_runs_in_order(torch, nn, leaf):
    return nn.Sequential(nn.Tanh(), nn.Flatten(0), nn.Sigmoid())(leaf(2, 2)), nn.Sequential()(leaf(1) * 1)


def a_sequence_as_a_list(torch, nn):
    net = nn.Sequential(nn.ReLU(), nn.Tanh(), nn.Sigmoid())
    found = [len(net), repr(net[0]), repr(net[-1]), repr(net[1:]), repr(net[:1]), [repr(each) for each in net]]
    net[0] = nn.Identity()
    net.append(nn.Flatten())
    found.extend([repr(net), repr(net.append(nn.ReLU())) == repr(net)])
    del net[0]
    found.append(repr(net))
    del net[1:3]
    found.append(repr(net))
    net.extend([nn.Tanh()])
    net.insert(0, nn.SiLU())
    found.append(repr(net))
    found.append(repr(net.pop(0)))
    return [*found, repr(net), list(dict(net.named_children()))]


def a_sequence_of_names(torch, nn):
    net = nn.Sequential(OrderedDict([("first", nn.Linear(1, 2)), ("second", nn.ReLU())]))
    return repr(net), repr(net.first), repr(net[1]), list(net.state_dict()), repr(net[:1])


def refused_places(torch, nn):
    net, listed = nn.Sequential(nn.ReLU()), nn.ModuleList([nn.ReLU()])
    return [
        _refused(lambda: net[1]), _refused(lambda: net[-2]), _refused(lambda: listed[1]), _refused(lambda: listed[-2]),
        _refused(net.__setitem__, 1, nn.ReLU()), _refused(listed.__setitem__, 1, nn.ReLU()),
        _refused(nn.Sequential, 3), _refused(nn.ModuleList, [3]), _refused(listed.append, 3), _refused(listed, 1),
        _refused(nn.ModuleDict({})), _refused(lambda: nn.ModuleDict({})["a"]), _refused(nn.ModuleDict, {"a": 3}),
        _refused(nn.ModuleDict, {"a.b": nn.ReLU()}),
    ]  # fmt: skip


def a_list(torch, nn):
    listed = nn.ModuleList([nn.ReLU(), nn.Linear(1, 1)])
    found = [len(listed), repr(listed[0]), repr(listed[-1]), repr(listed[0:1]), [repr(each) for each in listed]]
    listed.append(nn.Tanh()).extend([nn.SiLU(), nn.Sigmoid()])
    listed[0] = nn.Identity()
    listed.insert(1, nn.Flatten())
    found.append(repr(listed))
    del listed[0]
    found.extend([repr(listed), list(listed.state_dict()), repr(listed.pop(-1)), len(listed)])
    return found


def a_dictionary(torch, nn):
    named = nn.ModuleDict({"a": nn.ReLU(), "b": nn.Linear(1, 1)})
    found = [len(named), "a" in named, "c" in named, list(named), list(named.keys()), repr(named["a"])]
    named["c"] = nn.Tanh()
    named.update({"d": nn.SiLU()})
    named.update([("e", nn.Identity())])
    found.extend(
        [[name for name, _ in named.items()], [repr(each) for each in named.values()], list(named.state_dict())]
    )
    del named["a"]
    found.extend([repr(named), repr(named.pop("c")), repr(nn.ModuleDict())])
    named.clear()
    return [*found, len(named)]


def containers_register_parameters(torch, nn):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = nn.ModuleList([nn.Linear(1, 1), nn.Linear(1, 1)])
            self.named = nn.ModuleDict({"x": nn.Linear(1, 1, bias=False)})

    return [name for name, _ in Net().named_parameters()]


def lists_joined(torch, nn):
    net = nn.ModuleList([nn.ReLU()])
    same = net
    net += [nn.Tanh()]
    longer = net + [nn.Sigmoid()]
    return repr(net), same is net, repr(longer), repr(nn.ModuleList() + nn.Sequential(nn.ReLU()))


def sequences_joined_and_repeated(torch, nn):
    net = nn.Sequential(nn.ReLU())
    same = net
    net += nn.Sequential(nn.Tanh(), nn.Sigmoid())
    found = [repr(net), same is net, repr(net + nn.Sequential(nn.ReLU())), repr(net * 2), repr(2 * net)]
    net *= 2
    return [*found, repr(net), same is net, net[0] is net[3]]


def sequences_that_cannot_be_joined(torch, nn):
    net = nn.Sequential(nn.ReLU())
    return [
        _refused(lambda: net + [nn.ReLU()]),
        _begun(lambda: net * 0),
        _begun(lambda: net * 1.5),
        _begun(lambda: net.__imul__(-1)),
        _begun(lambda: net.__iadd__(nn.ReLU())),
    ]


def _begun(run):
    """The error's class and its words up to the name of a class."""
    try:
        run()
    except (TypeError, ValueError) as error:
        return type(error).__name__, str(error).partition("<class")[0]
