"""Each family becomes its principal components."""

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.base import clone
from sklearn.decomposition import PCA

from radpred.errors import SettingsError
from radpred.model.preparation.components import Components
from radpred.table.columns import group_of, parse_name


@pytest.fixture
def table(rng):
    """Return two families of two regions, an age and a flag."""
    n = 50
    names = [
        f"{region}__original_{family}_F{i}"
        for region in ("tumour", "ring_0_8mm")
        for family in ("glcm", "shape")
        for i in range(9)
    ]
    values = rng.normal(size=(n, 5)) @ rng.normal(size=(5, 36)) + 0.3 * rng.normal(size=(n, 36))
    X = pd.DataFrame(values, columns=names, index=[f"case_{i}" for i in range(n)])
    X["clinical__age"] = rng.normal(size=n)
    X["tumour__original_glcm_F1__missing"] = 0.0
    return X


@pytest.mark.parametrize("family", ["glcm", "shape"])
def test_components_are_those_of_scikit_learn_up_to_sign(table, family):
    own = table[[c for c in table if f"_{family}_F" in c and not c.endswith("missing")]]
    theirs = PCA(0.9, svd_solver="full").fit(own)
    out = Components(share=0.9).fit_transform(table).filter(like=f"_{family}_PC").to_numpy()
    np.testing.assert_allclose(np.abs(out), np.abs(theirs.transform(own)), atol=1e-10)


def test_the_fewest_components_explain_the_share(table):
    found = Components(share=0.8).fit(table).found_
    shares = [one.share for one in found if "_glcm_" in one.name]
    assert sum(shares) >= 0.8 > sum(shares[:-1])


def test_names_can_be_read_and_say_the_family(table):
    names = Components().fit(table).get_feature_names_out()
    assert names[0] == "all__all_glcm_PC1"
    assert {group_of(name, by="family") for name in names} == {"glcm", "shape", "clinical"}
    assert all(parse_name(name).name == name for name in names)


def test_groups_may_be_told_apart_by_region_too(table):
    names = Components(by=("region", "family")).fit(table).get_feature_names_out().tolist()
    assert {"tumour__all_glcm_PC1", "ring_0_8mm__all_shape_PC1"} <= set(names)


def test_clinical_columns_and_flags_pass_through(table):
    out = Components(n_features=1).fit_transform(table)
    pd.testing.assert_frame_equal(out.iloc[:, 1:], table.iloc[:, -2:])


def test_those_that_explain_most_stay(table):
    step = Components(n_features=3).fit(table)
    variances = [one.variance for one in step.found_]
    assert sorted(one.variance for one in step.components_) == sorted(variances)[-3:]


def test_a_narrowed_step_is_the_one_fitted_with_fewer(table):
    narrow, few = Components(5).fit(table).narrowed(2), Components(2).fit(table)
    pd.testing.assert_frame_equal(narrow.transform(table), few.transform(table), check_exact=True)
    assert narrow.get_params() == few.get_params()


def test_one_case_at_a_time_gives_the_answers_of_all_at_once(table):
    step = Components().fit(table)
    alone = pd.concat([step.transform(table.iloc[[i]]) for i in range(len(table))])
    pd.testing.assert_frame_equal(alone, step.transform(table), check_exact=True)


def test_the_layout_of_the_table_does_not_matter(table, rng):
    step = Components().fit(table)
    shuffled = table[rng.permutation(table.columns)]
    pd.testing.assert_frame_equal(step.transform(shuffled), step.transform(table), check_exact=True)


def test_the_sign_is_that_of_the_largest_loading(table):
    for one in Components().fit(table).found_:
        assert one.loading[np.argmax(np.abs(one.loading))] > 0


def test_a_narrow_copy_gives_the_same_values_and_takes_what_they_need(table):
    step = Components().fit(table)
    narrow = step.restricted_to(["all__all_shape_PC1", "clinical__age"])
    assert all("shape" in name or name == "clinical__age" for name in narrow.feature_names_in_)
    expected = step.transform(table)[["all__all_shape_PC1", "clinical__age"]]
    pd.testing.assert_frame_equal(
        narrow.transform(table[narrow.feature_names_in_]), expected, check_exact=True
    )


def test_a_family_that_does_not_vary_has_no_component(table):
    table.loc[:, table.columns.str.contains("shape")] = 1.0
    assert not Components().fit_transform(table).columns.str.contains("shape").any()


def test_it_can_be_cloned_stored_and_read_back(table):
    step = clone(Components(4, share=0.8)).fit(table)
    data = skops.io.dumps(step)
    again = skops.io.loads(data, trusted=skops.io.get_untrusted_types(data=data))
    pd.testing.assert_frame_equal(again.transform(table), step.transform(table), check_exact=True)


@pytest.mark.parametrize("options", [{"share": 0}, {"share": 1.1}, {"by": ("organ",)}, {"by": ()}])
def test_settings_that_mean_nothing_are_refused(table, options):
    with pytest.raises(SettingsError, match="family, image, region, modality"):
        Components(**options).fit(table)
