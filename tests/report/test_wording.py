"""Each rule of what may be said, one test a rule."""

import itertools

import pytest

from radpred.report.words.names import OutcomeWords
from radpred.report.words.numbers import Interval
from radpred.report.words.wording import (
    against,
    calibration,
    certainty,
    comparisons,
    coverage,
    discrimination,
    enough_events,
    expected_error,
    findings,
    on_average,
    verdict,
)

WORDS = OutcomeWords(noun="relapse")


def ci(value, low, high):
    return Interval(value=value, low=low, high=high)


def plain(value, low, high):
    return {"value": value, "low": low, "high": high}


def evidence(
    *, auroc=(0.8, 0.7, 0.9), volume=None, clinical=None, slope=(1, 0.85, 1.15), n=(500, 200)
):
    """Return an evaluation with only what the verdict looks at."""
    differences = {"volume": volume, "clinical": clinical}
    metrics = {"auroc": plain(*auroc), "calibration_slope": plain(*slope)}
    return {
        "study": {"n_cases": n[0], "n_events": n[1]},
        "models": [{"name": "selected", "kind": "selected", "label": "x", "metrics": metrics}],
        "differences": [
            {"against": name, "auroc": plain(*d)} for name, d in differences.items() if d
        ],
    }


def rows(*, low=0.85, value=0.9, level=0.9, singleton=0.6):
    return [
        {"level": level, "class": c, "coverage": plain(value, low, 1.0), "singleton": singleton}
        for c in (0, 1, "all")
    ]


def test_a_lower_bound_at_one_half_is_not_shown_to_be_better_than_chance():
    finding = discrimination(ci(0.7, 0.5, 0.9), WORDS)
    assert finding.code == "not_better_than_chance"
    assert finding.head == "Not shown to be better than chance"


def test_not_shown_never_becomes_a_proof_of_no_signal():
    assert "does not show that there is no signal" in discrimination(ci(0.6, 0.4, 0.8), WORDS).text


def test_a_lower_bound_above_one_half_is_better_than_chance_told_in_pairs():
    finding = discrimination(ci(0.78, 0.7, 0.86), WORDS)
    assert finding.code == "better_than_chance"
    assert "78\u00a0% of such pairs (70\u00a0% to 86\u00a0%)" in finding.text


def test_an_interval_wholly_below_one_half_asks_to_check_the_coding():
    finding = discrimination(ci(0.3, 0.2, 0.4), WORDS)
    assert finding.code == "worse_than_chance"
    assert "coded" in finding.text


def test_an_auroc_without_interval_shows_nothing():
    assert discrimination(Interval(value=0.9), WORDS).code == "auroc_unknown"


@pytest.mark.parametrize("baseline", ["volume", "clinical"])
@pytest.mark.parametrize(
    ("difference", "code"),
    [
        ((0.1, 0.01, 0.2), "adds_to"),
        ((0.1, 0.0, 0.2), "not_shown_to_add_to"),
        ((0.1, -0.1, 0.3), "not_shown_to_add_to"),
        ((-0.1, -0.2, -0.01), "worse_than"),
    ],
)
def test_a_gain_is_claimed_only_where_its_interval_lies_above_zero(baseline, difference, code):
    assert against(ci(*difference), baseline).code == f"{code}_{baseline}"


def test_without_a_measured_difference_no_gain_is_claimed():
    finding = against(Interval(), "volume")
    assert finding.code == "volume_unknown"
    assert "no gain can be claimed" in finding.text


@pytest.mark.parametrize(
    ("slope", "code"),
    [
        ((0.6, 0.4, 0.9), "over_confident"),
        ((1.6, 1.1, 2.2), "under_confident"),
        ((0.7, 0.4, 1.1), "possibly_over_confident"),
        ((1.4, 0.9, 2.2), "possibly_under_confident"),
        ((1.0, 0.5, 1.6), "calibration_not_settled"),
        ((1.0, 0.9, 1.1), "calibrated"),
    ],
)
def test_a_slope_is_judged_by_its_interval_and_its_distance_from_one(slope, code):
    assert calibration(ci(*slope)).code == code


def test_a_missing_slope_leaves_calibration_unknown():
    assert calibration(Interval()).code == "slope_unknown"


@pytest.mark.parametrize(
    ("intercept", "code"),
    [((0.5, 0.1, 0.9), "risks_too_low"), ((-0.5, -0.9, -0.1), "risks_too_high")],
)
def test_an_intercept_away_from_zero_says_which_way_risks_are_off(intercept, code):
    assert on_average(ci(*intercept)).code == code


def test_an_intercept_that_may_be_zero_is_not_spoken_of():
    assert on_average(ci(0.5, -0.1, 1.1)) is None


@pytest.mark.parametrize(
    ("n_cases", "n_events", "code"),
    [(200, 9, "too_few_events"), (200, 195, "too_few_events"), (300, 99, "few_events")],
)
def test_the_smaller_group_decides_whether_events_are_few(n_cases, n_events, code):
    assert enough_events({"n_cases": n_cases, "n_events": n_events}).code == code


def test_patients_are_counted_rather_than_their_cases():
    study = {"n_cases": 400, "n_events": 150, "n_patients": 200, "n_event_patients": 60}
    assert enough_events(study).text.startswith("Only 60 patients with the event")


def test_a_hundred_of_each_kind_are_enough():
    assert enough_events({"n_cases": 200, "n_events": 100}) is None


def test_a_promise_is_broken_where_the_whole_interval_lies_below_the_level():
    broken = rows(value=0.8, level=0.9)
    for row in broken:
        row["coverage"] = plain(0.8, 0.7, 0.89)
    assert coverage(broken, WORDS).code == "promise_broken"


def test_a_promise_is_kept_where_the_interval_reaches_the_level():
    assert coverage(rows(), WORDS).code == "promise_kept"


def test_a_promise_that_every_interval_exceeds_is_called_cautious():
    assert coverage(rows(low=0.93, value=0.97), WORDS).code == "promise_exceeded"


def test_one_class_below_the_level_breaks_the_promise_and_is_named():
    mixed = rows()
    mixed[1]["coverage"] = plain(0.7, 0.6, 0.8)
    finding = coverage(mixed, WORDS)
    assert finding.code == "promise_broken"
    assert "less often for cases with relapse" in finding.text


def test_without_bounds_the_promise_is_not_checked():
    unknown = rows()
    unknown[0]["coverage"] = {"value": 0.9, "low": None, "high": None}
    assert coverage(unknown, WORDS).code == "coverage_unknown"


def test_fewer_than_half_certain_answers_are_called_mostly_open():
    assert certainty(rows(singleton=0.49)[2]).code == "mostly_open"
    assert certainty(rows(singleton=0.5)[2]).code == "mostly_certain"


def test_an_ece_is_always_told_beside_its_value_under_perfect_calibration():
    assert "0.090" in expected_error({"ece": 0.07, "ece_null": 0.09})
    assert "no larger" in expected_error({"ece": 0.07, "ece_null": 0.09})
    assert "is larger" in expected_error({"ece": 0.12, "ece_null": 0.09})
    assert "not available" in expected_error({"ece": 0.07})


def test_too_few_events_silence_every_other_verdict():
    few = evidence(volume=(0.2, 0.1, 0.3), n=(100, 5))
    assert verdict(few, WORDS).code == "too_few_events"
    assert findings(few, WORDS, rows=[])[0].code == "too_few_events"


def test_a_verdict_of_chance_is_not_softened_by_a_gain_on_volume():
    head = verdict(evidence(auroc=(0.6, 0.45, 0.75), volume=(0.1, 0.01, 0.2)), WORDS).head
    assert head == "Not shown to be better than chance."


def test_a_verdict_names_each_baseline_that_it_was_not_shown_to_add_to():
    head = verdict(evidence(volume=(0.2, 0.1, 0.3), clinical=(0.05, -0.1, 0.2)), WORDS).head
    assert head == (
        "Better than chance in this cohort, and better than tumour volume alone, "
        "but not shown to add to clinical data."
    )


def test_a_study_without_a_volume_says_that_it_was_not_compared_with_it():
    told = comparisons({"differences": [{"against": "clinical", "auroc": None}]})
    assert list(told) == ["volume", "clinical"]
    assert told["volume"].code == "volume_unknown"
    assert "volume_column" in told["volume"].text


def test_a_verdict_without_a_volume_model_is_never_good():
    assert verdict(evidence(), WORDS).tone == "caution"


@pytest.mark.parametrize("flaw", [{"n": (120, 40)}, {"slope": (0.5, 0.3, 0.7)}])
def test_a_verdict_with_few_events_or_poor_calibration_is_never_good(flaw):
    gain = {"volume": (0.2, 0.1, 0.3)}
    assert verdict(evidence(**gain), WORDS).tone == "good"
    assert verdict(evidence(**gain, **flaw), WORDS).tone == "caution"


def test_no_rule_says_proves_or_accurate_or_excellent():
    cases = itertools.product(
        [(0.95, 0.9, 0.99), (0.6, 0.4, 0.8)], [(0.3, 0.2, 0.4), (0.1, -0.1, 0.3), None]
    )
    for auroc, difference in cases:
        given = evidence(auroc=auroc, volume=difference)
        shown = [verdict(given, WORDS), *findings(given, WORDS, rows=rows())]
        text = " ".join(f"{finding.head} {finding.text}" for finding in shown).lower()
        assert not any(word in text for word in ("prove", "accurate", "excellent", "outstanding"))
