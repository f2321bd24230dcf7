"""An explanation becomes plain data: ranked, grouped, case by case."""

import json

import numpy as np
import pandas as pd
import pytest

from radpred.explain import Explanation, explanation_record

NAMES = ["tumour__original_glcm_Contrast", "clinical__grade", "clinical__age"]


@pytest.fixture
def record():
    """Return the record of two cases, worked by hand."""
    values = pd.DataFrame(
        [[1.5, "high", np.nan], [np.inf, None, 61]],
        columns=NAMES,
        index=["case_1", "case_2"],
    )
    shap = np.array([[0.5, -2.0, 0.0], [-0.5, 1.0, 0.25]])
    log_odds = np.array([-1.25, 1.0 + 1e-7])
    explanation = Explanation(
        model="svm",
        values=values,
        shap=shap,
        base_value=0.25,
        log_odds=log_odds,
        probability=1 / (1 + np.exp(-log_odds)),
    )
    return explanation_record(explanation)


def test_record_is_strict_json(record):
    assert json.loads(json.dumps(record, allow_nan=False)) == record


def test_columns_are_ranked_by_mean_absolute_part(record):
    ranked = [(row["name"], row["mean_abs"], row["rank"]) for row in record["features"]]
    assert ranked == [(NAMES[1], 1.5, 1), (NAMES[0], 0.5, 2), (NAMES[2], 0.125, 3)]
    assert sum(row["share"] for row in record["features"]) == pytest.approx(1)


def test_largest_gap_is_said(record):
    assert record["gap"] == pytest.approx(1e-7, rel=1e-6)


def test_every_case_holds_all_its_parts_and_values_as_they_came(record):
    first, second = record["cases"]
    assert first["case_id"] == "case_1"
    assert [part["value"] for part in first["contributions"]] == [1.5, "high", None]
    assert [part["value"] for part in second["contributions"]] == [None, None, 61.0]
    assert [part["shap"] for part in second["contributions"]] == [-0.5, 1.0, 0.25]


def test_groups_of_every_kind_are_there(record):
    assert set(record["groups"]) == {"family", "image", "region", "modality"}
    assert {row["name"] for row in record["groups"]["region"]} == {"tumour", "clinical"}


def test_head_says_what_is_explained_and_on_which_scale(record):
    head = (record["model"], record["scale"], record["base_value"], record["n_cases"])
    assert head == ("svm", "calibrated log-odds", 0.25, 2)
