"""Decision curves in words."""

import numpy as np
import pytest

from radpred.pipeline.evidence.headline import shown_threshold
from radpred.report.parts.utility import at_threshold, useful_range
from radpred.report.words.names import OutcomeWords

WORDS = OutcomeWords(noun="relapse")
RANGE = (0.1, 0.9)


def curve(*, gain, band):
    """Return a curve that lies ``gain`` above treating all or none, with a band round it."""
    threshold = np.round(np.arange(0.05, 1.0, 0.05), 2)
    treat_all = 0.3 - 0.7 * threshold / (1 - threshold)
    selected = np.maximum(treat_all, 0) + gain
    return {
        "threshold": threshold.tolist(),
        "treat_all": treat_all.tolist(),
        "selected": selected.tolist(),
        "low": (selected - band).tolist(),
        "high": (selected + band).tolist(),
    }


def test_a_benefit_is_claimed_where_the_band_lies_above_the_best_way_without_the_model():
    text = useful_range(curve(gain=0.1, band=0.05), threshold_range=RANGE)
    assert "from 10\u00a0% to 90\u00a0%" in text


def test_a_band_that_reaches_the_best_way_without_the_model_shows_no_benefit():
    assert "not shown" in useful_range(curve(gain=0.1, band=0.2), threshold_range=RANGE)


def test_the_longest_unbroken_stretch_is_named():
    given = curve(gain=0.1, band=0.05)
    given["low"][6] = -1.0  # 0.35
    text = useful_range(given, threshold_range=(0.05, 0.6))
    assert "from 5\u00a0% to 30\u00a0%" in text


def test_a_curve_without_a_band_shows_no_gain():
    given = {**curve(gain=0.1, band=0.0), "low": []}
    assert "shows no gain" in useful_range(given, threshold_range=RANGE)


def test_a_threshold_is_read_as_the_price_of_needless_actions():
    text = at_threshold(curve(gain=0.1, band=0.05), threshold=0.2, words=WORDS)
    assert "accepts 4.0 needless actions for each case with relapse" in text
    assert "10.0 more cases found per 100" in text


def test_a_gain_inside_its_band_is_read_but_not_claimed():
    text = at_threshold(curve(gain=0.1, band=0.2), threshold=0.2, words=WORDS)
    assert "none is shown" in text


def test_no_gain_is_said_plainly():
    text = at_threshold(curve(gain=-0.01, band=0.2), threshold=0.2, words=WORDS)
    assert "no better than the best way of acting without it" in text


@pytest.mark.parametrize(("n_events", "threshold"), [(30, 0.3), (1, 0.1), (99, 0.9)])
def test_the_threshold_that_is_read_is_the_share_of_events_inside_the_range(n_events, threshold):
    study = {"n_cases": 100, "n_events": n_events}
    assert shown_threshold(study, threshold_range=RANGE) == threshold


def test_without_counts_no_threshold_is_read():
    assert shown_threshold({}, threshold_range=RANGE) is None
