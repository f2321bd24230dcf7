"""Permutations: who may change places, how sure p is, and that a leaking chain is not excused."""

from itertools import permutations
from math import comb

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from radpred.errors import InputError
from radpred.evaluate import auroc
from radpred.evaluate.compare import permutation_test, permuted_outcomes


def test_a_small_study_is_tried_out_exactly(rng):
    y, score = np.array([0, 0, 0, 1, 1]), np.array([0.1, 0.4, 0.2, 0.3, 0.9])
    found = permutation_test(lambda y: auroc(y, score), y, np.arange(5), rng=rng)
    every = [auroc(y[list(order)], score) for order in permutations(range(5))]
    assert found.is_exact
    assert found.permuted.size == comb(5, 2)
    assert found.p == pytest.approx(np.mean(np.array(every) >= found.observed - 1e-12))


def test_the_smallest_exact_p_is_one_of_all_arrangements(rng):
    y, score = np.array([0, 0, 0, 1, 1]), np.arange(5.0)
    assert permutation_test(lambda y: auroc(y, score), y, np.arange(5), rng=rng).p == 1 / 10


def test_a_sampled_p_counts_the_outcomes_as_they_are(rng):
    y = np.arange(40) % 2
    found = permutation_test(
        lambda given: float((given == y).mean()), y, np.arange(40), rng=rng, n_permutations=99
    )
    assert not found.is_exact
    assert found.p == 1 / 100


def test_a_score_that_ignores_outcomes_has_a_p_of_one(rng):
    found = permutation_test(
        lambda _: 0.5, np.arange(40) % 2, np.arange(40), rng=rng, n_permutations=50
    )
    assert found.p == 1


def test_outcomes_move_with_whole_patients(rng):
    patients = np.repeat(np.arange(20), 3)
    y = np.repeat(rng.integers(0, 2, 20), 3)
    moved = permuted_outcomes(y, patients, rng=rng).reshape(20, 3)
    assert_array_equal(moved, np.repeat(moved[:, :1], 3, axis=1))
    assert moved[:, 0].sum() == y.reshape(20, 3)[:, 0].sum()


def test_patients_of_one_outcome_change_places_whatever_their_rows(rng):
    patients = np.array(["a", "b", "b", "c", "c", "c"])
    y = np.array([1, 0, 0, 0, 0, 0])
    seen = {tuple(permuted_outcomes(y, patients, rng=rng)) for _ in range(60)}
    assert seen == {(1, 0, 0, 0, 0, 0), (0, 1, 1, 0, 0, 0), (0, 0, 0, 1, 1, 1)}


def test_mixed_outcomes_move_between_patients_with_as_many_rows(rng):
    patients = np.array(["a", "a", "b", "b", "c"])
    y = np.array([0, 1, 1, 1, 0])
    seen = {tuple(permuted_outcomes(y, patients, rng=rng)) for _ in range(60)}
    assert seen == {(0, 1, 1, 1, 0), (1, 1, 0, 1, 0)}


def test_outcomes_stay_in_their_site(rng):
    site = np.repeat(["north", "south"], 30)
    y = np.r_[rng.permutation(np.arange(30) < 24), rng.permutation(np.arange(30) < 3)].astype(int)
    for _ in range(20):
        moved = permuted_outcomes(y, np.arange(60), rng=rng, site=site)
        assert (moved[:30].sum(), moved[30:].sum()) == (24, 3)


def test_a_model_that_only_knows_the_site_is_unmasked_within_sites(rng):
    site = np.repeat([0, 1], 40)
    y = np.r_[np.arange(40) < 32, np.arange(40) < 8].astype(int)
    score = -site + 1e-3 * rng.normal(size=80)
    free, within = (
        permutation_test(
            lambda given: auroc(given, score), y, np.arange(80),
            rng=rng, n_permutations=199, site=one,
        ).p
        for one in (None, site)
    )  # fmt: skip
    assert free == 1 / 200
    assert within > 0.01


def test_nothing_to_exchange_is_refused(rng):
    with pytest.raises(InputError, match="no outcome can be exchanged"):
        permutation_test(lambda _: 0.0, [0, 0, 1, 1], np.arange(4), rng=rng, site=[0, 0, 1, 1])


def test_a_patient_in_two_sites_is_refused(rng):
    with pytest.raises(InputError, match="lies in several sites"):
        permuted_outcomes([0, 0, 1], ["a", "a", "b"], rng=rng, site=[0, 1, 1])


def test_an_undefined_observed_score_is_refused(rng):
    with pytest.raises(InputError, match="NaN"):
        permutation_test(lambda _: np.nan, [0, 1], [1, 2], rng=rng)


def test_undefined_permutations_make_p_larger_and_are_counted(rng):
    y = np.arange(40) % 2
    given = iter([1.0, *[np.nan] * 10, *[0.0] * 89])
    found = permutation_test(lambda _: next(given), y, np.arange(40), rng=rng, n_permutations=99)
    assert found.p == 11 / 100
    assert found.note == "undefined in 10 of 99 permutations"


def test_the_statistic_cannot_change_the_outcomes_of_the_caller(rng):
    y = np.arange(10) % 2

    def spoils(given):
        given[:] = 0
        return 0.0

    permutation_test(spoils, y, np.arange(10), rng=rng, n_permutations=5)
    assert_array_equal(y, np.arange(10) % 2)


def test_selecting_features_before_the_folds_earns_no_small_p(rng):
    # On the outcomes as they are, the leak scores high; it scores as high on permuted ones.
    X = rng.normal(size=(40, 200))
    y = np.arange(40) % 2

    def leaking(given):
        chosen = np.argmax(np.abs(X.T @ (given - 0.5)))
        sign = np.sign(X[:, chosen] @ (given - 0.5))
        return float(auroc(given, sign * X[:, chosen]))

    found = permutation_test(leaking, y, np.arange(40), rng=rng, n_permutations=99)
    assert found.observed > 0.65
    assert found.p > 0.05
