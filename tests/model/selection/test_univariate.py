"""Columns pass where chance is an unlikely reason."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import false_discovery_control, mannwhitneyu

from radpred.model.selection.relevance import KeepRelevant
from radpred.model.selection.univariate import KeepUnivariate


@pytest.fixture
def some(rng):
    """Return 60 rows, 4 of whose 40 columns tell the outcome; a quarter of them are coarse."""
    y = (rng.random(60) < 0.4).astype(int)
    values = rng.normal(size=(60, 40))
    values[:, :4] += 1.5 * y[:, None]
    values[:, ::4] = np.round(values[:, ::4])
    return pd.DataFrame(values, columns=[f"f{i}" for i in range(40)]), y


def p_values(X, y):
    """Return SciPy's p-values."""
    parts = X[y == 1], X[y == 0]
    return mannwhitneyu(*parts, method="asymptotic", use_continuity=False).pvalue


def test_p_values_are_those_of_scipy_s_rank_sum_test(some):
    step = KeepUnivariate(10).fit(*some)
    np.testing.assert_allclose(step.p_values_, p_values(*some), rtol=1e-12)


def test_those_pass_whose_false_discovery_rate_is_low(some):
    X, y = some
    passes = false_discovery_control(p_values(X, y)) <= 0.1
    assert KeepUnivariate(40, fdr=0.1).fit(X, y).kept_ == X.columns[passes].tolist()


def test_no_more_stay_than_asked(some):
    assert len(KeepUnivariate(2).fit(*some).kept_) == 2


def test_with_a_rate_of_one_it_keeps_what_roc_areas_keep(some):
    X, y = some
    fine = X.drop(columns=X.columns[::4])  # without ties both orders are one
    assert KeepUnivariate(7, fdr=1).fit(fine, y).kept_ == KeepRelevant(7).fit(fine, y).kept_


def test_where_none_passes_the_best_stays_and_it_is_told(rng):
    X, y = pd.DataFrame(rng.normal(size=(40, 20))), np.arange(40) % 2
    step = KeepUnivariate(5, fdr=1e-9).fit(X, y)
    assert (step.n_passing_, step.kept_) == (0, KeepRelevant(1).fit(X, y).kept_)


def test_a_constant_column_never_passes(some):
    X, y = some
    step = KeepUnivariate(41).fit(X.assign(flat=1.0), y)
    assert step.p_values_[-1] == 1
