"""Platt's sigmoid with a slope that is drawn towards 0, as far as it was flattered."""

import numpy as np
import pytest
import statsmodels.api as sm
from sklearn.metrics import roc_auc_score

from radpred.model.calibrators import fit_shrunk_sigmoid, fit_sigmoid, shrunk
from radpred.model.calibrators.shrunk import kept_slope
from radpred.model.calibrators.sigmoid import forward, smoothed


def of_noise(rng, *, n=80, n_points=40):
    """Return what many settings say that know nothing, the outcomes and folds."""
    return rng.normal(size=(n_points, n)), np.arange(n) % 2, np.arange(n) // 2 % 5


def by_hand(tried, y, folds, groups, *, seed, n_draws):
    """Return the share with scikit-learn's area and statsmodels' slope, draw by draw."""
    rng = np.random.default_rng(seed)
    counts = np.zeros((n_draws, len(y)), dtype=int)
    for fold in np.unique(folds):
        own = folds == fold
        counts[:, own] = shrunk._drawn(groups[own], n_draws, rng)
    said, true = [], []
    for times in counts:
        areas = []
        for scores in tried:
            by_fold = [
                roc_auc_score(y[own], scores[own], sample_weight=times[own])
                for own in (folds == fold for fold in np.unique(folds))
                if len(np.unique(y[own & (times > 0)])) == 2
            ]
            areas.append(np.mean(by_fold))
        best = tried[int(np.argmax(areas))]
        rows, out = np.repeat(np.arange(len(y)), times), times == 0
        said.append(forward(fit_sigmoid(best[rows], y[rows]), y[rows]).log_odds(best[out]))
        true.append(y[out])
    log_odds, outcomes = np.concatenate(said), np.concatenate(true)
    wanted = np.where(outcomes == 1, smoothed(y).max(), smoothed(y).min())
    model = sm.GLM(wanted, sm.add_constant(log_odds), family=sm.families.Binomial())
    return float(np.clip(model.fit(tol=1e-12).params[1], 0, 1))


@pytest.mark.parametrize("strength", [0.0, 0.8, 2.5])
def test_the_share_is_that_of_libraries_draw_by_draw(strength):
    rng = np.random.default_rng(5)
    tried, y, folds = of_noise(rng, n=90, n_points=4)
    tried = np.round(tried + strength * y * rng.random((4, 1)), 1)  # with ties
    groups = np.arange(90) // 10 * 5 + folds  # two patients a fold have several rows
    given = {"seed": 3, "n_draws": 25}
    ours = kept_slope(tried, y, folds=folds, groups=groups, **given)
    assert ours == pytest.approx(by_hand(tried, y, folds, groups, **given), abs=1e-8)


def test_rows_of_a_patient_are_drawn_together(rng):
    groups = np.repeat(["P1", "P2", "P3"], [1, 4, 2])
    counts = shrunk._drawn(groups, 50, rng)
    assert (counts[:, 1:5] == counts[:, 1:2]).all()
    assert (counts[:, [0, 1, 5]].sum(axis=1) == 3).all()


def test_draws_in_portions_are_as_many(monkeypatch, rng):
    tried, y, _ = of_noise(rng, n=40, n_points=1)
    drawn = []
    whole = shrunk._drawn
    monkeypatch.setattr(shrunk, "_drawn", lambda own, n, rng: drawn.append(n) or whole(own, n, rng))
    monkeypatch.setattr(shrunk, "_MOST_CELLS", 30 * 40)
    kept_slope(tried, y, folds=np.zeros(40), groups=np.arange(40), n_draws=100)
    assert drawn == [30, 30, 30, 10]


def test_little_is_kept_where_the_best_of_many_settings_knows_nothing():
    of_many, alone = [], []
    for seed in range(10):
        tried, y, folds = of_noise(np.random.default_rng(seed))
        areas = [
            np.mean([roc_auc_score(y[folds == fold], scores[folds == fold]) for fold in range(5)])
            for scores in tried
        ]
        best = tried[int(np.argmax(areas))]
        assert fit_sigmoid(best, y).slope > 0
        of_many.append(fit_shrunk_sigmoid(best, y, folds=folds, tried=tried).factor)
        alone.append(fit_shrunk_sigmoid(best, y, folds=folds).factor)
    assert np.mean(of_many) < 0.2 < 0.3 < np.mean(alone)


def test_nearly_all_is_kept_where_much_is_known_of_many(made):
    scores, y, folds = made(3000)
    assert fit_shrunk_sigmoid(scores, y, folds=folds).factor > 0.97


def test_the_unit_of_a_score_does_not_matter(made):
    scores, y, folds = made()
    plain = fit_shrunk_sigmoid(scores, y, folds=folds)
    other = fit_shrunk_sigmoid(1000 * scores - 7, y, folds=folds)
    assert other.factor == pytest.approx(plain.factor)
    assert other.probability(1000 * scores - 7) == pytest.approx(plain.probability(scores))


def test_the_slope_is_that_share_of_platt_s(made):
    scores, y, folds = made()
    ours = fit_shrunk_sigmoid(scores, y, folds=folds)
    assert 0 < ours.factor < 1
    assert ours.slope == pytest.approx(ours.factor * fit_sigmoid(scores, y).slope)


def test_the_intercept_is_that_of_statsmodels_beside_the_shrunk_slope(made):
    scores, y, _ = made()
    ours = fit_shrunk_sigmoid(scores, y)
    given = sm.GLM(
        smoothed(y), np.ones(len(y)), family=sm.families.Binomial(), offset=ours.slope * scores
    )
    assert ours.intercept == pytest.approx(given.fit(tol=1e-12).params[0])


def test_scores_that_point_backwards_give_the_smoothed_prevalence(made):
    scores, y, _ = made()
    ours = fit_shrunk_sigmoid(-scores, y)
    assert (ours.slope, ours.factor) == (0.0, 0.0)
    assert ours.probability(scores) == pytest.approx(smoothed(y).mean())


def test_mean_risk_is_the_mean_smoothed_outcome(made):
    scores, y, _ = made()
    assert fit_shrunk_sigmoid(scores, y).probability(scores).mean() == pytest.approx(
        smoothed(y).mean()
    )


def test_the_pick_of_many_settings_loses_less_by_it():
    rng = np.random.default_rng(11)
    lost = {"plain": 0.0, "shrunk": 0.0}
    for _ in range(40):
        tried, y, folds = of_noise(rng, n=60, n_points=20)
        best = max(tried, key=lambda scores: roc_auc_score(y, scores))
        new = rng.normal(size=50)  # new patients, of whom it knows nothing
        lines = {
            "plain": fit_sigmoid(best, y),
            "shrunk": fit_shrunk_sigmoid(best, y, folds=folds, tried=tried),
        }
        for name, line in lines.items():
            risk = line.probability(new)
            lost[name] -= np.log(risk * (1 - risk)).mean() / 2
    assert lost["shrunk"] < lost["plain"]
