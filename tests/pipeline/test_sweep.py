"""Variants compared on the same patients."""

import numpy as np
import pandas as pd
import pytest

from radpred.errors import InputError
from radpred.evaluate import delong
from radpred.pipeline.evidence.sweep import compare_variants


def said(score, *, y, patients=None, repeats=1, folds=4):
    """Return predictions of one model, a case a row, in ``folds`` folds."""
    n = len(y)
    rows = [
        pd.DataFrame(
            {
                "case_id": [f"C{i:03d}" for i in range(n)],
                "patient_id": [f"P{i:03d}" for i in range(n)] if patients is None else patients,
                "model": "selected",
                "repeat": repeat,
                "fold": np.arange(n) % folds,
                "y": y,
                "probability": score,
                "p_0": 0.5,
                "p_1": 0.5,
            }
        )
        for repeat in range(repeats)
    ]
    return pd.concat(rows, ignore_index=True)


@pytest.fixture
def made(rng):
    """Return 200 outcomes, a good score and a worse one."""
    y = np.arange(200) % 2
    good = 1 / (1 + np.exp(-(1.5 * y + rng.normal(size=200))))
    return y, good, 0.5 * good + 0.5 * rng.uniform(size=200)


def compared(tables, **options):
    """Return the rows by variant."""
    rows = compare_variants(tables, reference="first", **options)
    return {row["variant"]: row for row in rows}


def test_the_difference_is_that_of_the_areas_and_its_interval_is_near_delong_s(made):
    y, good, worse = made
    row = compared({"first": said(worse, y=y), "second": said(good, y=y)})["second"]
    areas, covariance = delong(y, np.stack([good, worse]))
    spread = np.sqrt(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])
    assert row["difference"]["value"] == pytest.approx(areas[0] - areas[1])
    half = (row["difference"]["high"] - row["difference"]["low"]) / 2
    assert half == pytest.approx(1.96 * spread, rel=0.15)
    assert row["p"] == row["p_holm"]


def test_the_same_predictions_do_not_differ(made):
    y, good, _ = made
    row = compared({"first": said(good, y=y), "second": said(good, y=y)})["second"]
    assert (row["difference"]["value"], row["p"]) == (0.0, 1.0)
    assert row["folds_agree"]


def test_p_values_are_adjusted_for_the_number_of_variants(made):
    y, good, worse = made
    tables = {"first": said(worse, y=y), "a": said(good, y=y), "b": said(good, y=y)}
    rows = compared(tables)
    assert rows["a"]["p_holm"] == pytest.approx(min(1, 2 * rows["a"]["p"]))
    assert "p" not in rows["first"]


def test_variants_with_other_cases_are_compared_on_common_patients(made):
    y, good, worse = made
    few = said(good[:150], y=y[:150], folds=5)
    rows = compared({"first": said(worse, y=y), "few": few})
    assert (rows["few"]["n_patients"], rows["few"]["n_common"]) == (150, 150)
    assert not rows["few"]["folds_agree"]
    expected = delong(y[:150], np.stack([good[:150], worse[:150]]))[0]
    assert rows["few"]["difference"]["value"] == pytest.approx(expected[0] - expected[1])


def test_lesions_of_a_patient_are_drawn_together(made):
    y, good, worse = made
    patients = [f"P{i // 4:03d}" for i in range(200)]
    y = np.repeat(np.arange(50) % 2, 4)
    alone = compared({"first": said(worse, y=y), "second": said(good, y=y)})["second"]
    fold = np.arange(200) // 4 % 4
    tables = {
        name: said(score, y=y, patients=patients).assign(fold=fold)
        for name, score in (
            ("first", np.repeat(worse[:50], 4)),
            ("second", np.repeat(good[:50], 4)),
        )
    }
    together = compared(tables)["second"]
    assert together["n_patients"] == 50
    assert _width(together) > 1.5 * _width(alone)


def _width(row):
    """Return the width of a difference's interval."""
    return row["difference"]["high"] - row["difference"]["low"]


def test_other_outcomes_are_no_comparison(made):
    y, good, worse = made
    with pytest.raises(InputError, match="other outcomes"):
        compared({"first": said(worse, y=y), "second": said(good, y=1 - y)})


def test_nothing_in_common_is_told(made):
    y, good, worse = made
    other = said(good, y=y)
    other["case_id"] = "X" + other["case_id"]
    with pytest.raises(InputError, match="no case in common"):
        compared({"first": said(worse, y=y), "second": other})


def test_a_model_that_is_not_there_is_told_with_those_that_are(made):
    y, good, worse = made
    with pytest.raises(InputError, match="it has selected"):
        compared({"first": said(worse, y=y), "second": said(good, y=y)}, model="svm")
