"""Models side by side, what imaging adds, and thresholds by need stand in the report."""

import pytest

from radpred.report import render_report
from radpred.report.parts.compared.models import (
    added_sentence,
    differences,
    draw_rows,
    operating_rows,
    part_rows,
)
from radpred.report.words.design_words import limits, validation
from radpred.report.words.names import outcome_words

from .made_study import make_study

PART = {
    "label": "north", "n_rows": 9, "n_patients": 8, "n_events": 0, "auroc": None, "brier": 0.2,
    "log_loss": 0.6, "note": "no event among 9 rows",
}  # fmt: skip


def test_every_model_but_the_reference_has_a_difference_with_p(study):
    found = differences(study.evaluation["comparison"])
    assert found["volume"][0].value == "reference"
    shown = [p for name, (_, p) in found.items() if name != "volume"]
    assert all(p.startswith("p ") for p in shown)


def test_without_a_reference_there_are_no_differences():
    assert differences({"reference": "", "rows": []}) == {}


def test_the_page_holds_the_picture_the_question_and_the_thresholds(page):
    for wanted in ("All models", "Does imaging add to clinical data?", "Thresholds by need"):
        assert wanted in page


def test_without_clinical_data_the_question_is_not_asked():
    assert "Does imaging add" not in render_report(**make_study(has_clinical=False).inputs())


def test_an_interval_with_zero_is_said_to_hold_it(study):
    sentence = added_sentence(study.evaluation["added"])
    area = next(row for row in study.evaluation["added"] if row["measure"] == "auroc")
    assert ("does not exclude 0" in sentence) == (area["low"] <= 0 <= area["high"])


def test_a_part_without_events_says_why_it_has_no_area():
    (row,) = part_rows([PART])
    assert row.cells[4] == "not available"
    assert row.cells[-1] == "no event among 9 rows"


def test_a_threshold_that_cannot_be_had_says_why():
    point = {"need": "sensitivity", "wanted": 0.9, "thresholds": [], "rows": [], "note": "one part"}
    (row,) = operating_rows([point], outcome_words({}))
    assert (row.kind, row.cells[:2]) == ("none", ("Sensitivity of 90\u00a0%", "one part"))


def test_draws_name_model_and_metric():
    given = dict.fromkeys(
        ("apparent", "out_of_bag", "value_632", "value_632_plus", "overfitting"), 0.7
    )
    rows = draw_rows(
        [{"model": "svm", "metric": "auroc", "draws_low": 0.6, "draws_high": 0.8, **given}],
        {"svm": "Support vector machine"},
    )
    assert rows[0].cells[:2] == ("Support vector machine", "AUROC")


def test_another_model_on_the_external_set_is_named_in_the_methods():
    counts = {f"n_{what}_{side}": 9 for what in ("cases", "patients", "events")
              for side in ("learnt", "tested")}  # fmt: skip
    log = [{"model_hash": one, "opened_at": "2026-01-31", "n_rows": 9} for one in ("a", "b")]
    design = {"kind": "external", "column": "set", "seed": 0, **counts}
    text = validation({**design, "external": {"model_hash": "b", "log": log}})
    assert "opened for 1 other model too: it is no unseen set" in text


@pytest.mark.parametrize("kind", ["folds", "sites", "patients", "bootstrap", "date", "external"])
def test_every_design_says_what_it_does_not_show(kind):
    assert "explanations are of" in limits({"kind": kind})
