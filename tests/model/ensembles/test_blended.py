"""An ensemble is its members on one line, weighted by held-out scores only."""

from dataclasses import replace

import joblib
import numpy as np
import pytest
import skops.io

from radpred.errors import InputError, SettingsError
from radpred.model.calibrators import scale_of
from radpred.model.ensembles import METHODS, blended, fit_line, fit_weights, rejoined
from radpred.model.outcome_kind import inner_score
from radpred.model.prune import pruned
from radpred.model.score import score_chain

from .conftest import made_table, members_of


@pytest.fixture(params=METHODS)
def method(request):
    """Return one way to blend after the other."""
    return request.param


def test_the_best_members_are_taken(bench, method):
    kind, _, _, members, y, _ = bench
    out = blended(method, members, y, kind=kind, best=2)
    best = sorted(members, key=lambda member: -member.inner_score)[:2]
    assert list(out.weights) == [member.name for member in best]


def test_of_equal_members_the_first_are_taken(bench):
    kind, _, _, members, y, _ = bench
    equal = [replace(member, inner_score=0.5) for member in members]
    assert list(blended("average", equal, y, kind=kind).weights) == [m.name for m in members[:3]]


def test_members_of_an_average_count_the_same(bench):
    kind, _, _, members, y, _ = bench
    assert list(blended("average", members, y, kind=kind, best=4).weights.values()) == [0.25] * 4


def test_no_member_of_a_stack_counts_against_the_others(bench):
    kind, _, _, members, y, _ = bench
    assert min(blended("stack", members, y, kind=kind, best=4).weights.values()) >= 0


def test_held_out_scores_are_those_of_the_chain_of_the_fold(bench, method):
    kind, X, _, members, y, splits = bench
    out = blended(method, members, y, kind=kind)
    for chain, scores, (_, test) in zip(out.chains, out.scores, splits, strict=True):
        assert np.array_equal(score_chain(chain, X.iloc[test]), scores)


def test_the_inner_score_is_the_mean_over_the_folds(bench, method):
    kind, _, _, members, y, _ = bench
    out = blended(method, members, y, kind=kind)
    judged = [inner_score(kind, s, true) for s, true in zip(out.scores, y, strict=True)]
    assert out.inner_score == pytest.approx(np.mean(judged))


def test_the_whole_is_the_weighted_sum_of_the_whole_members(bench, method):
    kind, X, _, members, y, _ = bench
    out = blended(method, members, y, kind=kind)
    by_name = {member.name: member for member in members}
    true = np.concatenate(y)
    expected = 0.0
    for name, weight in out.weights.items():
        member = by_name[name]
        scale = "log_odds" if kind == "continuous" else scale_of(member.whole[-1])
        line = fit_line(kind, np.concatenate(member.scores), true, scale=scale)
        expected = expected + weight * line.apply(score_chain(member.whole, X))
    if kind == "continuous":
        expected = expected + true.mean() * (1 - sum(out.weights.values()))
    np.testing.assert_allclose(score_chain(out.whole, X), expected, rtol=1e-9, atol=1e-12)


def test_the_outcomes_of_a_fold_do_not_weigh_its_own_chain(bench, method):
    kind, _, _, members, y, _ = bench
    turned = [y[0][::-1], *y[1:]]
    clean, blind = (
        blended(method, members, true, kind=kind, best=4).chains for true in (y, turned)
    )
    assert joblib.hash(blind[0]) == joblib.hash(clean[0])
    assert joblib.hash(blind[1]) != joblib.hash(clean[1])


def test_the_scores_of_a_fold_do_not_weigh_its_own_chain(bench, method):
    kind, _, _, members, y, _ = bench
    spoiled = [replace(m, scores=(m.scores[0] + 1e3, *m.scores[1:])) for m in members]
    clean, blind = (blended(method, some, y, kind=kind, best=4) for some in (members, spoiled))
    assert joblib.hash(blind.chains[0]) == joblib.hash(clean.chains[0])


def test_one_row_at_a_time_gives_the_scores_of_all_at_once(bench, method):
    kind, X, _, members, y, _ = bench
    whole = blended(method, members, y, kind=kind, best=4).whole
    alone = [score_chain(whole, X.iloc[[i]])[0] for i in range(30)]
    assert np.array_equal(alone, score_chain(whole, X)[:30])


def test_the_same_twice_is_identical(bench, method):
    kind, _, _, members, y, _ = bench
    one, other = (blended(method, members, y, kind=kind) for _ in range(2))
    assert joblib.hash(one) == joblib.hash(other)


def test_pruning_changes_no_score(bench, method):
    kind, X, _, members, y, _ = bench
    whole = blended(method, members, y, kind=kind).whole
    assert np.array_equal(score_chain(pruned(whole), X), score_chain(whole, X))


def test_more_columns_in_any_order_change_no_score(bench, method):
    kind, X, _, members, y, _ = bench
    whole = blended(method, members, y, kind=kind).whole
    wider = X.assign(extra=1.0).iloc[:, ::-1]
    assert np.array_equal(score_chain(whole, wider), score_chain(whole, X))


def test_a_blend_comes_back_from_skops_with_the_same_scores(bench, method):
    kind, X, _, members, y, _ = bench
    whole = blended(method, members, y, kind=kind).whole
    data = skops.io.dumps(whole)
    again = skops.io.loads(data, trusted=skops.io.get_untrusted_types(data=data))
    assert np.array_equal(score_chain(again, X), score_chain(whole, X))


def test_other_fits_of_the_members_keep_lines_and_weights(bench, method):
    kind, X, _, members, y, _ = bench
    out = blended(method, members, y, kind=kind)
    same = rejoined(out.whole, out.whole[-1].chains)
    assert joblib.hash(same) == joblib.hash(out.whole)
    other = rejoined(out.whole, out.chains[0][-1].chains)
    assert other[-1].weights == out.whole[-1].weights
    assert not np.array_equal(score_chain(other, X), score_chain(out.whole, X))


def test_a_blend_scores_log_odds(bench, method):
    kind, _, _, members, y, _ = bench
    assert scale_of(blended(method, members, y, kind=kind).whole[-1]) == "log_odds"


def test_an_average_is_as_good_as_its_members_are_on_average(bench):
    kind, _, _, members, y, _ = bench
    new, true = made_table(kind, n=600, seed=8)
    whole = blended("average", members, y, kind=kind, best=4).whole
    alone = np.mean([inner_score(kind, score_chain(m.whole, new), true) for m in members])
    assert inner_score(kind, score_chain(whole, new), true) >= alone


@pytest.mark.parametrize("kind", ["binary", "multiclass"])
def test_an_ensemble_of_models_of_noise_scores_chance(kind, method):
    areas = []
    for seed in range(4):
        X, y = made_table(kind, seed=seed, strength=0.0)
        members, true, _ = members_of(kind, X, y)
        new, new_y = made_table(kind, n=400, seed=100 + seed, strength=0.0)
        out = blended(method, members, true, kind=kind)
        areas.append(inner_score(kind, score_chain(out.whole, new), new_y))
    assert abs(np.mean(areas) - 0.5) < 0.05


def test_a_member_that_knows_nothing_gets_no_say_when_rows_are_many(rng):
    y = np.arange(4000) % 2
    good, noise = y + rng.normal(size=4000), rng.normal(size=4000)
    weights = fit_weights("binary", [good, noise], y)
    assert weights[0] > 10 * weights[1]


@pytest.mark.parametrize(
    ("best", "n_members", "n_folds"), [(3, 1, 3), (1, 4, 3), (3, 4, 1)]
)  # fmt: skip
def test_fewer_than_two_members_or_folds_are_refused(best, n_members, n_folds, bench):
    kind, _, _, members, y, _ = bench
    with pytest.raises(InputError, match="wanted at least 2 of each; name more models"):
        blended("stack", members[:n_members], y[:n_folds], kind=kind, best=best)


def test_an_unknown_ensemble_is_refused(bench):
    with pytest.raises(SettingsError, match="no ensemble is called 'vote'"):
        blended("vote", bench[3], bench[4], kind=bench[0])


def test_a_blend_is_not_fitted_as_one_step(bench, method):
    kind, X, y, members, by_fold, _ = bench
    whole = blended(method, members, by_fold, kind=kind).whole
    with pytest.raises(SettingsError, match="cannot be fitted as one step"):
        whole.fit(X, y)
