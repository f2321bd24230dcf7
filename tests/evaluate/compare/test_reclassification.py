"""Reclassification against hand-made counts, and the caveats as facts."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.special import expit

from radpred.errors import SettingsError
from radpred.evaluate import auroc, patient_weights
from radpred.evaluate.compare import (
    IDI_CAVEAT,
    NRI_CAVEAT,
    integrated_discrimination,
    net_reclassification,
    reclassification_table,
)

# Four events and six others; limits at 0.2 and 0.5.
Y = np.array([1, 1, 1, 1, 0, 0, 0, 0, 0, 0])
OLD = np.array([0.1, 0.3, 0.3, 0.6, 0.1, 0.1, 0.3, 0.3, 0.6, 0.6])
NEW = np.array([0.3, 0.6, 0.1, 0.7, 0.15, 0.3, 0.1, 0.1, 0.3, 0.6])


def test_categories_count_moves_as_by_hand():
    found = net_reclassification(Y, NEW, OLD, cuts=[0.2, 0.5])
    assert float(found.events) == pytest.approx((2 - 1) / 4)
    assert float(found.others) == pytest.approx((3 - 1) / 6)
    assert float(found.total) == pytest.approx(1 / 4 + 1 / 3)


def test_without_categories_every_move_counts():
    found = net_reclassification(Y, NEW, OLD)
    assert float(found.events) == pytest.approx((3 - 1) / 4)
    assert float(found.others) == pytest.approx((3 - 2) / 6)


def test_integrated_discrimination_is_the_difference_of_slopes():
    slope = [p[Y == 1].mean() - p[Y == 0].mean() for p in (NEW, OLD)]
    assert float(integrated_discrimination(Y, NEW, OLD)) == pytest.approx(slope[0] - slope[1])


def test_the_table_holds_every_row_once():
    table = reclassification_table(Y, NEW, OLD, cuts=[0.2, 0.5])
    counts = table.set_index(["outcome", "from", "to"])["n"]
    assert counts.sum() == 10
    assert (counts[1, 0, 1], counts[1, 1, 2], counts[1, 1, 0], counts[0, 1, 0]) == (1, 1, 1, 2)


def test_draws_count_rows_as_often_as_they_are_drawn(rng):
    weights = patient_weights(np.arange(10), n_draws=20, rng=rng, y=Y)
    found = net_reclassification(Y, NEW, OLD, weights, cuts=[0.2, 0.5])
    shift = integrated_discrimination(Y, NEW, OLD, weights)
    for place, drawn in enumerate(weights.astype(int)):
        rows = np.repeat(np.arange(10), drawn)
        one = net_reclassification(Y[rows], NEW[rows], OLD[rows], cuts=[0.2, 0.5])
        assert_allclose([found.events[place], found.others[place]], [one.events, one.others])
        assert shift[place] == pytest.approx(
            float(integrated_discrimination(Y[rows], NEW[rows], OLD[rows]))
        )


def test_a_model_against_itself_moves_nobody():
    assert float(net_reclassification(Y, OLD, OLD).total) == 0
    assert float(integrated_discrimination(Y, OLD, OLD)) == 0


@pytest.mark.parametrize("cuts", [[], [0.5, 0.2], [0.0, 0.5], [0.5, 1.0], [0.3, 0.3]])
def test_limits_out_of_order_or_range_are_refused(cuts):
    with pytest.raises(SettingsError, match="ascending"):
        net_reclassification(Y, NEW, OLD, cuts=cuts)


def test_more_extreme_predictions_alone_raise_both_measures(rng):
    # Hilden & Gerds 2014: nobody is ranked otherwise, and both measures still approve.
    log_odds = rng.normal(0, 1.5, size=4000)
    y = (rng.random(4000) < expit(log_odds)).astype(int)
    old, new = expit(log_odds), expit(2 * log_odds)
    assert auroc(y, new) == auroc(y, old)
    assert integrated_discrimination(y, new, old) > 0.05
    assert net_reclassification(y, new, old).total > 0.3


def test_the_caveats_name_their_sources():
    assert "Hilden & Gerds" in NRI_CAVEAT
    assert "Pepe" in NRI_CAVEAT
    assert "Hilden & Gerds" in IDI_CAVEAT
