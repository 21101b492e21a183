"""`nn.Module`."""

from __future__ import annotations

from tests.eager.oracle.answers import refused as _refused


def _net(torch):
    """A tree with a shared module, a buffer that is saved and one that is not."""
    nn = torch.nn

    class Inner(nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = nn.Parameter(torch.ones(2))
            self.register_buffer("count", torch.zeros(1))
            self.register_buffer("scratch", torch.zeros(1), persistent=False)

        def forward(self, x):
            return x * self.scale

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.first = Inner()
            self.second = self.first
            self.layers = nn.Sequential(nn.Linear(2, 2), nn.ReLU())
            self.bias = nn.Parameter(torch.zeros(2))
            self.register_parameter("nothing", None)
            self.register_buffer("empty", None)

        def forward(self, x):
            return self.layers(self.first(x)) + self.bias

    return Net()


# -- attributes ----


def assigned_parameters_and_modules_are_found(torch):
    net = _net(torch)
    return [
        [name for name, _ in net.named_parameters()], [name for name, _ in net.named_buffers()],
        [name for name, _ in net.named_modules()], [name for name, _ in net.named_children()],
        len(list(net.parameters())), len(list(net.buffers())), len(list(net.modules())), len(list(net.children())),
        [name for name, _ in net.named_parameters(recurse=False)], [name for name, _ in net.named_buffers(recurse=False)],
        [name for name, _ in net.named_parameters(prefix="net")], [name for name, _ in net.named_modules(prefix="net")],
        [name for name, _ in net.named_parameters(remove_duplicate=False)],
        [name for name, _ in net.named_modules(remove_duplicate=False)],
    ]  # fmt: skip


def attributes_change_kind(torch, nn):
    module = nn.Module()
    found = []
    module.x = nn.Parameter(torch.ones(1))
    found.append(list(module.state_dict()))
    module.x = None
    found.append((list(module.state_dict()), module.x))
    module.x = nn.Parameter(torch.ones(1))
    del module.x
    found.append(hasattr(module, "x"))
    module.x = 3
    module.x = nn.Parameter(torch.ones(1))
    found.append(("x" in module.__dict__, [name for name, _ in module.named_parameters()]))
    del module.x
    module.x = nn.Linear(1, 1)
    found.append(([name for name, _ in module.named_parameters()], [name for name, _ in module.named_modules()]))
    module.x = None
    found.append((module.x, [name for name, _ in module.named_modules()]))
    module.register_buffer("b", torch.zeros(1))
    module.b = torch.ones(1)
    found.append(module.b)
    module.b = None
    found.append((module.b, list(module.state_dict())))
    return found


def tensors_are_no_parameters(torch, nn):
    module = nn.Module()
    module.x = torch.ones(1)
    return list(module.parameters()), "x" in module.__dict__


def refused_attributes(torch, nn):
    module = nn.Module()
    module.weight = nn.Parameter(torch.ones(1))
    module.child = nn.Linear(1, 1)
    module.register_buffer("buffer", torch.zeros(1))

    class Early(nn.Module):
        def __init__(self):
            self.weight = nn.Parameter(torch.ones(1))

    class EarlyModule(nn.Module):
        def __init__(self):
            self.child = nn.Linear(1, 1)

    class EarlyBuffer(nn.Module):
        def __init__(self):
            self.register_buffer("buffer", torch.zeros(1))

    return [
        _refused(lambda: module.missing),
        _refused(setattr, module, "weight", torch.ones(1)),
        _refused(setattr, module, "weight", 3),
        _refused(setattr, module, "child", 3),
        _refused(setattr, module, "buffer", 3),
        _refused(module.register_parameter, "a.b", None),
        _refused(module.register_parameter, "", None),
        _refused(module.register_parameter, "child", None),
        _refused(module.register_parameter, "forward", None),
        _refused(module.register_parameter, 3, None),
        _refused(module.register_parameter, "x", torch.ones(1)),
        _refused(module.register_parameter, "x", nn.Parameter(torch.ones(1)) * 2),
        _refused(module.register_buffer, "a.b", None),
        _refused(module.register_buffer, "", None),
        _refused(module.register_buffer, "weight", None),
        _refused(module.register_buffer, 3, None),
        _refused(module.register_buffer, "x", 3),
        _refused(module.add_module, "a.b", None),
        _refused(module.add_module, "", None),
        _refused(module.add_module, "weight", None),
        _refused(module.add_module, "x", 3),
        _refused(module.add_module, 3, None),
        _refused(module.register_module, "x", 3),
        _refused(delattr, module, "missing"),
        _refused(Early),
        _refused(EarlyModule),
        _refused(EarlyBuffer),
        _refused(nn.Module, 1),
        _refused(nn.Module, a=1),
        _refused(nn.Module().forward),
        _refused(nn.Module(), 1),
        _refused(lambda: nn.Linear(2, 3).missing),
        _refused(lambda: nn.Linear(2, 3)(torch.ones(2), 3)),
    ]


def paths_to_parts(torch):
    net = _net(torch)
    return [
        net.get_parameter("layers.0.weight") is net.layers[0].weight, net.get_submodule("layers.0") is net.layers[0],
        net.get_submodule("") is net, net.get_buffer("first.count") is net.first.count,
        _refused(net.get_parameter, "layers.0.nothing"), _refused(net.get_submodule, "layers.7"),
        _refused(net.get_submodule, "bias.x"), _refused(net.get_buffer, "bias"), _refused(net.get_parameter, "layers"),
    ]  # fmt: skip


# -- state ----


def state_dict_of_a_tree(torch):
    net = _net(torch)
    state = net.state_dict()
    return list(state), state["bias"].requires_grad, type(state).__name__, list(net.state_dict(prefix="net."))


def state_dict_shares_memory(torch):
    net = _net(torch)
    state = net.state_dict()
    with torch.no_grad():
        net.bias.fill_(7)
    return state["bias"], net.state_dict(keep_vars=True)["bias"] is net.bias


def state_dict_into_a_dictionary(torch):
    net, found = _net(torch), {}
    returned = net.state_dict(destination=found, prefix="x.")
    return list(found), returned is found


def state_is_loaded_by_value(torch):
    net, other = _net(torch), _net(torch)
    before = other.bias
    with torch.no_grad():
        net.bias.copy_(torch.tensor([1.0, 2.0]))
    told = other.load_state_dict(net.state_dict())
    with torch.no_grad():
        net.bias.fill_(9)
    return repr(told), other.bias is before, other.bias, told.missing_keys, told.unexpected_keys


def state_of_other_keys(torch):
    net = _net(torch)
    state = net.state_dict()
    del state["bias"], state["layers.0.weight"]
    state["extra"] = torch.ones(1)
    state["first.more"] = torch.ones(1)
    told = net.load_state_dict(state, strict=False)
    return _refused(net.load_state_dict, state), told.missing_keys, told.unexpected_keys, repr(told)


def state_of_other_shapes(torch):
    net = _net(torch)
    state = net.state_dict()
    state["bias"] = torch.ones(3)
    state["layers.0.weight"] = torch.ones(4)
    return [
        _refused(net.load_state_dict, state), _refused(net.load_state_dict, state, strict=False),
        _refused(net.load_state_dict, {"bias": 3}, strict=False), _refused(net.load_state_dict, 3),
        _refused(net.load_state_dict, {}),
    ]  # fmt: skip


def good_keys_are_loaded_before_the_error(torch):
    net = _net(torch)
    told = _refused(net.load_state_dict, {"bias": torch.ones(3), "first.scale": torch.full((2,), 5.0)}, strict=False)
    return told, net.first.scale


def state_of_other_dtypes(torch):
    net = _net(torch)
    state = {name: value.double() for name, value in net.state_dict().items()}
    state["bias"] = torch.tensor([1, 2])
    net.load_state_dict(state)
    return net.bias, net.layers[0].weight.dtype


def shapes_that_are_nearly_right(torch, nn):
    module = nn.Module()
    module.scalar = nn.Parameter(torch.tensor(1.0))
    told = _refused(module.load_state_dict, {"scalar": torch.tensor([2.0])})
    return told, module.scalar


def loading_keeps_gradients_and_flags(torch, nn):
    layer = nn.Linear(2, 1)
    layer.weight.requires_grad_(False)
    layer.bias.grad = torch.ones(1)
    layer.load_state_dict({"weight": torch.ones(1, 2), "bias": torch.zeros(1)})
    return layer.weight, layer.bias, layer.bias.grad


def assigned_state(torch, nn):
    layer = nn.Linear(2, 1)
    weight = torch.ones(1, 2, dtype=torch.float64)
    layer.load_state_dict({"weight": weight, "bias": torch.zeros(1)}, assign=True)
    return layer.weight, layer.bias, isinstance(layer.weight, nn.Parameter)


# -- modes, gradients, conversion ----


def train_and_eval_reach_everywhere(torch):
    net = _net(torch)
    found = [[module.training for module in net.modules()]]
    found.append(net.eval() is net)
    found.append([module.training for module in net.modules()])
    net.layers.train()
    found.append([module.training for module in net.modules()])
    net.train(False)
    found.append([module.training for module in net.modules()])
    return [*found, _refused(net.train, 1), _refused(net.train, "yes")]


def requires_grad_of_all(torch):
    net = _net(torch)
    found = [net.requires_grad_(False) is net, [each.requires_grad for each in net.parameters()]]
    net.layers.requires_grad_()
    return [*found, [each.requires_grad for each in net.parameters()]]


def zero_grad(torch, nn):
    layer = nn.Linear(2, 1)
    layer(torch.ones(1, 2)).sum().backward()
    kept = layer.weight.grad
    layer.zero_grad(set_to_none=False)
    found = [layer.weight.grad is kept, layer.weight.grad, layer.bias.grad]
    layer.zero_grad()
    return [*found, layer.weight.grad]


def apply_goes_from_the_leaves_up(torch):
    seen = []
    net = _net(torch)
    returned = net.apply(lambda module: seen.append(type(module).__name__))
    return seen, returned is net


def conversion_to_another_dtype(torch):
    net = _net(torch)
    net.register_buffer("numbers", torch.tensor([1, 2]))
    net.register_buffer("parts", torch.tensor([1j]))
    weight = net.layers[0].weight
    weight.grad = torch.ones(2, 2)
    found = [net.to(torch.float64) is net, net.layers[0].weight is weight]
    found.append({name: each.dtype for name, each in net.state_dict().items()})
    found.append((weight.grad.dtype, weight.requires_grad, weight.is_leaf, type(net.bias).__name__))
    found.append({name: each.dtype for name, each in net.half().state_dict().items()})
    found.append({name: each.dtype for name, each in net.float().state_dict().items()})
    found.append({name: each.dtype for name, each in net.double().state_dict().items()})
    found.append({name: each.dtype for name, each in net.bfloat16().state_dict().items()})
    return found


def conversion_in_other_words(torch, nn, floats):
    return [
        nn.Linear(1, 1).to("cpu").weight.dtype, nn.Linear(1, 1).to(dtype=torch.float64).weight.dtype,
        nn.Linear(1, 1).to("cpu", torch.float64).weight.dtype, nn.Linear(1, 1).to(device="cpu").weight.dtype,
        nn.Linear(1, 1).to(torch.ones(1, dtype=torch.float64)).weight.dtype, nn.Linear(1, 1).cpu().weight.dtype,
        nn.Linear(1, 1).type(torch.float64).weight.dtype, nn.Linear(1, 1, dtype=torch.float64).weight.dtype,
        _refused(nn.Linear(1, 1).to, torch.int64), _refused(nn.Linear(1, 1).to, "abc"),
    ]  # fmt: skip


def converted_modules_still_learn(torch, nn):
    layer = nn.Linear(2, 1).double()
    with torch.no_grad():
        layer.weight.fill_(0.5)
        layer.bias.fill_(0.25)
    layer(torch.ones(3, 2, dtype=torch.float64)).square().sum().backward()
    return layer.weight.grad, layer.bias.grad


def conversion_of_a_frozen_parameter(torch, nn):
    layer = nn.Linear(2, 1)
    layer.weight.requires_grad_(False)
    layer.double()
    return [(each.requires_grad, each.dtype, each.is_leaf) for each in layer.parameters()]


# -- calls ----


def hooks_see_and_change(torch, nn):
    layer = nn.Identity()
    seen = []
    before = layer.register_forward_pre_hook(lambda module, args: seen.append(("before", module is layer, len(args))))
    after = layer.register_forward_hook(lambda module, args, out: seen.append(("after", out is args[0])))
    found = [layer(torch.ones(1))]
    changing = layer.register_forward_pre_hook(lambda module, args: (args[0] * 2,))
    single = layer.register_forward_pre_hook(lambda module, args: args[0] + 1)
    adding = layer.register_forward_hook(lambda module, args, out: out + 10)
    found.append(layer(torch.ones(1)))
    for handle in (before, after, changing, single, adding):
        handle.remove()
        handle.remove()
    return [*found, layer(torch.ones(1)), seen]


def hooks_with_keywords(torch, nn):
    class Scale(nn.Module):
        def forward(self, x, factor=1):
            return x * factor

    module, seen = Scale(), []
    module.register_forward_pre_hook(lambda module, args, kwargs: (args, {"factor": 3}), with_kwargs=True)
    module.register_forward_hook(lambda module, args, kwargs, out: seen.append(dict(kwargs)), with_kwargs=True)
    return module(torch.ones(1), factor=2), seen


def hooks_in_front(torch, nn):
    layer, seen = nn.Identity(), []
    layer.register_forward_hook(lambda *_: seen.append("first"))
    layer.register_forward_hook(lambda *_: seen.append("prepended"), prepend=True)
    layer.register_forward_pre_hook(lambda *_: seen.append("before"))
    layer.register_forward_pre_hook(lambda *_: seen.append("prepended before"), prepend=True)
    layer(torch.ones(1))
    return seen


def keywords_reach_forward(torch, nn):
    class Scale(nn.Module):
        def forward(self, x, *, factor):
            return x * factor

    return Scale()(torch.ones(2), factor=3), Scale()(x=torch.ones(1), factor=2)


# -- text, copies ----


def texts_of_modules(torch, nn):
    class Empty(nn.Module):
        pass

    class Extra(nn.Module):
        def extra_repr(self):
            return "one=1\ntwo=2"

    class Named(nn.Module):
        def _get_name(self):
            return "Other"

    nested = nn.Sequential(nn.Linear(2, 3), nn.Sequential(nn.ReLU(), Extra()), Empty())
    with_extra = Extra()
    with_extra.inner = nn.Linear(1, 1)
    return [
        repr(Empty()), repr(Extra()), repr(Named()), repr(nested), str(nested), repr(with_extra), repr(_net(torch)),
        repr(nn.Sequential()), repr(nn.ModuleList([nn.Linear(1, 2), nn.Linear(1, 2)])), repr(nn.ModuleList()),
        repr(nn.ModuleDict({"a": nn.ReLU(), "b": nn.Linear(1, 1)})),
        repr(nn.ModuleList([nn.ReLU(), nn.Linear(1, 2), nn.Linear(1, 2), nn.Linear(1, 2), nn.ReLU()])),
    ]  # fmt: skip


def copies_are_independent(torch):
    import copy

    net = _net(torch)
    net.bias.grad = torch.ones(2)
    other = copy.deepcopy(net)
    with torch.no_grad():
        net.bias.fill_(5)
    return [
        other.bias, other.bias.grad, other.first is other.second, other.first is net.first, type(other.bias).__name__,
        list(other.state_dict()) == list(net.state_dict()), other.bias.requires_grad, other.bias.is_leaf,
    ]  # fmt: skip


def copies_of_hooks_and_modes(torch, nn):
    import copy

    layer = nn.Identity()
    layer.register_forward_hook(lambda module, args, out: out * 2)
    layer.eval()
    other = copy.deepcopy(layer)
    return other(torch.ones(1)), other.training


def names_in_dir(torch):
    names = dir(_net(torch))
    return [name in names for name in ("bias", "first", "layers", "forward", "empty", "missing")]


def shared_parameters_count_once(torch, nn):
    module = nn.Module()
    module.a = nn.Parameter(torch.ones(1))
    module.b = module.a
    return [name for name, _ in module.named_parameters()], list(module.state_dict())


def a_state_says_the_versions(torch, nn):
    class Versioned(nn.Linear):
        _version = 7

    return dict(nn.Sequential(Versioned(1, 1), nn.ReLU()).state_dict()._metadata)


def a_module_may_have_a_state_of_its_own(torch, nn):
    class Counted(nn.Module):
        def __init__(self):
            super().__init__()
            self.count = 0

        def get_extra_state(self):
            return self.count

        def set_extra_state(self, state):
            self.count = state

    layer = nn.Sequential(Counted(), nn.ReLU())
    layer[0].count = 5
    state = layer.state_dict()
    other = nn.Sequential(Counted(), nn.ReLU())
    other.load_state_dict(state)
    return (
        state,
        other[0].count,
        other.load_state_dict({}, strict=False),
        nn.ReLU().load_state_dict({"_extra_state": 1}, strict=False),
    )


def a_module_without_a_state_of_its_own_has_none_to_give(torch, nn):
    nn.ReLU().get_extra_state()


def a_module_without_a_state_of_its_own_takes_none(torch, nn):
    nn.ReLU().set_extra_state(1)


def modules_may_save_and_load_in_their_own_way(torch, nn, floats):
    class Renamed(nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = nn.Parameter(torch.ones(2))

        def _save_to_state_dict(self, destination, prefix, keep_vars):
            destination[prefix + "old"] = self.scale.detach()

        def _load_from_state_dict(self, state_dict, prefix, local_metadata, *rest):
            state_dict[prefix + "scale"] = state_dict.pop(prefix + "old")
            super()._load_from_state_dict(state_dict, prefix, local_metadata, *rest)

    layer = nn.Sequential(Renamed())
    state = layer.state_dict()
    state["0.old"] = floats(2)
    return list(state), layer.load_state_dict(state), layer[0].scale


def hooks_see_states(torch, nn):
    seen = []
    layer = nn.Sequential(nn.Linear(1, 1, bias=False))
    layer.register_state_dict_pre_hook(lambda module, prefix, keep: seen.append(("before", prefix, keep)))
    layer[0].register_state_dict_post_hook(
        lambda module, state, prefix, metadata: seen.append((list(state), prefix, metadata))
    )
    layer[0]._register_state_dict_hook(lambda module, state, prefix, metadata: state)
    layer.register_load_state_dict_pre_hook(
        lambda module, state, prefix, *rest: seen.append((type(module).__name__, list(state), prefix))
    )
    layer[0]._register_load_state_dict_pre_hook(lambda state, prefix, *rest: seen.append((list(state), prefix)))
    handle = layer.register_load_state_dict_post_hook(lambda module, keys: keys.missing_keys.clear())
    keys = layer.load_state_dict({})
    layer.load_state_dict(layer.state_dict(prefix="a.", keep_vars=True), strict=False)
    handle.remove()
    return seen, keys


def a_hook_after_a_state_returns_none(torch, nn):
    layer = nn.ReLU()
    layer.register_state_dict_post_hook(lambda *given: 1)
    layer.state_dict()


def a_hook_after_a_load_returns_none(torch, nn):
    layer = nn.ReLU()
    layer.register_load_state_dict_post_hook(lambda *given: 1)
    try:
        layer.load_state_dict({})
    except AssertionError as error:
        return str(error)


def a_state_by_positions_is_warned_of(torch, nn):
    import warnings

    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        state = nn.Linear(1, 1).state_dict({}, "a.", True)
    return list(state), state["a.weight"].requires_grad, [(each.category.__name__, str(each.message)) for each in found]


def unexpected_names_come_in_order(torch, nn):
    layer = nn.Sequential(nn.Linear(1, 1), nn.ReLU())
    return layer.load_state_dict({"1.x": 1, "0.y": 2, "2.z.w": 3, "q": 4, "0.weight.v": 5}, strict=False)


def a_module_takes_the_place_of_another(torch, nn):
    net = nn.Sequential(nn.Linear(1, 2), nn.Sequential(nn.ReLU()))
    net.set_submodule("1.0", nn.Tanh())
    net.set_submodule("1.new", nn.Identity())
    found = [repr(net)]
    for target, module, strict in (("", nn.ReLU(), False), ("0.weight", nn.ReLU(), False), ("2.x", nn.ReLU(), False),
                                   ("1.9", nn.ReLU(), True), ("0", 3, False)):  # fmt: skip
        try:
            net.set_submodule(target, module, strict)
        except (AttributeError, ValueError) as error:
            found.append(str(error))
    return found


def memory_of_modules(torch, nn):
    net = nn.BatchNorm1d(2)
    found = [net.share_memory() is net, net.to_empty(device="cpu") is net, net.weight.shape, net.running_mean.dtype]
    net._apply(lambda tensor: tensor * 0 + 2)
    return [*found, net.weight, net.num_batches_tracked, net.weight.is_leaf]


def what_init_does_not_take(torch, nn):
    found = []
    for arguments, options in (((1,), {}), ((), {"x": 1})):
        try:
            nn.Module(*arguments, **options)
        except TypeError as error:
            found.append(str(error))
    return found


def classes_behind_a_module_are_initialised_on_demand(torch, nn):
    class Other:
        def __init__(self, number=0):
            self.number = number

    class Both(nn.Module, Other):
        call_super_init = True

    return Both(3).number


def compiled_in_place(torch, nn, leaf):
    module = nn.Sequential(nn.Tanh())
    x = leaf(2)
    return module.compile(backend="eager"), module(x), list(module.state_dict())
