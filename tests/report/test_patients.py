"""Single cases: their out-of-fold answer, and which ones are shown in full."""

import numpy as np
import pandas as pd
import pytest

from radpred.report.parts.patients import chosen_cases, cohort_counts, moved_by, out_of_fold


def predictions(answers, *, y=1, probability=0.5):
    """Return one case's rows, one a repeat, from pairs of p-values."""
    return pd.DataFrame(
        [
            {
                "case_id": "a", "patient_id": "p", "site": "", "model": "selected", "repeat": r,
                "y": y, "probability": probability, "p_0": p_0, "p_1": p_1,
            }
            for r, (p_0, p_1) in enumerate(answers)
        ]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("p_values", "answer"),
    [((0.2, 0.05), "0"), ((0.05, 0.2), "1"), ((0.2, 0.2), "both"), ((0.05, 0.05), "none")],
)
def test_a_class_is_in_the_set_where_its_p_value_is_above_one_minus_the_level(p_values, answer):
    assert out_of_fold(predictions([p_values]), level=0.9).loc["a", "answer"] == answer


def test_a_p_value_of_exactly_one_minus_the_level_is_outside():
    assert out_of_fold(predictions([(0.1, 0.1)]), level=0.9).loc["a", "answer"] == "none"


def test_the_answer_is_the_one_given_in_most_repeats_and_says_in_how_many():
    row = out_of_fold(predictions([(0.2, 0.0), (0.3, 0.0), (0.2, 0.2)]), level=0.9).loc["a"]
    assert row["answer"] == "0"
    assert row["agreement"] == pytest.approx(2 / 3)


def test_other_models_do_not_enter():
    both = pd.concat(
        [predictions([(0.2, 0.0)]), predictions([(0.0, 0.2)], probability=0.9).assign(model="svm")]
    )
    assert out_of_fold(both, level=0.9).loc["a", "risk"] == 0.5


def test_an_empty_table_gives_no_cases():
    assert out_of_fold(pd.DataFrame(), level=0.9).empty


def test_a_patient_has_the_event_if_any_case_has_it():
    cases = pd.DataFrame({"patient_id": ["p", "p", "q"], "y": [0, 1, 0]})
    assert cohort_counts(cases) == {
        "n_cases": 3, "n_patients": 2, "n_events": 1, "n_event_patients": 1,
    }  # fmt: skip


@pytest.fixture
def cases(rng):
    """Return sixty cases of which some answers are open and some wrong."""
    risk = np.linspace(0.02, 0.98, 60)
    answer = np.where(risk < 0.3, "0", np.where(risk > 0.7, "1", "both"))
    y = (rng.random(60) < risk).astype(int)
    y[[2, 57]] = 1, 0
    index = [f"c{i:02d}" for i in range(60)]
    return pd.DataFrame({"risk": risk, "answer": answer, "y": y}, index=index)


def test_shown_cases_hold_the_extremes_the_open_and_the_wrong(cases):
    chosen = chosen_cases(cases, n=12)
    by_reason = {}
    for case in chosen:
        by_reason.setdefault(case.reason, []).append(case.case_id)
    assert {reason: len(ids) for reason, ids in by_reason.items()} == {
        "Highest risk": 3, "Lowest risk": 3, "Most uncertain": 3, "Wrong": 3,
    }  # fmt: skip
    assert by_reason["Highest risk"][0] == "c59"
    assert by_reason["Lowest risk"][0] == "c00"
    assert "c57" in by_reason["Wrong"] or "c02" in by_reason["Wrong"]


def test_no_case_is_shown_twice(cases):
    ids = [case.case_id for case in chosen_cases(cases, n=40)]
    assert len(ids) == len(set(ids)) == 40


def test_no_more_cases_are_shown_than_there_are(cases):
    assert len(chosen_cases(cases.head(5), n=12)) == 5


def test_what_moved_a_case_is_told_in_words_strongest_first():
    text = moved_by(
        [
            {"name": "tumour__original_shape_MeshVolume", "value": 1.0, "shap": 0.2},
            {"name": "clinical__age", "value": 70, "shap": 0.5},
            {"name": "tumour__original_shape_Sphericity", "value": 0.8, "shap": -0.1},
        ]
    )
    assert text == (
        "Raised most by age (clinical data) and volume (tumour). "
        "Lowered most by sphericity (tumour)."
    )
