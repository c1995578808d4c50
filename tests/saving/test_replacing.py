"""Writing a file: the old one or the new one, never less, and nothing left lying about."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import glia
from glia import layers
from glia.saving.atomic import replacing

from .networks import check_same_weights, small

resource = pytest.importorskip("resource")


def write(path: object, content: bytes) -> None:
    with replacing(path) as file:
        file.write(content)


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def test_a_file_is_made_and_replaced(tmp_path) -> None:
    path = tmp_path / "m"
    write(path, b"one")
    write(str(path), b"two")
    assert path.read_bytes() == b"two"
    assert names(tmp_path) == ["m"]


def test_the_old_file_is_there_until_the_new_one_is_complete(tmp_path) -> None:
    path = tmp_path / "m"
    write(path, b"old")
    with replacing(path) as file:
        file.write(b"new")
        file.flush()
        assert path.read_bytes() == b"old"
        assert len(names(tmp_path)) == 2
    assert path.read_bytes() == b"new"


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, MemoryError])
def test_whatever_goes_wrong_the_old_file_stays(error, tmp_path) -> None:
    path = tmp_path / "m"
    write(path, b"old")

    def interrupted() -> None:
        with replacing(path) as file:
            file.write(b"half of it")
            raise error

    with pytest.raises(error):
        interrupted()
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["m"]


def test_permissions_and_links_are_kept(tmp_path) -> None:
    path, link = tmp_path / "m", tmp_path / "link"
    write(path, b"old")
    path.chmod(0o640)
    link.symlink_to(path)
    write(link, b"new")
    assert link.is_symlink()
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o640


def test_places_that_cannot_be_written(tmp_path) -> None:
    model = glia.Sequential([layers.Input((2,)), layers.Dense(1)])
    for path, reason in [
        (tmp_path / "absent" / "m.glia", "No such file or directory"),
        (tmp_path, "is no file"),
        (tmp_path / ("m" * 300), "too long"),
        ("/proc/m.glia", "No such file|Permission"),
        ("/dev/null", "is no file"),
        ("a\0b", "no file can have this name"),
    ]:
        with pytest.raises(glia.FileError, match=reason):
            model.save(path)
    assert names(tmp_path) == []
    assert os.path.exists("/dev/null")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission(tmp_path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(glia.FileError, match="Permission denied"):
        write(tmp_path / "m", b"new")
    tmp_path.chmod(0o700)


def test_what_a_killed_process_left_is_removed_and_what_a_living_one_writes_is_not(
    tmp_path,
) -> None:
    path = tmp_path / "m[1]"
    program = """
        import os, signal, sys
        from glia.saving.atomic import replacing
        with replacing(sys.argv[1]) as file:
            file.write(b"half")
            file.flush()
            os.kill(os.getpid(), signal.SIGKILL)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program), path], check=False)
    assert done.returncode == -signal.SIGKILL
    assert len(names(tmp_path)) == 1
    with replacing(path) as file:
        file.write(b"first")
        assert len(names(tmp_path)) == 1
        write(path, b"second")
        assert len(names(tmp_path)) == 2
    assert path.read_bytes() == b"first"
    assert names(tmp_path) == ["m[1]"]


def test_a_full_disk_keeps_the_old_file_and_leaves_nothing(tmp_path) -> None:
    """A limit on the size of files fails like a full disk: in the middle of a write."""
    path = tmp_path / "m.glia"
    model = small()
    model.save(path)
    old = path.read_bytes()
    big = glia.Sequential([layers.Input((300,)), layers.Dense(300)])
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    for size in (0, 1, 4096, 300_000):
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
        try:
            with pytest.raises(glia.FileError, match=r"File too large\. What was there"):
                big.save(path)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert path.read_bytes() == old
        assert names(tmp_path) == ["m.glia"]
    check_same_weights(model, glia.load(path))
    big.save(path)
    check_same_weights(big, glia.load(path))
