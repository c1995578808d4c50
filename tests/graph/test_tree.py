"""Trees: taken apart in order and put together again."""

from collections import namedtuple

import pytest

from glia.graph import flatten, map_tree

Point = namedtuple("Point", "x y")


@pytest.mark.parametrize(
    ("tree", "leaves"),
    [
        (1, [1]),
        (None, []),
        ((), []),
        ([1, (2, None), {"b": 3, "a": [4]}], [1, 2, 3, 4]),
        (Point(1, [2, 3]), [1, 2, 3]),
    ],
)
def test_flatten_and_rebuild(tree, leaves):
    found, rebuild = flatten(tree)
    assert found == leaves
    again = rebuild([10 * leaf for leaf in leaves])
    assert type(again) is type(map_tree(lambda leaf: 10 * leaf, tree))
    assert again == map_tree(lambda leaf: 10 * leaf, tree)


def test_the_kinds_of_nesting_are_kept():
    again = map_tree(str, [Point(1, (2,)), {"a": None}])
    assert again == [Point("1", ("2",)), {"a": None}]
    assert isinstance(again[0], Point)
