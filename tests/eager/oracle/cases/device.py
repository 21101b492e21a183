"""`torch.device`."""

from __future__ import annotations

CASES = """
torch.device("cpu")
torch.device("cpu", 0)
torch.device("cpu:0")
torch.device("cpu:1").index
torch.device("cpu").index
torch.device("cpu").type
torch.device(type="cpu")
torch.device(type="cpu", index=0)
torch.device(torch.device("cpu"))
str(torch.device("cpu"))
str(torch.device("cpu:0"))
torch.device("cpu") == torch.device("cpu")
torch.device("cpu") == torch.device("cpu:0")
torch.device("cpu") == "cpu"
torch.device("cpu") != torch.device("cpu", 0)
hash(torch.device("cpu")) == hash(torch.device("cpu"))
torch.device("abc")
torch.device("cpu:a")
torch.device("cpu:-1")
torch.device("")
torch.device("cpu:0", 0)
torch.device(1.5)
torch.device()
floats(2).device
torch.zeros(2, device="cpu").device
torch.zeros(2, device=torch.device("cpu")).device
torch.zeros(2, device="abc")
torch.tensor([1.0], device="cpu")
floats(2).to("cpu")
floats(2).to(torch.device("cpu"))
floats(2).to(device="cpu")
floats(2).to("abc")
floats(2).cpu()
"""


def the_tensor_itself_where_it_is_there_already(torch, floats):
    x = floats(2)
    return x.to("cpu") is x, x.cpu() is x, x.to(torch.float32) is x, x.to("cpu", copy=True) is x


def copies_and_pickles_are_equal(torch):
    import copy
    import pickle

    device = torch.device("cpu", 0)
    return copy.deepcopy(device) == device, pickle.loads(pickle.dumps(device)) == device
