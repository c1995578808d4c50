"""The file: a safetensors container whose metadata is glia's header, checked before it is used.

Eight bytes with the length of a JSON header, the header, then the numbers of every tensor without
gaps: any safetensors reader opens it. The header's ``__metadata__`` holds ``version``, ``glia`` (a
JSON text of its own) and ``checksum``, SHA-256 over the whole file with zeros in its own place.
"""

from __future__ import annotations

import hashlib
import io
import math
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import ArgumentError, FileError
from .atomic import replacing
from .strict_json import LONGEST, dump, parse

__all__ = ["DTYPES", "VERSION", "read", "write"]

Tensors = dict[str, np.ndarray[Any, Any]]

# Raised whenever a file of today could be misread by the glia of yesterday.
VERSION = 1

DTYPES: dict[str, np.dtype[Any]] = {
    "BOOL": np.dtype(np.bool_),
    "U8": np.dtype("u1"),
    "I8": np.dtype("i1"),
    "U16": np.dtype("<u2"),
    "I16": np.dtype("<i2"),
    "F16": np.dtype("<f2"),
    "U32": np.dtype("<u4"),
    "I32": np.dtype("<i4"),
    "F32": np.dtype("<f4"),
    "U64": np.dtype("<u8"),
    "I64": np.dtype("<i8"),
    "F64": np.dtype("<f8"),
}
NAMES = {dtype: name for name, dtype in DTYPES.items()}
NO_SUM = "0" * 64
# Limits far beyond any model, within which sizes can be multiplied without a thought.
LARGEST_AXIS = 2**40
LARGEST_TENSOR = 2**47
MOST_AXES = 32
MOST_TENSORS = 100_000


def write(path: str | os.PathLike[str], header: Mapping[str, Any], tensors: Tensors) -> None:
    """Write a file in one step: the old one stays until the new one is complete.

    Parameters
    ----------
    path : str or path
        The file.
    header : mapping
        Plain JSON.
    tensors : dict of str to ndarray
        Of any dtype in :data:`DTYPES`.

    Raises
    ------
    FileError
        If it cannot be written.
    ArgumentError
        If the header is longer than :func:`read` accepts.
    """
    # Wide numbers first, so that each lies at a multiple of its size.
    order = sorted(tensors, key=lambda name: (-tensors[name].dtype.itemsize, name))
    arrays = [np.asarray(tensors[name], tensors[name].dtype.newbyteorder("<")) for name in order]
    entries: dict[str, Any] = {
        "__metadata__": {
            "version": str(VERSION),
            "checksum": NO_SUM,
            "glia": dump(header).decode("ascii"),
        }
    }
    end = 0
    for name, array in zip(order, arrays, strict=True):
        begin, end = end, end + array.nbytes
        entries[name] = {
            "dtype": NAMES[array.dtype],
            "shape": list(array.shape),
            "data_offsets": [begin, end],
        }
    text = dump(entries)
    text += b" " * (-len(text) % 8)
    if len(text) > LONGEST:
        raise ArgumentError(
            f"{path}: the description of the model takes {len(text):,} bytes, and files hold at "
            f"most {LONGEST:,} besides the weights; large arrays belong into weights, not into "
            "arguments of layers"
        )
    place = 8 + text.index(NO_SUM.encode())
    with replacing(path) as file:
        digest = hashlib.sha256()
        for part in (len(text).to_bytes(8, "little"), text):
            digest.update(part)
            file.write(part)
        for array in arrays:
            digest.update(_bytes(array))
            file.write(_bytes(array))
        file.seek(place)
        file.write(digest.hexdigest().encode())


def _bytes(array: np.ndarray[Any, Any]) -> memoryview:
    numbers: Any = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
    return memoryview(numbers)


def read(path: str | os.PathLike[str]) -> tuple[dict[str, Any], Tensors]:
    """Read a file that may be damaged or hostile.

    No more memory is taken than the file is long, nothing in it is run, and no name in it is
    taken for the name of a file.

    Returns
    -------
    header, tensors : dict, dict of str to ndarray
        What :func:`write` was given.

    Raises
    ------
    FileError
        If there is no such file, or it is anything but a whole, undamaged file of glia's.
    """
    what = f"the file {Path(path)}"
    try:
        if not os.path.isfile(path):
            is_there = os.path.exists(path)
            raise FileError(f"{what} {'is no regular file' if is_there else 'does not exist'}")
        with open(path, "rb") as file:
            return _read(file, os.fstat(file.fileno()).st_size, what)
    except FileError:
        raise
    except (OSError, ValueError) as error:
        raise FileError(f"cannot read {what}: {error}") from error


def _read(file: io.BufferedReader, size: int, what: str) -> tuple[dict[str, Any], Tensors]:
    start = file.read(8)
    if len(start) < 8:
        raise FileError(f"{what} is {'empty' if not start else 'too short'}; expected a glia model")
    length = int.from_bytes(start, "little")
    if not 2 <= length <= LONGEST:
        raise FileError(
            f"{what} is not a glia model: expected a header of 2 to {LONGEST:,} bytes, and its "
            f"first bytes would mean {length:,}"
        )
    if 8 + length > size:
        raise _cut(what, 8 + length, size)
    text = file.read(length)
    entries = parse(text, what)
    header_text, expected = _metadata(entries, text, what)
    specs = _specs(entries, what)
    end = 8 + length + sum(_nbytes(*spec) for spec in specs.values())
    if end != size:
        raise _cut(what, end, size)
    digest = hashlib.sha256(start)
    digest.update(text.replace(expected, NO_SUM.encode()))
    tensors: Tensors = {}
    for name, (dtype, shape) in specs.items():
        array = np.empty(math.prod(shape), dtype)
        content = _bytes(array)
        if file.readinto(content) != len(content):
            raise FileError(f"{what} changed while it was being read")
        digest.update(content)
        tensors[name] = array.reshape(shape)
    if digest.hexdigest().encode() != expected:
        raise FileError(
            f"{what} is damaged: its checksum does not fit what it holds. Take another copy of it"
        )
    for name, array in tensors.items():
        if array.dtype == np.bool_ and (array.view(np.uint8) > 1).any():
            raise FileError(f"{what} holds {name!r} with booleans other than 0 and 1")
        tensors[name] = array.astype(array.dtype.newbyteorder("="), copy=False)
    header = parse(header_text, what)
    if not isinstance(header, dict):
        raise FileError(f"{what} has a header that is not a JSON object")
    return header, tensors


def _cut(what: str, expected: int, size: int) -> FileError:
    fate = "is cut short" if size < expected else "has something appended"
    return FileError(
        f"{what} {fate}: its header says {expected:,} bytes and it has {size:,}. Take another copy"
    )


def _metadata(entries: Any, text: bytes, what: str) -> tuple[bytes, bytes]:
    """Return glia's own header and the checksum, or say what kind of file this is."""
    metadata = entries.pop("__metadata__", None) if isinstance(entries, dict) else None
    if not isinstance(metadata, dict) or not isinstance(metadata.get("glia"), str):
        raise FileError(
            f"{what} is not a glia model: its header has no part written by glia. Files of other "
            "programs hold weights only; read them with safetensors and model.set_weights"
        )
    version = metadata.get("version")
    if not isinstance(version, str) or not re.fullmatch("[0-9]{1,9}", version):
        raise FileError(f"{what} does not say which version of the format it has")
    if int(version) != VERSION:
        raise FileError(
            f"{what} has version {int(version)} of the format and this glia reads version "
            f"{VERSION}; install a newer glia to read it"
        )
    checksum = metadata.get("checksum")
    if not isinstance(checksum, str) or not re.fullmatch("[0-9a-f]{64}", checksum):
        raise FileError(f"{what} has no checksum; it is damaged or was not written by glia")
    if text.count(checksum.encode()) != 1:
        raise FileError(f"{what} repeats its checksum; it was not written by glia")
    return metadata["glia"].encode("utf-8", "surrogatepass"), checksum.encode()


def _specs(entries: dict[str, Any], what: str) -> dict[str, tuple[np.dtype[Any], tuple[int, ...]]]:
    """Return dtype and shape of each tensor in the order of the file, without gap or overlap."""
    if len(entries) > MOST_TENSORS:
        raise FileError(f"{what} lists {len(entries):,} tensors; expected at most {MOST_TENSORS:,}")
    found = []
    for name, entry in entries.items():
        where = f"{what}, tensor {name[:60]!r}"
        if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
            raise FileError(f"{where}: expected dtype, shape and data_offsets")
        kind, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
        if not isinstance(kind, str) or kind not in DTYPES:
            raise FileError(
                f"{where}: unknown dtype {str(kind)[:20]!r}; known: {', '.join(DTYPES)}"
            )
        if not _are_sizes(shape) or len(shape) > MOST_AXES:
            raise FileError(f"{where}: its shape is not a list of at most {MOST_AXES} sizes")
        if math.prod(size or 1 for size in shape) * 8 > LARGEST_TENSOR:
            raise FileError(f"{where}: its shape means more numbers than a file can hold")
        if not _are_sizes(offsets) or len(offsets) != 2:
            raise FileError(f"{where}: data_offsets are not two places in the file")
        spec = DTYPES[kind], tuple(shape)
        if offsets[1] - offsets[0] != _nbytes(*spec):
            raise FileError(
                f"{where}: {kind} numbers of shape {shape} take {_nbytes(*spec):,} bytes, and "
                f"{offsets[1] - offsets[0]:,} are given"
            )
        found.append((offsets, name, spec))
    found.sort(key=lambda item: item[0])
    end = 0
    for offsets, name, _ in found:
        if offsets[0] != end:
            raise FileError(
                f"{what}, tensor {name[:60]!r}: it begins at byte {offsets[0]:,} of the data and "
                f"the one before it ends at {end:,}; expected no gap and no overlap"
            )
        end = offsets[1]
    return {name: spec for _, name, spec in found}


def _are_sizes(value: Any) -> bool:
    return isinstance(value, list) and all(
        type(each) is int and 0 <= each <= LARGEST_TENSOR for each in value
    )


def _nbytes(dtype: np.dtype[Any], shape: tuple[int, ...]) -> int:
    return dtype.itemsize * math.prod(shape)
