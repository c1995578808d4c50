"""The cpu engine: machine code for whole plans, written as LLVM IR."""

from .engine import Cpu

__all__ = ["Cpu"]
