"""The first sentence and the four headline numbers."""

import pytest

from radpred.pipeline.evidence.headline import headline_level
from radpred.report.parts.answer import answer, question, tiles
from radpred.report.words.names import OutcomeWords

WORDS = OutcomeWords(noun="relapse")
STUDY = {"n_patients": 50, "n_cases": 54, "n_events": 20, "n_clinical": 0}


def evaluation(*, auroc=0.78, difference=(0.1, 0.02, 0.2)):
    value, low, high = difference
    return {
        "study": STUDY,
        "models": [
            {"name": "selected", "metrics": {"auroc": {"value": auroc, "low": 0.7, "high": 0.86}}},
            {"name": "volume", "metrics": {"auroc": {"value": 0.66, "low": 0.5, "high": 0.8}}},
        ],
        "differences": [{"against": "volume", "auroc": {"value": value, "low": low, "high": high}}],
    }


def test_the_question_names_images_alone_where_no_clinical_data_came():
    rest = "tell patients with relapse from those without?"
    assert question(STUDY, WORDS) == f"Can the images {rest}"
    assert question({**STUDY, "n_clinical": 2}, WORDS) == f"Can images and clinical data {rest}"


def test_the_answer_holds_cohort_interval_chance_and_volume():
    text = answer(evaluation(), WORDS)
    assert "50 patients with 54 cases (20 of them with relapse)" in text
    assert "AUROC of 0.78 (95\u00a0% interval 0.70 to 0.86)" in text
    assert "guessing gives 0.50" in text
    assert "tumour volume alone gave 0.66" in text


@pytest.mark.parametrize(
    ("difference", "words"),
    [((0.1, 0.02, 0.2), "excludes 0"), ((0.1, -0.02, 0.2), "includes 0")],
)
def test_the_answer_says_whether_the_interval_of_a_difference_holds_zero(difference, words):
    assert f"its interval {words}" in answer(evaluation(difference=difference), WORDS)


def test_an_unknown_auroc_is_said_to_be_not_available():
    assert "not available" in answer(evaluation(auroc=None), WORDS)


@pytest.mark.parametrize(
    ("levels", "chosen"), [([0.8, 0.9, 0.95], 0.9), ([0.7, 0.85], 0.85), ([], None)]
)
def test_the_report_speaks_of_ninety_per_cent_or_the_nearest_level(levels, chosen):
    assert headline_level([{"level": level} for level in levels]) == chosen


def test_without_prediction_sets_their_tiles_say_so():
    coverage, certain = tiles(evaluation(), WORDS, rows=[])[2:]
    assert coverage.value == certain.value == "not available"
    assert coverage.note == "no prediction sets were evaluated"


def test_a_tile_gives_the_evaluation_s_own_reason_for_a_missing_number():
    given = evaluation()
    given["models"][0]["metrics"]["auroc"] = {"value": None, "note": "one class only"}
    assert tiles(given, WORDS, rows=[])[0].note == "one class only"


def test_marks_never_leave_the_scale_of_their_tile():
    given = evaluation()
    slope = {"value": 1.2, "low": -4.0, "high": 9.0}
    given["models"][0]["metrics"]["calibration_slope"] = slope
    tile = tiles(given, WORDS, rows=[])[1]
    assert (tile.low, tile.high) == (0.0, 100.0)
