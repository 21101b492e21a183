"""Models by name, and the ways to ask for weights."""

from __future__ import annotations

import copy
import pickle
import warnings

import pytest
from diptych import Unsupported
from diptych.vision import models


def test_lists() -> None:
    assert models.list_models(include="resnet*", exclude=["*50", "*1??"]) == ["resnet18", "resnet34"]
    assert "vgg16" in models.list_models(module=models)
    small = models.get_model("SqueezeNet1_1", num_classes=7)
    assert isinstance(small, models.SqueezeNet) and small.num_classes == 7
    assert models.get_model_builder("resnet18") is models.resnet18
    with pytest.raises(ValueError, match=r"^Unknown model none$"):
        models.get_model("none")


def test_weights() -> None:
    weights = models.get_weight("ResNet50_Weights.DEFAULT")
    assert weights is models.ResNet50_Weights.IMAGENET1K_V2 is models.ResNet50_Weights.verify("IMAGENET1K_V2")
    assert repr(weights) == "ResNet50_Weights.IMAGENET1K_V2"
    assert weights.url == "https://download.pytorch.org/models/resnet50-11ad3fa6.pth"
    assert weights.meta["num_params"] == 25557032 and weights.transforms().resize_size == [232]
    assert models.get_model_weights("resnet50") is models.get_model_weights(models.resnet50) is models.ResNet50_Weights
    assert copy.deepcopy(weights) is weights and pickle.loads(pickle.dumps(weights)) is weights
    assert models.VGG16_Weights.DEFAULT is models.VGG16_Weights.IMAGENET1K_V1
    assert [each.name for each in models.VGG16_Weights] == ["IMAGENET1K_V1", "IMAGENET1K_FEATURES"]
    for name, message in (("ResNet50", "Invalid weight name provided: 'ResNet50'."),
                          ("Nobody.DEFAULT", "The weight enum 'Nobody' for the specific method couldn't be retrieved.")):  # fmt: skip
        with pytest.raises(ValueError) as caught:
            models.get_weight(name)
        assert str(caught.value) == message
    with pytest.raises(TypeError) as refused:
        models.ResNet18_Weights.verify(weights)
    assert str(refused.value) == (
        "Invalid Weight class provided; expected ResNet18_Weights but received ResNet50_Weights."
    )
    with pytest.raises(ValueError, match="method is missing"):
        models.get_model_weights(len)


def test_images_are_prepared() -> None:
    from diptych.eager import zeros

    preset = models.ResNet18_Weights.DEFAULT.transforms()
    assert preset(zeros(3, 300, 280)).shape == (3, 224, 224)
    assert repr(preset) == (
        "ImageClassification(\n    crop_size=[224]\n    resize_size=[256]\n    mean=[0.485, 0.456, 0.406]\n"
        "    std=[0.229, 0.224, 0.225]\n    interpolation=InterpolationMode.BILINEAR\n)"
    )
    assert "crop_size=[224]" in preset.describe()


def test_weights_are_not_read_yet() -> None:
    for options in ({"weights": "DEFAULT"}, {"weights": models.ResNet18_Weights.IMAGENET1K_V1}):
        with pytest.raises(Unsupported) as caught:
            models.resnet18(**options)
        assert caught.value.message == (
            "torchvision.models: ResNet18_Weights.IMAGENET1K_V1 stands in resnet18-f37072fd.pth, a checkpoint of "
            "PyTorch, which is not read yet"
        )
        assert caught.value.hint == "weights=None builds the model untrained; arrays may be given to load_state_dict"


def warned(build: object) -> list[str]:
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        build()  # type: ignore[operator]
    assert all(each.filename == __file__ for each in found)
    return [str(each.message) for each in found]


def test_older_ways_to_ask_are_warned_of() -> None:
    old = (
        "Arguments other than a weight enum or `None` for 'weights' are deprecated since 0.13 and may be removed in the "
        "future. The current behavior is equivalent to passing `weights=None`."
    )
    renamed = (
        "The parameter 'pretrained' is deprecated since 0.13 and may be removed in the future, please use 'weights' "
        "instead."
    )
    positional = (
        "Using {} as positional parameter(s) is deprecated since 0.13 and may be removed in the future. Please use "
        "keyword parameter(s) instead."
    )
    assert warned(lambda: models.squeezenet1_1(pretrained=False)) == [renamed, old]
    assert warned(lambda: models.squeezenet1_1(False)) == [positional.format("'weights'"), old]
    assert warned(lambda: models.squeezenet1_1(None, True)) == [positional.format("'weights' and 'progress'")]
    assert warned(lambda: models.squeezenet1_1(weights=None)) == []
    with pytest.raises(Unsupported, match="squeezenet1_1-b8a52dc0"):
        warned(lambda: models.squeezenet1_1(pretrained=True))
    with pytest.raises(TypeError, match=r"takes 2 positional arguments but 3 were given"):
        models.squeezenet1_1(None, True, 10)


def test_settings_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match=r"^The parameter 'groups' expected value 32 but got 2 instead\.$"):
        models.resnext50_32x4d(groups=2)
    with pytest.raises(ValueError, match=r"^BasicBlock only supports groups=1 and base_width=64$"):
        models.resnet18(groups=2)
    with pytest.raises(NotImplementedError, match=r"^Dilation > 1 not supported in BasicBlock$"):
        models.resnet18(replace_stride_with_dilation=[False, False, True])
    with pytest.raises(ValueError, match=r"should be None or a 3-element tuple, got \[True\]$"):
        models.resnet50(replace_stride_with_dilation=[True])
    with pytest.raises(ValueError, match=r"^Unsupported SqueezeNet version 2: 1_0 or 1_1 expected$"):
        models.SqueezeNet("2")
    with pytest.raises(ValueError, match=r"non-empty or a 4-element list, got \[\]$"):
        models.MobileNetV2(inverted_residual_setting=[])
    with pytest.raises(ValueError, match=r"^blocks length should be 3 instead of 1$"):
        models.GoogLeNet(init_weights=False, blocks=[len])
    with pytest.raises(ValueError, match=r"^length of inception_blocks should be 7 instead of 1$"):
        models.Inception3(init_weights=False, inception_blocks=[len])
    with pytest.raises(Unsupported, match="memory_efficient=True of a DenseNet"):
        models.densenet121(memory_efficient=True)


def test_first_weights_of_inception_are_asked_for() -> None:
    with pytest.warns(FutureWarning, match=r"^The default weight initialization of GoogleNet will be changed"):
        models.googlenet()
