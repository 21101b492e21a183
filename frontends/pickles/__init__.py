"""Pickles read without unpickling: an interpreter of opcodes that moves data, and asks a policy for all else."""

from .machine import Machine, Refused
from .numpy_values import NUMPY_NAMES, Function, build_numpy
from .plain import read_plain
