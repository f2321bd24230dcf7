"""Whatever a study file asks of the chain, its model survives the file and knows new sites."""

from __future__ import annotations

import zipfile

import numpy as np
import pandas as pd
import pytest
from sampled_settings import cohort, sampled

from radpred.config import StudySettings
from radpred.deploy import Bundle, Predictor, load_predictor, write_bundle
from radpred.deploy.bundle import reference_of
from radpred.errors import InputError
from radpred.pipeline.learning.train import fit_every

SETTINGS = sampled()
EACH = pytest.mark.parametrize("design", SETTINGS, ids=lambda one: f"{one.selection}-{one.seed}")


def bundle_of(design, name, data, fitted) -> Bundle:
    """Return a model of a study as a bundle."""
    outcome = {"column": "event", "clinical": ["age", "sex"]}
    study = StudySettings.model_validate({"name": "made", "outcome": outcome, "learning": design})
    reference = reference_of(data.X)
    return Bundle(
        fitted=fitted[name], study=study, modalities=("",), reference=reference, record={}
    )


def fitted_on(design):
    """Return a cohort and the models of a study on it."""
    data = cohort(seed=2, strength=0.8)
    return data, fit_every(
        design.models, data.X, data.y, data.groups, design=design, site=data.site
    )


@EACH
def test_answers_and_explanations_survive_the_file_to_the_last_bit(design, tmp_path):
    data, fitted = fitted_on(design)
    for name in design.models:
        bundle = bundle_of(design, name, data, fitted)
        write_bundle(bundle, tmp_path / "model.radpred")
        before, after = Predictor(bundle), load_predictor(tmp_path / "model.radpred")
        tables = [one.predict(data.X, site=data.site) for one in (before, after)]
        pd.testing.assert_frame_equal(*tables, check_exact=True)
        some = data.X.iloc[:3]
        assert before.explain(some, site=data.site) == after.explain(some, site=data.site)
        with zipfile.ZipFile(tmp_path / "model.radpred") as archive:
            assert not any(b"case_0" in archive.read(one) for one in archive.namelist())


@pytest.fixture(scope="module")
def harmonised():
    """Return the settings, the cohort and a harmonised model."""
    design = next(one for one in SETTINGS if one.harmonise.is_on and "lda" in one.models)
    return design, *fitted_on(design)


def test_a_pooled_case_of_a_new_site_is_flagged_and_counts_as_it_is(harmonised):
    predictor = Predictor(bundle_of(harmonised[0], "lda", harmonised[1], harmonised[2]))
    X, site = (
        harmonised[1].X.iloc[:4],
        pd.Series(["A", "Z", "", "Z"], index=harmonised[1].X.index[:4]),
    )
    table = predictor.predict(X, site=site)
    assert table["unharmonised"].tolist() == [False, True, True, True]
    assert predictor.of_new_sites(X.index, site) == X.index[1:].tolist()
    blind = predictor.predict(X)
    assert np.array_equal(blind["probability"].iloc[1:], table["probability"].iloc[1:])


def test_a_refused_case_of_a_new_site_gets_no_answer(harmonised):
    design, data, fitted = harmonised
    refusing = design.harmonise.model_copy(update={"new_site": "refuse"})
    strict = design.model_copy(update={"harmonise": refusing})
    predictor = Predictor(bundle_of(strict, "lda", data, fitted))
    with pytest.raises(InputError, match="1 of 2 cases come from sites"):
        predictor.predict(data.X.iloc[:2], site=pd.Series(["A", "Z"], index=data.X.index[:2]))


def test_a_site_is_not_learnt_from_new_cases(harmonised):
    predictor = Predictor(bundle_of(harmonised[0], "lda", harmonised[1], harmonised[2]))
    X = harmonised[1].X
    site = pd.Series("Z", index=X.index)
    together = predictor.predict(X, site=site)
    alone = predictor.predict(X.iloc[[5]], site=site)
    pd.testing.assert_frame_equal(together.iloc[[5]], alone, check_exact=True)
