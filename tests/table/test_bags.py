"""Bags as values of a table: kept to the last bit, by name."""

import numpy as np
import pandas as pd
import pytest

from radpred.table.bags import Bag, bag_name, bags_frame, is_bag, with_bags, with_column
from radpred.table.store import read_table, write_table

ARRAYS = ("values", "n_voxels", "pairs", "shared_mm2", "within_mm2", "surface_mm2")


def bag(n=5, n_maps=2, seed=0):
    """Return a bag of a line of pieces."""
    rng = np.random.default_rng(seed)
    return Bag(
        values=rng.normal(size=(n, n_maps)).astype(np.float32),
        n_voxels=rng.integers(1, 9, n).astype(np.int32),
        pairs=np.stack([np.arange(n - 1), np.arange(1, n)], axis=1).astype(np.int32),
        shared_mm2=rng.random(n - 1).astype(np.float32),
        within_mm2=rng.random(n).astype(np.float32),
        surface_mm2=rng.random(n).astype(np.float32),
        voxel_mm3=1.7,
    )


def assert_equal(one, other):
    assert one.voxel_mm3 == other.voxel_mm3
    for name in ARRAYS:
        a, b = getattr(one, name), getattr(other, name)
        assert a.dtype == b.dtype
        assert np.array_equal(a, b)


@pytest.mark.parametrize("n", [1, 5])
def test_a_bag_survives_json(n):
    assert_equal(Bag.from_plain(bag(n).plain()), bag(n))


def test_bags_survive_parquet(tmp_path):
    given = {"a": bag(5), "b": bag(1), "c": bag(9, seed=3)}
    write_table(bags_frame(given, modality="pet"), tmp_path / "bags.parquet", metadata={})
    X = pd.DataFrame({"f": [1.0, 2.0, 3.0, 4.0]}, index=["c", "none", "a", "b"])
    joined = with_bags(X, read_table(tmp_path / "bags.parquet")[0])
    column = joined[bag_name("pet")]
    assert column["none"] is None
    for case_id, one in given.items():
        assert_equal(column[case_id], one)


def test_a_table_of_no_bags_leaves_every_case_without(tmp_path):
    write_table(bags_frame({}), tmp_path / "bags.parquet", metadata={})
    X = pd.DataFrame({"f": [1.0]}, index=["a"])
    assert with_bags(X, read_table(tmp_path / "bags.parquet")[0])[bag_name()].isna().all()


def test_columns_of_bags_are_known_by_name():
    X = with_column(pd.DataFrame({"age": [1.0]}, index=["a"]), {"a": bag()})
    assert [is_bag(name) for name in X.columns] == [False, True]
    assert not is_bag("habitat_1__original_habitat_Fraction")
