"""How a command ends: every exit code, and every error as one line on stderr."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

from typer.core import TyperGroup

from ..errors import GliaError
from .screen import printable

__all__ = ["EXIT_CODES", "Commands"]

DONE, FAILED, MISUSED, DEFECT, INTERRUPTED = 0, 1, 2, 3, 130
EXIT_CODES = {
    DONE: "done",
    FAILED: "a file, a column or a value that cannot be used; one line on stderr says which",
    MISUSED: "the command line itself is wrong",
    DEFECT: "a defect in glia; GLIA_TRACEBACK=1 shows where",
    INTERRUPTED: "Ctrl-C; a training that was under way is still tested and saved",
}
# What Python's users write, and what is written here instead.
SPELLINGS = {'kinds={"name": "category"}': "--kind name=category"}
# The environment variable that lets a traceback through, for whoever mends glia.
TRACEBACK = "GLIA_TRACEBACK"


class Commands(TyperGroup):
    """A group of commands whose errors are one line and never a traceback."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run a command line and leave the process with its exit code."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="replace")  # R² on a terminal that knows ASCII only
        with _warnings_as_lines():
            code = self._run(args, prog_name, complete_var, windows_expand_args, extra)
        if standalone_mode:
            sys.exit(code)
        return code

    def _run(
        self,
        args: Sequence[str] | None,
        prog_name: str | None,
        complete_var: str | None,
        windows_expand_args: bool,
        extra: dict[str, Any],
    ) -> int:
        try:
            code = super().main(args, prog_name, complete_var, False, windows_expand_args, **extra)
            sys.stdout.flush()
        except GliaError as error:
            return _fail(str(error), FAILED)
        except BrokenPipeError:
            # Whoever read our output has stopped; what is left in the buffer has nowhere to go.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return FAILED
        except OSError as error:
            name = f"{error.filename}: " if error.filename else ""
            return _fail(f"{name}{error.strerror or error}", FAILED)
        except MemoryError:
            return _fail(
                "not enough memory; take fewer rows or columns, or a smaller --hidden", FAILED
            )
        except KeyboardInterrupt:
            return _fail("interrupted", INTERRUPTED)
        except Exception as error:  # noqa: BLE001  users never see a traceback
            return _unexpected(error)
        if code == INTERRUPTED:
            return _fail("interrupted", INTERRUPTED)
        return code if isinstance(code, int) else DONE


def _unexpected(error: Exception) -> int:
    """Tell a wrong command line, which the parser reports by its own classes, from a defect."""
    message = getattr(error, "format_message", None)
    if callable(message):
        context = getattr(error, "ctx", None)
        path = "glia" if context is None else context.command_path
        return _fail(f"{message().rstrip('.')}; see {path} --help", MISUSED)
    if os.environ.get(TRACEBACK):
        raise error
    return _fail(
        f"this is a defect in glia: {type(error).__name__}: {error} (set {TRACEBACK}=1 to see "
        "where, and please report it)",
        DEFECT,
    )


def _fail(message: str, code: int) -> int:
    for python, here in SPELLINGS.items():
        message = message.replace(python, here)
    print(f"glia: {printable(message)}", file=sys.stderr)
    return code


@contextlib.contextmanager
def _warnings_as_lines() -> Iterator[None]:
    """Show glia's own warnings as lines on stderr, and nobody else's."""

    def show(message: Warning | str, *_: Any, **__: Any) -> None:
        print(f"glia: note: {printable(str(message))}", file=sys.stderr)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", UserWarning)
        warnings.showwarning = show
        yield
