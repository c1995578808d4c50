"""The container: other programs read it, and whatever is wrong with a file is said."""

from __future__ import annotations

import hashlib
import json
import os
import struct

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import glia
from glia.saving import container
from glia.saving.strict_json import DEEPEST, LONGEST, MOST_VALUES, parse

from .networks import check_same_bits

TENSORS = {
    "weights/a b/ü": np.arange(6, dtype=np.float32).reshape(2, 3),
    "flags": np.array([True, False, True]),
    "one": np.float64(0.1),
    "none": np.zeros((0, 4), np.int64),
}


def file_of(header: object, tensors: dict[str, object], data: bytes = b"", **metadata) -> bytes:
    """A file that says what it is told to, with the checksum it should have."""
    inner = header if isinstance(header, str) else json.dumps(header)
    known = {"version": "1", "checksum": container.NO_SUM, "glia": inner} | metadata
    entries = {"__metadata__": {key: value for key, value in known.items() if value is not None}}
    return sealed(json.dumps(entries | tensors, separators=(",", ":")).encode(), data)


def sealed(text: bytes, data: bytes) -> bytes:
    """A header and data with their length and checksum filled in."""
    whole = len(text).to_bytes(8, "little") + text + data
    return whole.replace(container.NO_SUM.encode(), hashlib.sha256(whole).hexdigest().encode(), 1)


def entry(dtype: object, shape: object, begin: object, end: object) -> dict[str, object]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def test_what_is_written_is_read(tmp_path) -> None:
    path = tmp_path / "m.glia"
    container.write(path, {"a": [1, 2.5, None]}, TENSORS)
    header, tensors = container.read(path)
    assert header == {"a": [1, 2.5, None]}
    assert set(tensors) == set(TENSORS)
    for name, array in TENSORS.items():
        check_same_bits(tensors[name], np.asarray(array))
    assert all(array.flags.writeable for array in tensors.values())


def test_other_programs_read_it(tmp_path) -> None:
    path = tmp_path / "m.glia"
    container.write(path, {}, TENSORS)
    read = safetensors.numpy.load_file(path)
    for name, array in TENSORS.items():
        check_same_bits(read[name], np.asarray(array))
    size = struct.unpack("<Q", path.read_bytes()[:8])[0]
    assert size % 8 == 0


def test_equal_models_make_equal_files(tmp_path) -> None:
    for name in ("a", "b"):
        container.write(tmp_path / name, {"x": 1}, dict(reversed(TENSORS.items())))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@settings(max_examples=60)
@given(
    st.dictionaries(
        st.text(max_size=8).filter(lambda name: name != "__metadata__"),
        st.sampled_from(list(container.DTYPES.values())).flatmap(
            lambda dtype: arrays.arrays(dtype, arrays.array_shapes(min_dims=0, min_side=0))
        ),
        max_size=4,
    )
)
def test_any_arrays_under_any_names(tmp_path_factory, tensors) -> None:
    path = tmp_path_factory.mktemp("any") / "m"
    container.write(path, {}, tensors)
    _, read = container.read(path)
    assert set(read) == set(tensors)
    for name, array in tensors.items():
        check_same_bits(read[name], array)


GOOD = entry("F32", [2], 0, 8)
DATA = bytes(8)
HOSTILE = {
    "empty": (b"", "is empty"),
    "seven bytes": (bytes(7), "is too short"),
    "text": (b"epoch,loss\n0,0.5\n1,0.4\n", "is not a glia model"),
    "zip": (b"PK\x03\x04" + bytes(60), "is not a glia model"),
    "pickle": (b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00\x8c", "is not a glia model"),
    "header longer than the file": (struct.pack("<Q", 1000) + b"{}", "is cut short"),
    "huge header": (struct.pack("<Q", 2**63) + b"{}", "is not a glia model"),
    "no JSON": (sealed(b"{not json}", b""), "not valid JSON"),
    "not UTF-8": (sealed(b'{"\xff\xfe": 1}', b""), "not valid JSON"),
    "a list": (sealed(b"[1, 2]", b""), "is not a glia model"),
    "of another program": (
        safetensors.numpy.save({"a": np.zeros(2)}, {"format": "np"}), "not a glia model",
    ),
    "duplicate tensor": (
        sealed(b'{"a":1,"b":{"c":1,"c":2}}', b""), "the key 'c' twice",
    ),
    "duplicate metadata": (sealed(b'{"__metadata__":{},"__metadata__":{}}', b""), "twice"),
    "duplicate key inside": (file_of('{"model":1,"model":2}', {}), "the key 'model' twice"),
    "NaN": (file_of('{"a":NaN}', {}), "NaN is no JSON"),
    "infinite number": (file_of('{"a":1e999}', {}), "not finite"),
    "endless digits": (file_of('{"a":' + "9" * 5000 + "}", {}), "not valid JSON"),
    "deep JSON": (file_of("[" * 200 + "]" * 200, {}), "nested deeper"),
    "very deep JSON": (file_of("[" * 100_000 + "]" * 100_000, {}), "nested deeper"),
    "deep in the outer header": (sealed(b'{"a":' * 99_999 + b"1" + b"}" * 99_999, b""), "deeper"),
    "too many values": (file_of("[" + "[]," * (MOST_VALUES // 2) + "1]", {}), "more than"),
    "header is no object": (file_of("[1]", {}), "not a JSON object"),
    "version from the future": (file_of({}, {}, version="2"), "version 2 of the format.*newer"),
    "version of another kind": (file_of({}, {}, version="one"), "which version"),
    "version is a number": (file_of({}, {}, version=1), "which version"),
    "no version": (file_of({}, {}, version=None), "which version"),
    "no checksum": (file_of({}, {}, checksum=None), "no checksum"),
    "wrong checksum": (file_of({}, {}, checksum="a" * 64), "is damaged: its checksum"),
    "checksum is no sum": (file_of({}, {}, checksum="../../../etc/passwd"), "no checksum"),
    "checksum twice": (file_of('"' + "b" * 64 + '"', {}, checksum="b" * 64), "repeats"),
    "something appended": (file_of({}, {"a": GOOD}, DATA + b"x"), "something appended"),
    "data missing": (file_of({}, {"a": GOOD}, DATA[:-1]), "is cut short"),
    "unknown dtype": (file_of({}, {"a": entry("F8", [2], 0, 8)}, DATA), "unknown dtype 'F8'"),
    "dtype is a list": (file_of({}, {"a": entry(["F32"], [2], 0, 8)}, DATA), "unknown dtype"),
    "object dtype": (file_of({}, {"a": entry("O", [1], 0, 8)}, DATA), "unknown dtype"),
    "negative size": (file_of({}, {"a": entry("F32", [-2], 0, 8)}, DATA), "not a list of"),
    "fractional size": (file_of({}, {"a": entry("F32", [2.0], 0, 8)}, DATA), "not a list of"),
    "true as a size": (file_of({}, {"a": entry("F32", [True, 2], 0, 8)}, DATA), "not a list of"),
    "shape is text": (file_of({}, {"a": entry("F32", "2", 0, 8)}, DATA), "not a list of"),
    "40 axes": (file_of({}, {"a": entry("F32", [1] * 39 + [2], 0, 8)}, DATA), "at most 32"),
    "huge shape": (file_of({}, {"a": entry("F32", [2**31, 2**31], 0, 8)}, DATA), "more numbers"),
    "huge empty shape": (
        file_of({}, {"a": entry("F32", [0, 2**40, 2**40], 0, 0)}, b""), "more numbers",
    ),
    "petabyte": (file_of({}, {"a": entry("F32", [2**40], 0, 2**42)}, DATA), "is cut short"),
    "lying size": (file_of({}, {"a": entry("F32", [3], 0, 8)}, DATA), "take 12 bytes, and 8"),
    "backwards": (file_of({}, {"a": entry("F32", [0], 8, 8)}, DATA), "no gap and no overlap"),
    "three offsets": (
        file_of({}, {"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4, 8]}}, DATA),
        "not two places",
    ),
    "negative offsets": (file_of({}, {"a": entry("F32", [2], -8, 0)}, DATA), "not two places"),
    "overlap": (file_of({}, {"a": GOOD, "b": GOOD}, DATA), "no gap and no overlap"),
    "gap": (file_of({}, {"a": entry("F32", [1], 4, 8)}, DATA), "no gap and no overlap"),
    "entry is null": (file_of({}, {"a": None}, DATA), "expected dtype, shape"),
    "more keys": (file_of({}, {"a": GOOD | {"run": "rm"}}, DATA), "expected dtype, shape"),
    "boolean of 2": (file_of({}, {"a": entry("BOOL", [1], 0, 1)}, b"\x02"), "booleans other"),
    "path-like name": (
        file_of({}, {"../../../tmp/evil": entry("F32", [3], 0, 8)}, DATA), "take 12 bytes",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_errors_that_say_why(name, tmp_path) -> None:
    content, reason = HOSTILE[name]
    path = tmp_path / "m.glia"
    path.write_bytes(content)
    for read in (container.read, glia.load):
        with pytest.raises(glia.FileError, match=reason) as caught:
            read(path)
        assert str(path) in str(caught.value)
    assert [each.name for each in tmp_path.iterdir()] == ["m.glia"]


def test_what_is_no_file(tmp_path) -> None:
    with pytest.raises(glia.FileError, match="does not exist"):
        glia.load(tmp_path / "absent.glia")
    with pytest.raises(glia.FileError, match="no regular file"):
        glia.load(tmp_path)
    with pytest.raises(glia.FileError, match="no regular file"):
        glia.load("/dev/zero")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(glia.FileError, match="no regular file"):
        glia.load(tmp_path / "pipe")
    with pytest.raises(glia.FileError, match=r"cannot read|does not exist"):
        glia.load("a\0b")


def test_the_limits_of_json() -> None:
    assert parse(b"[" * (DEEPEST - 1) + b"]" * (DEEPEST - 1), "it") is not None
    for text in (b"[" * DEEPEST + b"1" + b"]" * DEEPEST, b" " * (LONGEST + 1)):
        with pytest.raises(glia.FileError):
            parse(text, "it")


def test_a_description_too_long_to_be_read_is_not_written(tmp_path) -> None:
    with pytest.raises(glia.ArgumentError, match="belong into weights"):
        container.write(tmp_path / "m", {"a": "x" * LONGEST}, {})
    assert list(tmp_path.iterdir()) == []
