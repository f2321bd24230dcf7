"""Thresholds with a guarantee: against exact intervals, their promise, and what they record."""

import numpy as np
import pytest
from scipy.stats import binomtest, norm

from radpred.errors import InputError, LeakageError, SettingsError
from radpred.evaluate.thresholds import (
    THRESHOLD_METRICS,
    choose_threshold,
    held_out,
    rows_needed,
    sensitivity_threshold,
    specificity_threshold,
)


def rows_of(y, score):
    """Return one row a patient."""
    ids = np.arange(len(y))
    return held_out(y, score, case_ids=[f"case_{i}" for i in ids], patients=[f"p{i}" for i in ids])


def drawn(rng, n, *, share=0.35, shift=1.8):
    """Return outcomes and their true probabilities under two normal scores."""
    y = (rng.random(n) < share).astype(int)
    z = rng.normal(size=n) + shift * y
    odds = np.log(share / (1 - share)) + shift * z - shift**2 / 2
    return y, 1 / (1 + np.exp(-odds))


def scores(rng, n_events, n_others):
    """Return outcomes and normal scores, events 1.8 higher."""
    y = np.repeat([1, 0], [n_events, n_others])
    return y, rng.normal(size=y.size) + 1.8 * y


@pytest.mark.parametrize(("target", "confidence"), [(0.9, 0.9), (0.8, 0.95), (0.95, 0.8)])
def test_the_sensitivity_threshold_is_the_last_whose_exact_bound_holds(target, confidence, rng):
    y, score = scores(rng, 70, 90)
    found = sensitivity_threshold(rows_of(y, score), target=target, confidence=confidence)
    events = np.sort(score[y == 1])

    def bound(threshold):
        kept = int((events >= threshold).sum())
        test = binomtest(kept, events.size, alternative="greater")
        return test.proportion_ci(confidence, method="exact").low

    reached = [t for t in events if bound(t) >= target]
    assert found.threshold == reached[-1]


@pytest.mark.parametrize(("target", "confidence"), [(0.9, 0.9), (0.8, 0.95)])
def test_the_specificity_threshold_is_the_first_whose_exact_bound_holds(target, confidence, rng):
    y, score = scores(rng, 70, 90)
    found = specificity_threshold(rows_of(y, score), target=target, confidence=confidence)
    others = np.sort(score[y == 0])

    def bound(threshold):
        kept = int((others < threshold).sum())
        test = binomtest(kept, others.size, alternative="greater")
        return test.proportion_ci(confidence, method="exact").low

    reached = [t for t in np.nextafter(others, np.inf) if bound(t) >= target]
    assert found.threshold == reached[0]


@pytest.mark.parametrize("n", [22, 30, 150])
def test_the_sensitivity_falls_short_as_rarely_as_promised(n):
    rng = np.random.default_rng(n)
    short = []
    for _ in range(2000):
        y, score = scores(rng, n, 1)
        found = sensitivity_threshold(rows_of(y, score), target=0.9, confidence=0.9)
        short.append(norm.sf(found.threshold - 1.8) < 0.9)
    assert np.mean(short) <= 0.1 + 2 * np.sqrt(0.09 / 2000)


def test_the_specificity_falls_short_as_rarely_as_promised():
    rng = np.random.default_rng(1)
    short = []
    for _ in range(2000):
        y, score = scores(rng, 1, 60)
        found = specificity_threshold(rows_of(y, score), target=0.8, confidence=0.9)
        short.append(norm.cdf(found.threshold) < 0.8)
    assert np.mean(short) <= 0.1 + 2 * np.sqrt(0.09 / 2000)


def test_scores_that_tie_fall_short_no_more_often():
    rng = np.random.default_rng(2)
    values = np.arange(8)
    short = []
    for _ in range(1000):
        score = rng.integers(0, 8, 60).astype(float)
        found = sensitivity_threshold(rows_of(np.ones(60, int), score), target=0.8, confidence=0.9)
        short.append(np.mean(values >= found.threshold) < 0.8)
    assert np.mean(short) <= 0.1 + 2 * np.sqrt(0.09 / 1000)


@pytest.mark.parametrize(
    ("target", "confidence", "n"), [(0.9, 0.9, 22), (0.95, 0.95, 59), (0.8, 0.9, 11)]
)
def test_the_least_number_of_rows_is_just_enough(target, confidence, n, rng):
    assert rows_needed(target, confidence) == n
    for size, is_reached in ((n, True), (n - 1, False)):
        y, score = scores(rng, size, 5)
        found = sensitivity_threshold(rows_of(y, score), target=target, confidence=confidence)
        assert (found.threshold is not None) == is_reached


def test_too_few_events_are_an_answer(rng):
    y, score = scores(rng, 20, 40)
    found = choose_threshold("sensitivity", rows_of(y, score), target=0.9, confidence=0.9)
    assert found.threshold is None
    assert found.answer == (
        "sensitivity >= 0.9 with confidence 0.9: cannot be reached with 20 events: needs 22."
    )
    with pytest.raises(InputError, match="cannot be reached with 20 events"):
        found.decide(score)


def test_what_is_found_is_told_with_its_rule(rng):
    y, score = scores(rng, 60, 40)
    found = choose_threshold("sensitivity", rows_of(y, score), target=0.9, confidence=0.9)
    assert found.answer.endswith("by the exact order statistic on 60 events.")
    assert found.decide([found.threshold, found.threshold - 1]).tolist() == [True, False]


@pytest.mark.parametrize(
    ("metric", "target"), [("ppv", 0.75), ("npv", 0.85), ("accuracy", 0.75), ("flagged", 0.4)]
)
def test_other_metrics_fall_short_as_rarely_as_promised(metric, target):
    rng = np.random.default_rng(6)
    truth, p_truth = drawn(rng, 50_000)
    found_any, n_short = 0, 0
    for _ in range(60):
        rows = rows_of(*drawn(rng, 300))
        threshold = choose_threshold(metric, rows, target=target, confidence=0.9).threshold
        if threshold is None:
            continue
        called = p_truth >= threshold
        share = {
            "ppv": truth[called].mean(),
            "npv": 1 - truth[~called].mean(),
            "accuracy": (called == truth).mean(),
            "flagged": called.mean(),
        }[metric]
        found_any += 1
        n_short += share > target if metric == "flagged" else share < target
    assert found_any > 30
    assert n_short / 60 <= 0.1 + 2 * np.sqrt(0.09 / 60)


def test_a_predictive_value_that_no_threshold_keeps_is_an_answer(rng):
    y, p = drawn(rng, 60, shift=0.2)
    found = choose_threshold("npv", rows_of(y, p), target=0.99, confidence=0.95)
    assert found.threshold is None
    assert "needs 299" in found.answer


def test_a_predictive_value_needs_probabilities(rng):
    y, score = scores(rng, 20, 30)
    with pytest.raises(InputError, match="needs probabilities"):
        choose_threshold("ppv", rows_of(y, score), target=0.8, confidence=0.9)


@pytest.mark.parametrize("metric", THRESHOLD_METRICS)
def test_a_threshold_records_the_rows_that_chose_it(metric, rng):
    rows = rows_of(*drawn(rng, 50))
    found = choose_threshold(metric, rows, target=0.5, confidence=0.8)
    assert found.case_ids == tuple(rows.case_ids)
    assert found.patients == tuple(rows.patients)


@pytest.mark.parametrize(("case", "patient"), [("case_3", "new"), ("new", "p3")])
def test_rows_that_chose_a_threshold_cannot_judge_it(case, patient, rng):
    found = choose_threshold("sensitivity", rows_of(*drawn(rng, 50)), target=0.5, confidence=0.8)
    found.refuse_seen(case_ids=["new"], patients=["new"])
    with pytest.raises(LeakageError, match="choose it on other patients"):
        found.refuse_seen(case_ids=[case], patients=[patient])


def test_a_threshold_without_a_guarantee_flatters_on_the_rows_that_chose_it():
    rng = np.random.default_rng(3)
    seen, true = [], []
    for _ in range(200):
        y, score = scores(rng, 25, 25)
        events, others = score[y == 1], score[y == 0]
        gain = [np.mean(events >= t) + np.mean(others < t) - 1 for t in score]
        best = score[int(np.argmax(gain))]
        seen.append(max(gain))
        true.append(norm.sf(best - 1.8) + norm.cdf(best) - 1)
    assert np.mean(seen) > np.mean(true) + 0.05


@pytest.mark.parametrize(
    ("y", "score", "patients", "said"),
    [
        ([0, 1], [0.1, 0.2], ["a", "a"], "a patient has several rows"),
        ([0, 2], [0.1, 0.2], ["a", "b"], "neither 0 nor 1"),
        ([0, 1], [0.1, np.nan], ["a", "b"], "missing or infinite"),
        ([0, 1], [0.1, 0.2, 0.3], ["a", "b"], "differ"),
    ],
)
def test_rows_that_cannot_choose_are_refused(y, score, patients, said):
    with pytest.raises(InputError, match=said):
        held_out(y, score, case_ids=["a", "b"], patients=patients)


@pytest.mark.parametrize(("target", "confidence"), [(1.0, 0.9), (0.9, 95), (0, 0.9)])
def test_a_promise_outside_zero_and_one_is_refused(target, confidence, rng):
    with pytest.raises(SettingsError, match="must lie between 0 and 1"):
        choose_threshold("npv", rows_of(*drawn(rng, 20)), target=target, confidence=confidence)


def test_an_unknown_metric_is_refused(rng):
    with pytest.raises(SettingsError, match="choose one of sensitivity"):
        choose_threshold("recall", rows_of(*drawn(rng, 20)), target=0.9, confidence=0.9)
