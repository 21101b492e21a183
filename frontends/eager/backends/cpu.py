"""`torch.backends.cpu`: what the processor can do."""


def get_cpu_capability() -> str:
    """ "DEFAULT": which instructions are used is numpy's choice."""
    return "DEFAULT"
