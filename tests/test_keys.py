"""Keys of columns: rows with the same code have the same value, whatever the number of columns packed together."""

from __future__ import annotations

import numpy as np
import pytest

from fluxrules.engines.numpy.columns import Column, Key, dense, key_of, pack


def same(key: Key, *columns: np.ndarray) -> None:
    """Codes are equal exactly where all columns are."""
    assert key.codes.max(initial=0) < key.size
    values = list(zip(*(c.tolist() for c in columns), strict=True))
    seen: dict[object, int] = {}
    for value, code in zip(values, key.codes.tolist(), strict=True):
        assert seen.setdefault(value, code) == code
    assert len(set(seen.values())) == len(seen)


@pytest.mark.parametrize("sizes", [(3, 4), (5000, 5000, 5000), (70_000, 70_000, 3)])
def test_packed_keys_part_what_their_columns_part(sizes: tuple[int, ...]) -> None:
    draw = np.random.default_rng(1)
    columns = [draw.integers(0, size, 2000).astype(np.uint32) for size in sizes]
    same(pack([Key(c, size) for c, size in zip(columns, sizes, strict=True)]), *columns)


def test_dense_codes_are_few() -> None:
    values = np.array([7, 2**40, 7, 3], dtype=np.uint64)
    assert dense(values).codes.tolist() == [1, 2, 1, 0] and dense(values).size == 3


@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.int32, np.int64])
def test_a_column_of_numbers(dtype: type) -> None:
    values, known = np.array([-5, 0, 100, -5], dtype=dtype), np.array([True, True, True, False])
    key = key_of(Column(values, known))
    assert key is not None and key.codes[3] == 0 and len(set(key.codes.tolist())) == 4


def test_too_wide_a_column_has_no_key() -> None:
    assert key_of(Column(np.array([0, 10**7], dtype=np.int64))) is None
