"""`torch.utils.model_zoo`: weights from the network by the names they had before `torch.hub`; refused as there."""

from ..hub import load_state_dict_from_url as load_url

__all__ = ["load_url"]
