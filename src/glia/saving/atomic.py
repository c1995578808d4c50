"""Replacing a file in one step, so that a crash at any moment leaves the old one or the new one."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from ..errors import FileError

try:
    import fcntl
except ImportError:  # not on Windows, which refuses to delete a file that is being written
    fcntl = None  # type: ignore[assignment]

__all__ = ["replacing"]

ENDING = ".partial"


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """Write a file beside another one and put it in the other's place when the block ends.

    The bytes are on the disk before the new name is. When the block raises, the file that was
    there stays as it is and nothing is left behind. What a killed process left behind is removed
    by the next one to write the same file.

    Parameters
    ----------
    path : str or path
        The file to write; a symbolic link is followed.

    Raises
    ------
    FileError
        If it cannot be written: no such folder, no permission, no space left on the disk.
    """
    if "\0" in os.fsdecode(path):
        raise FileError(f"cannot write {os.fsdecode(path)!r}: no file can have this name")
    target = Path(os.path.realpath(path))
    partial: Path | None = None
    try:
        if target.exists() and not target.is_file():
            raise FileError(f"cannot write {target}: it is no file; give a name such as 'm.glia'")
        _remove_abandoned(target)
        file, partial = _begin(target)
        with file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, target)
        partial = None
        _flush_folder(target.parent)
    except OSError as error:
        if isinstance(error, FileError):
            raise
        reason = error.strerror or str(error)
        raise FileError(
            f"cannot write {target}: {reason}. What was there before is unchanged; make space or "
            "choose another place"
        ) from error
    finally:
        if partial is not None:
            with suppress(OSError):
                partial.unlink()


def _begin(target: Path) -> tuple[IO[bytes], Path]:
    """Open a new file beside the target, locked for as long as this process lives."""
    while True:
        partial = target.with_name(f".{target.name}.{secrets.token_hex(4)}{ENDING}")
        number = os.open(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL | _BINARY, 0o666)
        file = os.fdopen(number, "wb")
        try:
            if target.exists() and hasattr(os, "fchmod"):
                os.fchmod(number, stat.S_IMODE(target.stat().st_mode))
            # Another process may have taken it for abandoned before it was locked.
            if _lock(number) is not False and partial.exists():
                return file, partial
        except BaseException:
            file.close()
            with suppress(OSError):
                partial.unlink()
            raise
        file.close()


def _remove_abandoned(target: Path) -> None:
    """Remove what processes that were killed while writing the target left beside it."""
    for partial in target.parent.glob(f".{_literal(target.name)}.*{ENDING}"):
        with suppress(OSError):
            number = os.open(partial, os.O_RDWR | _BINARY)
            try:
                if _lock(number):
                    partial.unlink()
            finally:
                os.close(number)


def _lock(number: int) -> bool | None:
    """Take the lock that the system drops when its owner dies.

    Returns
    -------
    bool or None
        False if somebody has it; None where the file system has no locks, so that nobody can tell.
    """
    if fcntl is None:
        return True
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


def _literal(name: str) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)


def _flush_folder(folder: Path) -> None:
    """Let the new name reach the disk, where the system can open folders."""
    with suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


_BINARY = getattr(os, "O_BINARY", 0)
