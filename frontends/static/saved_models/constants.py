"""The names that folders of saved models have inside, and the keys of signatures and tags."""

from __future__ import annotations

from ..exports import export

_PLAIN = {
    "ASSETS_DIRECTORY": "assets",
    "ASSETS_KEY": "saved_model_assets",
    "LEGACY_INIT_OP_KEY": "legacy_init_op",
    "MAIN_OP_KEY": "saved_model_main_op",
    "SAVED_MODEL_SCHEMA_VERSION": 1,
    "SAVED_MODEL_FILENAME_PB": "saved_model.pb",
    "SAVED_MODEL_FILENAME_PBTXT": "saved_model.pbtxt",
    "VARIABLES_DIRECTORY": "variables",
    "VARIABLES_FILENAME": "variables",
}
_SIGNATURES = {
    "DEFAULT_SERVING_SIGNATURE_DEF_KEY": "serving_default",
    "CLASSIFY_INPUTS": "inputs",
    "CLASSIFY_METHOD_NAME": "tensorflow/serving/classify",
    "CLASSIFY_OUTPUT_CLASSES": "classes",
    "CLASSIFY_OUTPUT_SCORES": "scores",
    "PREDICT_INPUTS": "inputs",
    "PREDICT_METHOD_NAME": "tensorflow/serving/predict",
    "PREDICT_OUTPUTS": "outputs",
    "REGRESS_INPUTS": "inputs",
    "REGRESS_METHOD_NAME": "tensorflow/serving/regress",
    "REGRESS_OUTPUTS": "outputs",
}
_TAGS = {"SERVING": "serve", "TRAINING": "train", "GPU": "gpu", "TPU": "tpu"}

for _group, _names in (("constants", _PLAIN), ("signature_constants", _SIGNATURES), ("tag_constants", _TAGS)):
    for _name, _value in _names.items():
        export(f"saved_model.{_name}", f"saved_model.{_group}.{_name}")(_value)

EVAL = export("saved_model.tag_constants.EVAL")("eval")

FILE, TEXT_FILE = _PLAIN["SAVED_MODEL_FILENAME_PB"], _PLAIN["SAVED_MODEL_FILENAME_PBTXT"]
SCHEMA = 1
MAIN_OP_KEY, LEGACY_INIT_OP_KEY = "saved_model_main_op", "legacy_init_op"
TRAIN_OP_KEY = "saved_model_train_op"
INIT_SIGNATURE, TRAIN_SIGNATURE = "__saved_model_init_op", "__saved_model_train_op"
ASSETS = "assets"
VARIABLES = ("variables", "variables")  # the folder, and the checkpoint in it
