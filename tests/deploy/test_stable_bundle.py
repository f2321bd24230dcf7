"""A model that saw only columns that repeat: its bundle holds these, and no measurement."""

import zipfile

import numpy as np
import pandas as pd
import pytest

from radpred.config import StudySettings
from radpred.config.study import StabilitySettings
from radpred.deploy import Bundle, Predictor, load_predictor, write_bundle
from radpred.deploy.bundle import reference_of
from radpred.model import Search, fit_all
from radpred.pipeline.variants.repeats import variants_of

STUDY = {
    "name": "made",
    "outcome": {"column": "event"},
    "perturbation": {"growth_mm": 1},
    "stability": {},
}
N = 60
NAMES = [f"tumour__original_glcm_Feature{i}" for i in range(10)]


@pytest.fixture(scope="module")
def table():
    """Return features and their variants; the first five columns repeat."""
    rng = np.random.default_rng(8)
    y = np.arange(N) % 2
    X = pd.DataFrame(rng.normal(size=(N, 10)), columns=NAMES, index=[f"c{i:02d}" for i in range(N)])
    X[NAMES[0]] += y
    noise = np.repeat([0.05, 3.0], 5)
    parts = [X.assign(kind="given", variant=0)]
    for n in (1, 2, 3):
        moved = X + rng.normal(size=(N, 10)) * noise
        parts.append(moved.assign(kind="perturbation", variant=n))
    return X, y, pd.concat(parts).rename_axis("case_id").reset_index()


@pytest.fixture(scope="module")
def bundle(table):
    """Return a bundle of a model that was fitted on what repeats."""
    X, y, again = table
    search = Search(
        n_inner_folds=2, n_features=(3,), stable=variants_of(again, StabilitySettings()).stable
    )
    fitted = fit_all(["logistic"], X, y, groups=X.index.to_numpy(), search=search)["logistic"]
    study = StudySettings.model_validate(STUDY)
    return Bundle(
        fitted=fitted, study=study, modalities=("",), reference=reference_of(X), record={}
    )


@pytest.fixture(scope="module")
def path(bundle, tmp_path_factory):
    """Return the bundle as a file."""
    path = tmp_path_factory.mktemp("bundle") / "model.radpred"
    write_bundle(bundle, path)
    return path


def test_the_model_kept_only_columns_that_repeat(bundle):
    assert bundle.fitted.n_columns["stability"] == 5
    assert set(bundle.fitted.chain["stability"].kept_) <= set(NAMES[:5])


def test_the_chain_holds_no_measurement(bundle):
    assert bundle.fitted.chain["stability"].repeats is None
    chains = [fold.chain for fold in bundle.fitted.conformal.folds]
    assert all(chain["stability"].repeats is None for chain in chains)


def test_answers_survive_the_file_to_the_last_bit(bundle, path, table):
    before, after = Predictor(bundle).predict(table[0]), load_predictor(path).predict(table[0])
    pd.testing.assert_frame_equal(before, after, check_exact=True)


def test_the_file_knows_how_masks_were_perturbed(path):
    assert load_predictor(path).bundle.study.perturbation.growth_mm == 1


def test_no_member_of_the_file_holds_a_case_s_measurement(path):
    with zipfile.ZipFile(path) as archive:
        assert all(b"Repeats" not in archive.read(name) for name in archive.namelist())


def test_variants_give_a_spread_around_each_risk(path, table):
    X, _, again = table
    variants = again.set_index(["case_id", "kind", "variant"]).drop("given", level="kind")
    found = load_predictor(path).predict(X, variants=variants)
    assert (found["n_variants"] == 3).all()
    assert (found["risk_low"] <= found["risk_high"]).all()
    near = (found["risk_low"] - 0.2 < found["probability"]) & (
        found["probability"] < found["risk_high"] + 0.2
    )
    assert near.all()


def test_a_case_without_variants_has_no_spread(path, table):
    X, _, again = table
    variants = again.set_index(["case_id", "kind", "variant"]).drop("given", level="kind")
    few = variants.drop("c07", level="case_id")
    found = load_predictor(path).predict(X, variants=few)
    assert found.loc["c07", "n_variants"] == 0
    assert found.loc["c07", ["risk_low", "risk_high"]].isna().all()


def test_no_variants_at_all_are_no_error(path, table):
    index = pd.MultiIndex.from_tuples([], names=["case_id", "kind", "variant"])
    found = load_predictor(path).predict(table[0], variants=pd.DataFrame(index=index))
    assert (found["n_variants"] == 0).all()


def test_without_variants_the_answers_have_no_such_column(path, table):
    assert "risk_low" not in load_predictor(path).predict(table[0])
