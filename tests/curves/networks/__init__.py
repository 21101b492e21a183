"""Eight networks that people train, as PyTorch code that diptych and the real framework run alike: `torch` is either.

Each module has `SIZES`, keyword arguments of `make` by name of size, `make(torch, **size)`, the network or networks that
are trained, and `train(torch, made, steps)`, the losses of each step;
`OPTIONS`, if any, are further keyword arguments of `train` by name of size.
"""

from __future__ import annotations

from types import ModuleType

from tests.curves.networks import dcgan, densenet, gpt, lstm, resnet, vae, vgg, vit

NETWORKS: dict[str, ModuleType] = {
    "resnet": resnet, "vgg": vgg, "densenet": densenet, "dcgan": dcgan, "lstm": lstm, "gpt": gpt, "vit": vit, "vae": vae,
}  # fmt: skip
