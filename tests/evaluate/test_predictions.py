"""A table of predictions is laid out by repeat, or refused."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from radpred.errors import InputError
from radpred.evaluate import predictions_of


@pytest.fixture
def table():
    """Return two repeats of six cases of four patients, in no order."""
    patients = ["a", "a", "b", "c", "d", "d"]
    rows = pd.DataFrame(
        {
            "case_id": [f"case_{i}" for i in range(6)] * 2,
            "patient_id": patients * 2,
            "model": "svm",
            "repeat": np.repeat([0, 1], 6),
            "fold": [0, 0, 1, 0, 1, 1, 1, 1, 0, 0, 1, 1],
            "y": [1, 1, 0, 0, 1, 1] * 2,
            "probability": np.arange(12) / 12,
            "p_0": 0.5,
            "p_1": np.arange(12) / 24,
        }
    )
    return rows.sample(frac=1, random_state=0)


def test_repeats_are_rows_in_the_order_of_cases(table):
    given = predictions_of(table, "svm")
    assert_array_equal(given.probability, np.arange(12).reshape(2, 6) / 12)
    assert_array_equal(given.p_values[1, :, 1], np.arange(6, 12) / 24)
    assert_array_equal(given.patients, ["a", "a", "b", "c", "d", "d"])
    assert not given.is_one_row_a_patient


def test_calibration_rows_are_the_training_rows_of_the_class(table):
    # repeat 0 holds out 2 of 4 events each time; repeat 1 none (fold 0), then all four (fold 1)
    assert predictions_of(table, "svm").calibration_rows(1) == (2 + 2 + 4 + 0) / 4


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.drop(columns="p_1"), "missing"),
        (lambda t: t.assign(model="other"), "no rows of model 'svm'"),
        (lambda t: t.iloc[1:], "each case"),
        (lambda t: pd.concat([t.iloc[1:], t.iloc[1:2]]), "each case"),
        (lambda t: t.assign(y=2), "0 and 1"),
        (lambda t: t.assign(y=0), "0 and 1"),
        (lambda t: t.assign(probability=np.nan), "missing or infinite"),
        (lambda t: t.assign(probability=1.5), "between 0 and 1"),
        (lambda t: t.assign(fold=t["case_id"].str[-1].astype(int)), "single case"),
        (lambda t: t.assign(fold=t["case_id"].str[-1].astype(int) % 2), "more than one outer fold"),
        (lambda t: t.assign(patient_id=t["patient_id"] + t["repeat"].astype(str)), "differs"),
    ],
)
def test_a_table_that_cannot_be_judged_is_refused(table, change, message):
    with pytest.raises(InputError, match=message):
        predictions_of(change(table), "svm")
