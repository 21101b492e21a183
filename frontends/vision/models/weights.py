"""Weights that others have trained: what they are called, where they are published, how their images are prepared.

The files are read where they lie; `fetched` says where that is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Any

from ..transforms.preset import ImageClassification

PUBLISHER = "https://download.pytorch.org/models/"


@dataclass
class Weights:
    """Where weights are published, how their images are prepared, and what else is known of them."""

    url: str
    transforms: Callable[..., Any]
    meta: dict[str, Any]

    def __eq__(self, other: object) -> bool:
        """Partial functions are equal where what they call is: copies of an enumeration's values are then its own."""
        if not isinstance(other, Weights):
            return NotImplemented
        return (self.url, self.meta, _called(self.transforms)) == (other.url, other.meta, _called(other.transforms))

    __hash__ = None


def _called(function: Any) -> Any:
    return (function.func, function.args, function.keywords) if isinstance(function, partial) else function


class WeightsEnum(Enum):
    """The weights of one model, by name; DEFAULT are the best."""

    @classmethod
    def verify(cls, obj: Any) -> Any:
        """A member, given as such or by its name; None as it is. Raises KeyError for other names, TypeError for what is
        neither."""
        if obj is None or isinstance(obj, cls):
            return obj
        if type(obj) is str:
            return cls[obj.removeprefix(f"{cls.__name__}.")]
        raise TypeError(f"Invalid Weight class provided; expected {cls.__name__} but received {type(obj).__name__}.")

    def get_state_dict(self, progress: bool = True, check_hash: bool = False, **options: Any) -> dict[str, Any]:
        """The weights by dotted name. Raises Unsupported: files of weights cannot be read yet."""
        from diptych.ir import Unsupported

        raise Unsupported(
            f"torchvision.models: {self} stands in {self.url.rpartition('/')[2]}, a checkpoint of PyTorch, which is "
            "not read yet",
            hint="weights=None builds the model untrained; arrays may be given to load_state_dict",
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}.{self._name_}"

    @property
    def url(self) -> str:
        """Where the file is published."""
        return self.value.url

    @property
    def transforms(self) -> Callable[..., Any]:
        """Makes the transform that prepares images."""
        return self.value.transforms

    @property
    def meta(self) -> dict[str, Any]:
        """What else is known of them."""
        return self.value.meta


def _weights(file: str, count: int, smallest: int, **prepared: Any) -> Weights:
    prepared = {"crop_size": 224, **prepared}
    meta = {"num_params": count, "min_size": (smallest, smallest)}
    return Weights(PUBLISHER + file, partial(ImageClassification, **prepared), meta)


_LARGER = {"resize_size": 232}
_FEATURES = {"mean": (0.48235, 0.45882, 0.40784), "std": (1.0 / 255.0,) * 3}

# Of each: its file, its number of parameters, the smallest image. The last version of a model is the default one.
_PUBLISHED: dict[str, dict[str, Weights]] = {
    "AlexNet": {"IMAGENET1K_V1": _weights("alexnet-owt-7be5be79.pth", 61100840, 63)},
    "DenseNet121": {"IMAGENET1K_V1": _weights("densenet121-a639ec97.pth", 7978856, 29)},
    "DenseNet161": {"IMAGENET1K_V1": _weights("densenet161-8d451a50.pth", 28681000, 29)},
    "DenseNet169": {"IMAGENET1K_V1": _weights("densenet169-b2777c0a.pth", 14149480, 29)},
    "DenseNet201": {"IMAGENET1K_V1": _weights("densenet201-c1103571.pth", 20013928, 29)},
    "GoogLeNet": {"IMAGENET1K_V1": _weights("googlenet-1378be20.pth", 6624904, 15)},
    "Inception_V3": {
        "IMAGENET1K_V1": _weights("inception_v3_google-0cc3c7bd.pth", 27161264, 75, crop_size=299, resize_size=342)
    },
    "MobileNet_V2": {
        "IMAGENET1K_V1": _weights("mobilenet_v2-b0353104.pth", 3504872, 1),
        "IMAGENET1K_V2": _weights("mobilenet_v2-7ebf99e0.pth", 3504872, 1, **_LARGER),
    },
    "ResNet18": {"IMAGENET1K_V1": _weights("resnet18-f37072fd.pth", 11689512, 1)},
    "ResNet34": {"IMAGENET1K_V1": _weights("resnet34-b627a593.pth", 21797672, 1)},
    "ResNet50": {
        "IMAGENET1K_V1": _weights("resnet50-0676ba61.pth", 25557032, 1),
        "IMAGENET1K_V2": _weights("resnet50-11ad3fa6.pth", 25557032, 1, **_LARGER),
    },
    "ResNet101": {
        "IMAGENET1K_V1": _weights("resnet101-63fe2227.pth", 44549160, 1),
        "IMAGENET1K_V2": _weights("resnet101-cd907fc2.pth", 44549160, 1, **_LARGER),
    },
    "ResNet152": {
        "IMAGENET1K_V1": _weights("resnet152-394f9c45.pth", 60192808, 1),
        "IMAGENET1K_V2": _weights("resnet152-f82ba261.pth", 60192808, 1, **_LARGER),
    },
    "ResNeXt50_32X4D": {
        "IMAGENET1K_V1": _weights("resnext50_32x4d-7cdf4587.pth", 25028904, 1),
        "IMAGENET1K_V2": _weights("resnext50_32x4d-1a0047aa.pth", 25028904, 1, **_LARGER),
    },
    "ResNeXt101_32X8D": {
        "IMAGENET1K_V1": _weights("resnext101_32x8d-8ba56ff5.pth", 88791336, 1),
        "IMAGENET1K_V2": _weights("resnext101_32x8d-110c445d.pth", 88791336, 1, **_LARGER),
    },
    "ResNeXt101_64X4D": {"IMAGENET1K_V1": _weights("resnext101_64x4d-173b62eb.pth", 83455272, 1, **_LARGER)},
    "Wide_ResNet50_2": {
        "IMAGENET1K_V1": _weights("wide_resnet50_2-95faca4d.pth", 68883240, 1),
        "IMAGENET1K_V2": _weights("wide_resnet50_2-9ba9bcbe.pth", 68883240, 1, **_LARGER),
    },
    "Wide_ResNet101_2": {
        "IMAGENET1K_V1": _weights("wide_resnet101_2-32ee1156.pth", 126886696, 1),
        "IMAGENET1K_V2": _weights("wide_resnet101_2-d733dc28.pth", 126886696, 1, **_LARGER),
    },
    "SqueezeNet1_0": {"IMAGENET1K_V1": _weights("squeezenet1_0-b66bff10.pth", 1248424, 21)},
    "SqueezeNet1_1": {"IMAGENET1K_V1": _weights("squeezenet1_1-b8a52dc0.pth", 1235496, 17)},
    "VGG11": {"IMAGENET1K_V1": _weights("vgg11-8a719046.pth", 132863336, 32)},
    "VGG11_BN": {"IMAGENET1K_V1": _weights("vgg11_bn-6002323d.pth", 132868840, 32)},
    "VGG13": {"IMAGENET1K_V1": _weights("vgg13-19584684.pth", 133047848, 32)},
    "VGG13_BN": {"IMAGENET1K_V1": _weights("vgg13_bn-abd245e5.pth", 133053736, 32)},
    "VGG16": {
        "IMAGENET1K_V1": _weights("vgg16-397923af.pth", 138357544, 32),
        "IMAGENET1K_FEATURES": _weights("vgg16_features-amdegroot-88682ab5.pth", 138357544, 32, **_FEATURES),
    },
    "VGG16_BN": {"IMAGENET1K_V1": _weights("vgg16_bn-6c64b313.pth", 138365992, 32)},
    "VGG19": {"IMAGENET1K_V1": _weights("vgg19-dcbb9e9d.pth", 143667240, 32)},
    "VGG19_BN": {"IMAGENET1K_V1": _weights("vgg19_bn-c79401a0.pth", 143678248, 32)},
}


def _enumeration(model: str, members: dict[str, Weights]) -> Any:
    default = [weights for name, weights in members.items() if name.startswith("IMAGENET1K_V")][-1]
    return WeightsEnum(f"{model}_Weights", {**members, "DEFAULT": default}, module=__name__)


ENUMERATIONS: dict[str, Any] = {
    f"{model}_Weights": _enumeration(model, members) for model, members in _PUBLISHED.items()
}

globals().update(ENUMERATIONS)  # where pickles look for them
