"""How far answers may be leant on, in words that say what was found."""

import pytest

from radpred.model.calibrators import METHODS
from radpred.report.parts.certainty import (
    calibrator_notes,
    calibrator_rows,
    cell_words,
    coverage_rows,
    guarantee_sentences,
    promised_for,
    reach_sentences,
)

NAMES = {0: "without the event", 1: "with the event", "all": "all cases"}


def test_the_calibration_in_use_is_marked(study):
    rows = calibrator_rows(study.evaluation["calibrators"])
    assert [row.cells[0] for row in rows if row.kind == "selected"] == ["Sigmoid (Platt)"]
    assert len(rows) == len(METHODS)


def test_only_venn_abers_has_a_width(study):
    rows = calibrator_rows(study.evaluation["calibrators"])
    assert [row.cells[0] for row in rows if row.cells[-1].value != "\u2013"] == [
        "Venn\u2013ABERS",
        "Cross Venn\u2013ABERS",
    ]


def test_a_method_that_had_no_place_is_told(study):
    rows = study.evaluation["calibrators"]["rows"]
    assert not any("distance" in note for note in calibrator_notes({"rows": rows}))
    notes = calibrator_notes({"rows": [row for row in rows if row["method"] != "none"]})
    assert "distance and no probability" in notes[-1]


def test_the_row_of_the_shrunk_sigmoid_says_what_it_is_not_corrected_for(study):
    notes = calibrator_notes(study.evaluation["calibrators"])
    assert [note.startswith("Sigmoid, shrunk: shrunk here for its own fit") for note in notes] == [
        True
    ]


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("all", "all cases"),
        ("class=1", "with the event"),
        ("group=Ghent", "Ghent"),
        ("group=Ghent, class=0", "Ghent, without the event"),
    ],
)
def test_cells_have_names_for_readers(cell, words):
    assert cell_words(cell, NAMES) == words


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [(0.5, 0.8, "lies below"), (0.85, 0.95, "in line"), (0.92, 0.99, "lies above")],
)
def test_coverage_is_held_against_its_promise(low, high, said):
    coverage = {"value": (low + high) / 2, "low": low, "high": high}
    row = {"level": 0.9, "cell": "group=A", "n": 40, "coverage": coverage}
    assert coverage_rows([row], level=0.9, names=NAMES)[0].cells[3].startswith(said)


def test_reach_is_told_at_the_level_of_the_report(study):
    told = reach_sentences(study.evaluation["reach"], level=0.9, names=NAMES)
    assert told[0].startswith("Without the event: ")
    assert all("promised at 0.9" in sentence for sentence in told)


def test_a_guarantee_that_cannot_be_reached_says_what_it_needs(study):
    told = guarantee_sentences(study.evaluation["guarantees"])
    assert told[0].startswith(
        "Sensitivity of at least 90\u00a0%, with 90\u00a0% confidence: act from"
    )
    assert "needs 149." in told[1]


def test_whom_sets_promise_for_follows_the_settings():
    assert promised_for({}) == "outcome"
    assert promised_for({"by": "site"}) == "site"
    assert promised_for({"by": "group_class", "group": "sex"}) == "sex and outcome"
