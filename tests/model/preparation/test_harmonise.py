"""Sites' effects go; new sites, small ones, clinical columns and single cases are seen to."""

from types import SimpleNamespace

import joblib
import numpy as np
import pandas as pd
import pytest
import sklearn
import skops.io
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from radpred.errors import InputError, LeakageError, SettingsError
from radpred.model.labels import CaseLabels
from radpred.model.preparation import Impute, Standardise
from radpred.model.preparation.harmonise import Combat, LocationScale, at_sites, unharmonised

KINDS = pytest.mark.parametrize("kind", [Combat, LocationScale])


def made(rng, *, per_site=(30, 30, 30), p=12):
    """Return shifted and stretched features of several sites, with an age and a flag."""
    place = rng.permutation(np.repeat(np.arange(len(per_site)), per_site))
    n = len(place)
    values = rng.normal(size=(n, p)) * (1 + place[:, None]) + 3.0 * place[:, None]
    index = [f"case_{i:03d}" for i in range(n)]
    X = pd.DataFrame(values, index=index, columns=[f"tumour__original_glcm_F{i}" for i in range(p)])
    X["clinical__age"] = rng.normal(60, 9, n) + 10 * place
    X["tumour__original_glcm_F0__missing"] = (rng.random(n) < 0.3).astype(float)
    site = np.array(["north", "south", "west", "isle"], dtype=object)[place]
    sites = CaseLabels(dict(zip(index, site, strict=True)))
    return SimpleNamespace(X=X, site=site, sites=sites, y=rng.integers(0, 2, n))


@pytest.fixture
def cohort(rng):
    """Return 90 cases of three sites."""
    return made(rng)


def spread_between_sites(table, site):
    """Return how far apart the sites' means lie, and the logarithms of their spreads."""
    by_site = table.iloc[:, :12].groupby(site)
    return np.ptp(by_site.mean(), axis=0).max(), np.ptp(np.log(by_site.std()), axis=0).max()


def test_location_and_scale_leave_sites_one_mean_and_one_spread(cohort):
    out = LocationScale(cohort.sites).fit_transform(cohort.X)
    assert max(spread_between_sites(out, cohort.site)) < 1e-12


def test_combat_leaves_sites_nearly_one_mean_and_spread(cohort):
    before = spread_between_sites(cohort.X, cohort.site)
    after = spread_between_sites(Combat(cohort.sites).fit_transform(cohort.X), cohort.site)
    assert after[0] < before[0] / 10
    assert after[1] < before[1] / 3


@KINDS
def test_clinical_columns_and_flags_stay_as_they_are(cohort, kind):
    out = kind(cohort.sites).fit_transform(cohort.X)
    pd.testing.assert_frame_equal(out.iloc[:, 12:], cohort.X.iloc[:, 12:])
    assert out.columns.tolist() == cohort.X.columns.tolist()


@KINDS
def test_the_reference_stays_to_the_last_bit(cohort, kind):
    out = kind(cohort.sites, reference="south").fit_transform(cohort.X)
    is_south = cohort.site == "south"
    pd.testing.assert_frame_equal(out[is_south], cohort.X[is_south], check_exact=True)
    assert not np.isclose(out[~is_south].iloc[:, :12], cohort.X[~is_south].iloc[:, :12]).any()


@KINDS
@pytest.mark.parametrize("covariates", [(), ("clinical__age",)])
def test_one_case_at_a_time_gives_the_answers_of_all_at_once(cohort, kind, covariates):
    step = kind(cohort.sites, covariates=covariates, new_site="pooled").fit(cohort.X)
    together = step.transform(cohort.X)
    alone = pd.concat([step.transform(cohort.X.iloc[[i]]) for i in range(90)])
    pd.testing.assert_frame_equal(alone, together, check_exact=True)


@KINDS
def test_a_new_site_is_refused_by_default(cohort, kind):
    step = kind().fit(cohort.X, site=cohort.site)
    with pytest.raises(
        InputError, match=r"1 of 1 rows come from moon.*new_site='pooled'"
    ) as raised:
        step.transform(cohort.X.iloc[[0]], site=["moon"])
    assert raised.value.code == "new_site"


@KINDS
@pytest.mark.parametrize("word", ["moon", "", None])
def test_a_new_site_may_be_left_as_it_is_and_is_told(cohort, kind, word):
    step = kind(new_site="pooled").fit(cohort.X, site=cohort.site)
    one = cohort.X.iloc[[0]]
    assert step.is_new(one.index, site=[word]).tolist() == [True]
    pd.testing.assert_frame_equal(step.transform(one, site=[word]), one, check_exact=True)


@KINDS
def test_a_new_site_teaches_nothing_when_it_comes(cohort, kind):
    step = kind(new_site="pooled").fit(cohort.X, site=cohort.site)
    before = joblib.hash(step)
    step.transform(cohort.X + 100, site=["moon"] * 90)
    assert joblib.hash(step) == before


@KINDS
def test_a_small_site_counts_as_new(rng, kind):
    cohort = made(rng, per_site=(30, 30, 2))
    with pytest.raises(
        InputError, match="2 of 62 rows come from west, and a site is learnt from 3"
    ):
        kind(cohort.sites).fit(cohort.X)
    step = kind(cohort.sites, new_site="pooled").fit(cohort.X)
    assert (step.known_, step.n_small_) == (["north", "south"], {"west": 2})
    is_west = cohort.site == "west"
    out = step.transform(cohort.X)
    pd.testing.assert_frame_equal(out[is_west], cohort.X[is_west], check_exact=True)
    rest = kind(cohort.sites).fit(cohort.X[~is_west])
    assert joblib.hash(rest.effects_) == joblib.hash(step.effects_)


@KINDS
def test_an_only_site_stays_as_it_is(cohort, kind):
    out = kind().fit_transform(cohort.X, site=["here"] * 90)
    pd.testing.assert_frame_equal(out, cohort.X, check_exact=True)


def test_a_reference_that_is_not_learnt_is_refused(cohort):
    with pytest.raises(InputError, match=r"'moon' is none of those .* north, south, west"):
        Combat(cohort.sites, reference="moon").fit(cohort.X)


def test_an_unknown_policy_is_refused(cohort):
    with pytest.raises(SettingsError, match="refuse or pooled"):
        Combat(cohort.sites, new_site="refit").fit(cohort.X)


def test_gaps_are_refused(cohort):
    cohort.X.iloc[3, 2] = np.nan
    with pytest.raises(InputError, match=r"1 values are missing, first in .*F2.*; impute"):
        Combat(cohort.sites).fit(cohort.X)


@KINDS
def test_a_constant_column_stays_constant(cohort, kind):
    cohort.X["tumour__original_glcm_F3"] = 0.1
    out = kind(cohort.sites).fit_transform(cohort.X)
    assert (out["tumour__original_glcm_F3"] == 0.1).all()


@KINDS
def test_a_column_that_only_says_the_site_says_nothing_afterwards(cohort, kind):
    codes = {"north": 1.1, "south": 2.2, "west": 7.3}
    cohort.X["tumour__original_glcm_F3"] = [codes[site] for site in cohort.site]
    out = kind(cohort.sites).fit_transform(cohort.X)["tumour__original_glcm_F3"]
    assert np.ptp(out) < 1e-12


@KINDS
def test_a_column_that_one_site_repeats_stays_finite(cohort, kind):
    cohort.X.loc[cohort.site == "west", "tumour__original_glcm_F3"] = 5.0
    assert np.isfinite(kind(cohort.sites).fit_transform(cohort.X)).all(axis=None)


@KINDS
def test_the_effect_of_a_covariate_stays(rng, kind):
    cohort = made(rng, per_site=(40, 40))
    age = cohort.X["clinical__age"]
    cohort.X["tumour__original_glcm_F5"] += 0.8 * age
    kept = kind(cohort.sites, covariates=["clinical__age"]).fit_transform(cohort.X)
    lost = kind(cohort.sites).fit_transform(cohort.X)
    slopes = [np.polyfit(age, out["tumour__original_glcm_F5"], 1)[0] for out in (kept, lost)]
    assert abs(slopes[0] - 0.8) < 0.05 < 0.8 - slopes[1]


@KINDS
def test_a_table_without_measurements_passes_through(cohort, kind):
    clinical = cohort.X[["clinical__age"]]
    out = kind(cohort.sites, covariates=["clinical__age"]).fit_transform(clinical)
    pd.testing.assert_frame_equal(out, clinical, check_exact=True)


def test_the_outcome_as_a_covariate_is_refused(cohort):
    cohort.X["clinical__response"] = cohort.y.astype(float)
    with pytest.raises(LeakageError, match="is the outcome"):
        Combat(cohort.sites, covariates=["clinical__response"]).fit(cohort.X, cohort.y)


def test_the_outcome_decides_nothing(cohort):
    fits = [Combat(cohort.sites).fit(cohort.X, y) for y in (cohort.y, 1 - cohort.y, None)]
    assert len({joblib.hash(step) for step in fits}) == 1


@KINDS
def test_the_step_can_be_cloned_with_its_sites(cohort, kind):
    step = kind(cohort.sites, covariates=("clinical__age",), reference="west")
    assert clone(step).get_params() == step.get_params()
    assert clone(step).fit(cohort.X).get_feature_names_out().tolist() == cohort.X.columns.tolist()


def test_set_output_is_heard(cohort):
    step = Combat(cohort.sites).set_output(transform="pandas")
    assert isinstance(step.fit_transform(cohort.X), pd.DataFrame)


def test_sites_are_routed_through_a_chain(cohort):
    by_case = Pipeline(
        [("impute", Impute()), ("site", Combat(cohort.sites)), ("scale", Standardise())]
    )
    expected = by_case.fit(cohort.X).transform(cohort.X)
    with sklearn.config_context(enable_metadata_routing=True):
        step = Combat().set_fit_request(site=True).set_transform_request(site=True)
        routed = Pipeline([("impute", Impute()), ("site", step), ("scale", Standardise())])
        out = routed.fit(cohort.X, site=cohort.site).transform(cohort.X, site=cohort.site)
    pd.testing.assert_frame_equal(out, expected, check_exact=True)


@KINDS
def test_a_narrow_copy_gives_the_same_values(cohort, kind):
    step = kind(cohort.sites, covariates=["clinical__age"]).fit(cohort.X)
    names = ["tumour__original_glcm_F7", "tumour__original_glcm_F2"]
    narrow = step.restricted_to(names)
    assert narrow.feature_names_in_.tolist() == [*names, "clinical__age"]
    out = narrow.transform(cohort.X)
    pd.testing.assert_frame_equal(out, step.transform(cohort.X)[names], check_exact=True)


def fitted_chain(cohort):
    """Return a chain with a harmonising step and a model."""
    step = Combat(cohort.sites, new_site="pooled")
    steps = [("site", step), ("scale", Standardise()), ("model", LogisticRegression())]
    return Pipeline(steps).fit(cohort.X, cohort.y)


def test_a_fitted_chain_can_be_told_the_sites_of_new_cases(cohort):
    chain = fitted_chain(cohort)
    new = cohort.X.set_axis([f"new_{i}" for i in range(90)])
    assert unharmonised(chain, new.index) == new.index.tolist()
    told = at_sites(chain, CaseLabels(dict(zip(new.index, cohort.site, strict=True))))
    assert unharmonised(told, new.index) == []
    assert np.array_equal(told.predict_proba(new), chain.predict_proba(cohort.X))


def test_a_chain_without_sites_is_stored_without_cases_and_read_back(cohort):
    data = skops.io.dumps(at_sites(fitted_chain(cohort), None))
    assert b"case_001" not in data
    again = skops.io.loads(data, trusted=skops.io.get_untrusted_types(data=data))
    told = at_sites(again, cohort.sites)
    assert np.array_equal(
        told.predict_proba(cohort.X), fitted_chain(cohort).predict_proba(cohort.X)
    )
