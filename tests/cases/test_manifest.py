"""A model refuses columns that other settings made (case 38)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from radpred.config import StudySettings, extraction_settings
from radpred.deploy import Bundle, Predictor
from radpred.deploy.bundle import reference_of
from radpred.errors import BundleError
from radpred.model import Search, fit_all
from radpred.pipeline.measuring.extract import column_names

FILTER = {"kind": "laplacian_of_gaussian"}


def table(rng, **given):
    """Return noise with the columns of first-order features by these filter settings."""
    settings = extraction_settings(
        {"families": ["firstorder"], "filters": [{"kind": "original"}, {**FILTER, **given}]}
    )
    columns = list(column_names(settings, ["tumour"]))
    index = pd.Index([f"c{i}" for i in range(40)], name="case_id")
    return pd.DataFrame(rng.normal(size=(40, len(columns))), columns=columns, index=index)


@pytest.fixture
def predictor(rng):
    """Return a model of the columns that default settings make."""
    X, y = table(rng), np.arange(40) % 2
    groups = np.array([f"p{i}" for i in range(40)])
    search = Search(n_inner_folds=3, n_features=(4,))
    study = {"name": "made", "outcome": {"column": "event"}}
    return Predictor(
        Bundle(
            fitted=fit_all(("elastic_net",), X, y, groups=groups, search=search)["elastic_net"],
            study=StudySettings.model_validate(study),
            modalities=("",),
            reference=reference_of(X),
            record={},
        )
    )


def test_columns_of_the_same_settings_are_answered(predictor, rng):
    assert len(predictor.predict(table(rng))) == 40


def test_columns_of_one_altered_default_are_refused_by_number(predictor, rng):
    with pytest.raises(BundleError, match=r"18 missing.*18 unknown"):
        predictor.predict(table(rng, sigma_mm=[1.0, 3.0, 4.0]))
