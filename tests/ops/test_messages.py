"""What operations say about shapes, axes and indices that do not fit: got, expected, fix."""

import numpy as np
import pytest

from glia import errors, ops
from glia.function import function

pytestmark = pytest.mark.usefixtures("reference_engine")


x, w = np.ones((3, 4), np.float32), np.ones((5, 2), np.float32)
image, kernel = np.ones((1, 5, 5, 3), np.float32), np.ones((3, 3, 3, 2), np.float32)
shape, argument, dtype = errors.ShapeError, errors.ArgumentError, errors.DtypeError

WRONG = [
    (lambda x: x + np.ones(3), shape, r"add: shapes \(3, 4\) and \(3,\) do not broadcast.*Reshape"),
    (lambda x: ops.where(x > 0, x, np.ones(2)), shape, r"where: shapes .*\(2,\)"),
    (lambda x: x @ w, shape, r"matmul: \(3, 4\) @ \(5, 2\).*last axis.*4.*second.*5"),
    (lambda x: ops.matmul(x, 2.0), shape, "scalars have no axis to sum"),
    (lambda x: ops.contract(x, w, "bi,io->bo"), shape, r"'i' has size 4 in \(3, 4\) and 5 in"),
    (lambda x: ops.contract(x, w, "b,bo->bo"), shape, r"'b' does not name the axes of \(3, 4\)"),
    (lambda x: ops.contract(x, w, "bi,jo->bo"), argument, "stands in one place only"),
    (lambda x: ops.contract(x, w, "bb,bo->bo"), argument, "stands twice in 'bb'"),
    (lambda x: ops.contract(x, w, "bi io bo"), argument, r"expected the form 'bi,io->bo'"),
    (lambda x: ops.reshape(x, (5, 2)), shape, r"\(3, 4\) has 12 elements.*\(5, 2\)"),
    (lambda x: ops.reshape(x, (-1, -1)), shape, "12 elements"),
    (lambda x: ops.reshape(x, (-3, -4)), shape, "12 elements"),
    (lambda x: ops.reshape(x, (-1, 5)), shape, "12 elements"),
    (lambda x: ops.broadcast_to(x, (4, 3)), shape, r"\(3, 4\) does not reach \(4, 3\)"),
    (lambda x: ops.broadcast_to(x, (4,)), shape, r"does not reach \(4,\)"),
    (lambda x: ops.broadcast_to(x, (-1, 3, 4)), shape, "sizes cannot be negative"),
    (lambda x: ops.zeros((2.5,)) + x, shape, "expected whole numbers"),
    (lambda x: x + ops.iota(-4), shape, "cannot be negative"),
    (lambda x: ops.transpose(x, (0, 0)), shape, "not a permutation of 2 axes"),
    (lambda x: ops.transpose(x, (2, 1)), shape, r"axis 2 for 2 axes; expected -2\.\.1"),
    (lambda x: ops.flip(x, 2), shape, r"flip: got axis 2 for 2 axes"),
    (lambda x: ops.sum(x, 2), shape, r"sum: got axis 2 for a value of shape \(3, 4\)"),
    (lambda x: ops.max(x, (0, -2)), argument, "names an axis twice"),
    (lambda x: ops.expand_dims(x, 4), shape, "expand_dims: got axis 4"),
    (lambda x: ops.squeeze(x, 0), shape, "axis 0.* has size 3, expected 1"),
    (lambda x: ops.squeeze(x, 5), shape, "squeeze: got axis 5"),
    (lambda x: ops.concatenate([]), shape, "got no values, expected at least one"),
    (lambda x: ops.stack([]), shape, "got no values"),
    (lambda x: ops.concatenate([x, w]), shape, r"\[\(3, 4\), \(5, 2\)\].*equal sizes"),
    (lambda x: ops.concatenate([x, w[0]]), shape, "as many axes"),
    (lambda x: ops.concatenate([x[0, 0], 1.0]), shape, "axis 0 for 0 axes"),
    (lambda x: ops.split(x, (2, 2), 0), shape, r"add up to 4, but axis 0 of \(3, 4\) has 3"),
    (lambda x: ops.split(x, (4, -1), 0), shape, "split: sizes"),
    (lambda x: ops.pad(x, [(1, 1)]), shape, r"pad: got \[\(1, 1\)\] for shape \(3, 4\)"),
    (lambda x: ops.pad(x, [(0, 0), (-1, 0)]), shape, ">= 0"),
    (lambda x: ops.gather(x, np.ones(2)), dtype, "got float64 indices, expected integers"),
    (lambda x: ops.gather(x, np.ones((2, 2), int), 1), shape, "batch_axes=1"),
    (lambda x: ops.gather(x[0, 0], np.array([0])), shape, "one more axis must follow"),
    (lambda x: ops.scatter_add(np.arange(2), x, 5), shape, r"must begin with.*\(2,\)"),
    (lambda x: x[5], errors.IndexingError, r"index 5 is outside axis 0 of size 3 of \(3, 4\)"),
    (lambda x: x[0, -5], errors.IndexingError, "index -5 is outside axis 1"),
    (lambda x: x[0, 0, 0], shape, r"3 indices for a value of shape \(3, 4\)"),
    (lambda x: x[1.5], errors.TraceError, "got 1.5.*integers, slices"),
    (lambda x: x[True], errors.TraceError, "got True"),
    (lambda x: x["a"], errors.TraceError, "got 'a'"),
    (lambda x: x[..., 0, ...], errors.TraceError, "one Ellipsis"),
    (lambda x: x[np.ones((3, 4), bool)], errors.TraceError, r"bool indices.*ops\.where"),
    (lambda x: x[x > 0], errors.TraceError, r"bool indices.*ops\.where"),
    (lambda x: x[0, np.array([1])], errors.TraceError, "one array of integers alone"),
    (lambda x: x[0] @ image, shape, "matmul"),
    (lambda x: ops.convolve(x, kernel), shape, r"input \(3, 4\) and kernel \(3, 3, 3, 2\)"),
    (lambda x: x[0, 0] * ops.convolve(image, kernel[:, :, :2]), shape, "3 channels.*takes 2"),
    (lambda x: x[0, 0] * ops.convolve(image[:, :2], kernel), shape, "does not fit.*pad it"),
    (lambda x: x[0, 0] * ops.convolve(image, kernel, 0), argument, "strides=0.*>= 1"),
    (lambda x: ops.max_pool(x, (2, 2), 2), shape, r"max_pool: got \(3, 4\)"),
    (lambda x: x[0, 0] * ops.max_pool(image, (6, 6), 2)[0], shape, "max_pool: a kernel of"),
    (lambda x: x[0, 0] * ops.average_pool(image, (2, 2, 2), 2), argument, "kernel="),
    (
        lambda x: x[0, 0] * ops.transposed_convolve(image, kernel, (7, 7)),
        shape,
        r"gives \(5, 5, 2\), but the input is \(1, 5, 5, 3\)",
    ),
]


@pytest.mark.parametrize(("call", "kind", "message"), WRONG)
def test_what_is_wrong_is_said_before_anything_runs(call, kind, message):
    with pytest.raises(kind, match=f"(?s){message}"):
        function(call).trace(x)


@pytest.mark.parametrize("indices", [[0, 3], [-1], [2**31 - 1]])
def test_gather_and_scatter_refuse_indices_out_of_range_when_run(indices):
    wrong = np.array(indices)
    worst = min(indices) if min(indices) < 0 else max(indices)
    with pytest.raises(errors.DataError, match=rf"the index {worst} is outside 0\.\.2"):
        function(ops.gather)(x, wrong)
    with pytest.raises(errors.DataError, match=rf"the index {worst} is outside 0\.\.2"):
        function(lambda i: ops.scatter_add(i, np.ones(len(indices)), 3))(wrong)
    with pytest.raises(errors.DataError, match=rf"the index {worst} is outside 0\.\.2"):
        ops.gather(x, wrong)


def test_a_symbol_may_be_larger_than_memory():
    traced = function(lambda x: ops.sum(x + ops.zeros((10**6, 10**7, 1)))).trace(x[0])
    assert traced.plan.bytes > 10**13


def test_every_error_is_a_glia_error_and_a_builtin():
    for name in errors.__all__:
        kind = getattr(errors, name)
        if isinstance(kind, type) and kind is not errors.GliaError:
            assert issubclass(kind, errors.GliaError)
            assert len(kind.__mro__) > 4, f"{name} derives from no builtin of its own"


def test_an_unknown_name_suggests_the_nearest():
    error = errors.unknown_name("optimizer", "adm", ["adam", "sgd"])
    assert "unknown optimizer 'adm'. Did you mean 'adam'? Known names: adam, sgd" in str(error)
    assert "Did you mean" not in str(errors.unknown_name("loss", "zzzzz", ["mse"]))
