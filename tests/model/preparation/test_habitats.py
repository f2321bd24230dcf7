"""Habitats: found again, the same for everyone, blind to order, honest about what is missing."""

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from radpred.errors import InputError
from radpred.model.preparation import Habitats
from radpred.table.bags import Bag, bag_name, with_column

from .bags import line, planted

METHODS = ["kmeans", "gmm"]


@pytest.mark.parametrize("method", METHODS)
def test_planted_kinds_are_found_again_in_the_order_of_the_first_map(method):
    X, kinds = planted()
    habitats = Habitats(3, method=method).fit(X)
    for case_id, own in kinds.items():
        assert np.array_equal(habitats.kinds(X.loc[case_id, bag_name()]), own + 1)


@pytest.mark.parametrize("method", METHODS)
def test_each_case_gets_the_same_columns_whatever_it_holds(method):
    X, _ = planted()
    habitats = Habitats(3, method=method).fit(X)
    new = with_column(X.iloc[:2].drop(columns=bag_name()), {"c00": line([0.0] * 9)})
    table = habitats.transform(new)
    assert table.columns.tolist() == habitats.get_feature_names_out().tolist()
    row = table.loc["c00"]
    shares = [row[f"habitat_{k}__original_habitat_Fraction"] for k in (1, 2, 3)]
    assert shares == [1.0, 0.0, 0.0]
    assert np.isnan(row["habitat_2__original_habitat_Mean"])


def test_a_case_without_bag_has_no_values():
    X, _ = planted()
    habitats = Habitats(3).fit(X)
    bare = with_column(X.iloc[:2].drop(columns=bag_name()), {})
    table = habitats.transform(bare)
    assert table.filter(like="habitat").isna().all().all()
    assert table["tumour__original_firstorder_Mean"].notna().all()


def test_the_column_of_bags_goes_and_all_else_stays():
    X, _ = planted()
    table = Habitats(2).fit_transform(X)
    assert bag_name() not in table
    pd.testing.assert_series_equal(table.iloc[:, 0], X.iloc[:, 0])


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("scaling", ["cohort", "case"])
def test_neither_the_order_of_cases_nor_that_of_voxels_changes_a_bit(method, scaling, rng):
    X, _ = planted(n_maps=2)
    step = Habitats(3, method=method, maps=("original", "gradient"), scaling=scaling)
    shuffled = X.iloc[rng.permutation(len(X))].copy()
    shuffled[bag_name()] = [mixed(bag, rng) for bag in shuffled[bag_name()]]
    one, other = clone(step).fit(X), clone(step).fit(shuffled)
    for name in ("centres_", "factors_", "weights_", "middle_", "spread_"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name
    names = one.get_feature_names_out()[1:]
    found = one.transform(X)[names]
    again = other.transform(shuffled)[names].loc[found.index]
    np.testing.assert_allclose(found, again, rtol=1e-6)


def mixed(bag, rng):
    """Return a bag with its pieces in another order."""
    place = rng.permutation(len(bag.values))
    back = np.argsort(place)
    each = {n: getattr(bag, n)[place] for n in ("values", "n_voxels", "within_mm2", "surface_mm2")}
    pairs = np.sort(back[bag.pairs], axis=1).astype(np.int32)
    return Bag(**each, pairs=pairs, shared_mm2=bag.shared_mm2, voxel_mm3=bag.voxel_mm3)


def test_every_case_has_the_same_weight_whatever_its_size():
    small = {f"s{i}": line([0.0, 1.0]) for i in range(9)}
    X = with_column(pd.DataFrame(index=[*small, "large"]), {**small, "large": line([9.0] * 5000)})
    habitats = Habitats(2).fit(X)
    assert habitats.middle_[0] == pytest.approx(0.1 * 9 + 0.9 * 0.5)


def test_scaled_by_case_a_scan_in_another_unit_has_the_same_habitats():
    X, _ = planted()
    habitats = Habitats(3, scaling="case").fit(X)
    bag = X[bag_name()].iloc[0]
    other = line(bag.values * 7 - 300)
    assert np.array_equal(habitats.kinds(bag), habitats.kinds(other))


def test_a_map_that_does_not_vary_does_not_spoil_the_others():
    bags = {f"c{i}": line(np.c_[[0.0, 0.1, 5.0, 5.1], [3.0] * 4]) for i in range(4)}
    X = with_column(pd.DataFrame(index=list(bags)), bags)
    habitats = Habitats(2, maps=("original", "gradient")).fit(X)
    assert habitats.kinds(bags["c0"]).tolist() == [1, 1, 2, 2]


def test_fewer_values_than_habitats_are_refused():
    bags = {f"c{i}": line([1.0, 1.0]) for i in range(4)}
    X = with_column(pd.DataFrame(index=list(bags)), bags)
    with pytest.raises(InputError, match="1 different") as caught:
        Habitats(2).fit(X)
    assert caught.value.code == "no_habitats"


def test_a_cohort_without_any_bag_is_refused():
    X = with_column(pd.DataFrame({"f": [1.0, 2.0]}, index=["a", "b"]), {})
    with pytest.raises(InputError, match="none of them") as caught:
        Habitats().fit(X)
    assert caught.value.code == "no_habitats"


def test_a_table_that_was_narrowed_to_other_regions_passes_through():
    X = pd.DataFrame({"tumour__original_firstorder_Mean": [1.0, 2.0]}, index=["a", "b"])
    pd.testing.assert_frame_equal(Habitats().fit_transform(X), X)


def test_a_narrow_copy_makes_only_what_is_wanted_and_can_still_be_mapped():
    X, kinds = planted()
    whole = Habitats(3).fit(X)
    fraction, mean = (f"habitat_2__original_habitat_{f}" for f in ("Fraction", "Mean"))
    narrow = whole.restricted_to([fraction, f"{mean}__missing", "tumour__original_firstorder_Mean"])
    table = narrow.transform(X)
    assert table.columns.tolist() == [X.columns[0], fraction, mean]
    pd.testing.assert_frame_equal(table, whole.transform(X)[table.columns])
    assert narrow.feature_names_in_.tolist() == X.columns.tolist()
    bag = X.loc["c00", bag_name()]
    assert np.array_equal(narrow.kinds(bag), kinds["c00"] + 1)
    assert narrow.numbers(bag) == whole.numbers(bag)


def test_a_narrow_copy_that_needs_no_habitat_needs_no_bag():
    X, _ = planted()
    narrow = Habitats(3).fit(X).restricted_to([X.columns[0]])
    bare = X.drop(columns=bag_name())
    pd.testing.assert_frame_equal(narrow.transform(bare), bare)


def test_fitting_twice_gives_the_same_step():
    X, _ = planted()
    assert joblib.hash(Habitats(3).fit(X)) == joblib.hash(Habitats(3).fit(X))
