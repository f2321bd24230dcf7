"""ComBat's estimates are those of its authors' program."""

import importlib
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from radpred.model.labels import CaseLabels
from radpred.model.preparation.harmonise import Combat, LocationScale
from radpred.model.preparation.site_effects import shrunk, site_effects

SITES = ["Aarhus", "Brno", "Cork"]


@pytest.fixture
def shifted(rng):
    """Return 90 rows of 40 columns from three sites, with an age that moves the columns."""
    n, p = 90, 40
    place = rng.permutation(np.repeat([0, 1, 2], [20, 30, 40]))
    age = rng.integers(40, 80, n).astype(float)  # whole: neuroCombat halves their precision
    grade = rng.choice(["high", "low", "middle"], n)
    values = rng.normal(size=(n, p)) * (1 + 0.5 * place[:, None]) * rng.uniform(0.5, 20, p)
    values += place[:, None] * rng.normal(1.5, 1, p) + 0.05 * age[:, None]
    values += 2.0 * (grade == "high")[:, None]
    index = [f"case_{i:02d}" for i in range(n)]
    X = pd.DataFrame(values, index=index, columns=[f"f{i}" for i in range(p)])
    X["clinical__age"] = age
    for word in ("high", "low", "middle"):
        X[f"clinical__grade={word}"] = (grade == word).astype(float)
    sites = CaseLabels(dict(zip(index, np.array(SITES)[place], strict=True)))
    return SimpleNamespace(X=X, place=place, age=age, grade=grade, sites=sites)


def theirs(made, monkeypatch, *, covariates=(), reference=None, **options):
    """Return what neuroCombat makes of the 40 columns, its iteration run to the end."""
    pytest.importorskip("neuroCombat")
    module = importlib.import_module("neuroCombat.neuroCombat")
    monkeypatch.setattr(np, "int", int, raising=False)  # it was written for NumPy 1.19
    monkeypatch.setattr(module.it_sol, "__defaults__", (1e-12,))
    covars = pd.DataFrame({"site": np.array(SITES)[made.place]})
    covars["age"], covars["grade"] = made.age, made.grade
    done = module.neuroCombat(
        dat=made.X.to_numpy()[:, :40].T,
        covars=covars[["site", *covariates]],
        batch_col="site",
        categorical_cols=["grade"] if "grade" in covariates else None,
        continuous_cols=["age"] if "age" in covariates else None,
        ref_batch=reference,
        **options,
    )
    return done["data"].T


@pytest.mark.parametrize("covariates", [(), ("age",), ("age", "grade")])
@pytest.mark.parametrize("reference", [None, "Brno"])
@pytest.mark.parametrize(("kind", "eb"), [(Combat, True), (LocationScale, False)])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_it_equals_neurocombat(shifted, monkeypatch, kind, eb, reference, covariates):
    expected = theirs(shifted, monkeypatch, covariates=covariates, reference=reference, eb=eb)
    names = [f"clinical__{name}" for name in covariates]
    ours = kind(shifted.sites, covariates=names, reference=reference).fit_transform(shifted.X)
    np.testing.assert_allclose(ours.to_numpy()[:, :40], expected, rtol=0, atol=1e-8)


def test_slopes_are_those_of_one_regression_on_sites_and_covariates(shifted, rng):
    values, covariates = shifted.X.to_numpy()[:, :5], rng.normal(size=(90, 2))
    design = np.concatenate([np.eye(3)[shifted.place], covariates], axis=1)
    expected = np.linalg.lstsq(design, values, rcond=None)[0][3:]
    slopes = site_effects(values, shifted.place, covariates).slopes
    np.testing.assert_allclose(slopes, expected, rtol=0, atol=1e-10)


def test_a_constant_covariate_has_no_slope(shifted):
    effects = site_effects(shifted.X.to_numpy()[:, :5], shifted.place, np.full((90, 1), 63.7))
    assert not effects.slopes.any()


def test_shrunk_estimates_lie_between_their_own_and_the_common_one(shifted):
    own = site_effects(shifted.X.to_numpy()[:, :40], shifted.place, np.empty((90, 0)))
    common = own.shift.mean(axis=1, keepdims=True)
    drawn = shrunk(own).shift
    assert (np.abs(drawn - common) < np.abs(own.shift - common)).all()


def test_one_column_has_no_others_to_be_drawn_to(shifted):
    own = site_effects(shifted.X.to_numpy()[:, :1], shifted.place, np.empty((90, 0)))
    assert np.array_equal(shrunk(own).variance, own.variance)
