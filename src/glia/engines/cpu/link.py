"""From LLVM text to machine code on this machine."""

from __future__ import annotations

import ctypes
import functools
from typing import Any

from ...errors import unknown_name
from .ir import ModuleWriter

__all__ = ["LEVELS", "Host", "Linked", "host", "link"]

# Levels of the x86-64 architecture that code can be held to, and their vector bytes.
LEVELS = {"sse2": ("x86-64", 16), "avx2": ("x86-64-v3", 32), "avx512": ("x86-64-v4", 64)}


class Host:
    """The processor code is made for.

    Parameters
    ----------
    level : str, optional
        One of :data:`LEVELS`, to make code for less than this machine can do.

    Attributes
    ----------
    vector_bytes : int
        Width of its vector registers.
    registers : int
        How many of them there are.
    """

    def __init__(self, level: str | None = None) -> None:
        import llvmlite.binding as llvm

        if level is not None and level not in LEVELS:
            raise unknown_name("processor level", level, LEVELS)
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        self.triple: str = llvm.get_process_triple()
        self.is_x86 = self.triple.startswith(("x86_64", "i386", "i686"))
        features = llvm.get_host_cpu_features()
        self._flags = features.flatten() if level is None else ""
        self._name = llvm.get_host_cpu_name()
        if level is not None:
            self._name, self.vector_bytes = LEVELS[level]
        elif features.get("avx512f"):
            self.vector_bytes = 64
        else:
            self.vector_bytes = 32 if features.get("avx2") else 16
        self.registers = 32 if self.vector_bytes == 64 or not self.is_x86 else 16
        self._target = llvm.Target.from_triple(self.triple)
        self.layout = str(self.machine().target_data)

    def machine(self) -> Any:
        """Return a new target machine: each linked module owns one."""
        return self._target.create_target_machine(
            cpu=self._name, features=self._flags, opt=2, jit=True
        )


@functools.cache
def host(level: str | None = None) -> Host:
    """Return the processor, asked about once."""
    return Host(level)


class Linked:
    """Machine code, kept alive with its entry point.

    ``call(table, count)`` gives up Python's global lock meanwhile, ``quick`` keeps it.
    """

    def __init__(self, engine: Any, address: int) -> None:
        self._engine = engine
        arguments = ctypes.c_void_p, ctypes.c_int64
        self.call = ctypes.CFUNCTYPE(None, *arguments)(address)
        self.quick = ctypes.PYFUNCTYPE(None, *arguments)(address)


def link(module: ModuleWriter, entry: str, target: Host) -> Linked:
    """Compile a module whose entry point is ``void entry(ptr table, i64 count)``."""
    import llvmlite.binding as llvm

    width = 8 * target.vector_bytes
    attributes = [
        "nounwind",
        f'"prefer-vector-width"="{width}"',
        f'"min-legal-vector-width"="{width}"',
        '"no-trapping-math"="true"',
    ]
    text = module.text(target.triple, target.layout, " ".join(attributes))
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(text), target.machine())
    engine.finalize_object()
    return Linked(engine, engine.get_function_address(entry))
