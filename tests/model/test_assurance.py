"""Every way to calibrate and conformalise a fit; the default is what fits always were."""

import numpy as np
import pytest

from radpred.errors import InputError
from radpred.model import fit, grid
from radpred.model.assurance import Assurance
from radpred.model.calibrators import METHODS, fit_calibrator, method_of, scale_of
from radpred.model.conformal import TAXONOMIES, least_rows
from radpred.model.score import score_chain

from .conftest import SEARCH

MODEL = "elastic_net"


@pytest.fixture
def sites(table):
    """Return two large sites and a small one."""
    patients = np.array([hash_of(name) for name in table[2]])
    return np.where(patients % 10 < 5, "A", np.where(patients % 10 < 9, "B", "C"))


def hash_of(name) -> int:
    """Return a number of a patient that is the same in every run."""
    return sum(ord(letter) * (7 + place) for place, letter in enumerate(str(name)))


def fitted_with(table, *, strata=None, model=MODEL, **assurance):
    """Return a model of the made table with this assurance."""
    X, y, groups = table
    chosen = Assurance(**assurance)
    return fit(model, X, y, groups=groups, search=SEARCH, assurance=chosen, strata=strata)


OF_SCORES = [method for method in METHODS if method != "shrunk_sigmoid"]


@pytest.mark.parametrize("method", OF_SCORES)
def test_the_calibrator_is_fitted_on_the_held_out_scores(method, table):
    fitted = fitted_with(table, calibration=method)
    own = fitted.held_out
    expected = fit_calibrator(
        method, own.scores, own.y, folds=own.folds, scale=scale_of(fitted.chain[-1])
    )
    assert method_of(fitted.calibrator) == method
    assert fitted.calibrator == expected


def test_a_shrunk_sigmoid_sees_all_that_was_tried_and_whose_rows_they_are(table, monkeypatch):
    seen = {}

    def heard(tried, y, **given):
        seen.update(given, tried=tried)
        return 0.5

    monkeypatch.setattr("radpred.model.calibrators.shrunk.kept_slope", heard)
    fitted = fitted_with(table, calibration="shrunk_sigmoid")
    own = fitted.held_out
    assert any(np.array_equal(scores, own.scores) for scores in seen["tried"])
    assert len(seen["tried"]) == len(list(grid(MODEL, n_features=SEARCH.n_features)))
    assert np.array_equal(seen["folds"], own.folds)
    assert np.array_equal(seen["groups"], np.asarray(table[2]).astype(str)[own.rows])
    whole = fit_calibrator("sigmoid", own.scores, own.y)
    assert fitted.calibrator.slope == whole.slope / 2


def test_held_out_scores_are_those_of_chains_that_did_not_see_the_row(table):
    X, y, _ = table
    fitted = fitted_with(table)
    own = fitted.held_out
    for number, fold in enumerate(fitted.conformal.folds):
        rows = own.rows[own.folds == number]
        assert np.array_equal(rows, fold.scored_rows)
        assert np.array_equal(
            own.scores[own.folds == number], score_chain(fold.chain, X.iloc[rows])
        )
    assert np.array_equal(own.y, y[own.rows])


def test_calibration_leaves_the_chain_and_the_p_values_alone(table):
    X = table[0]
    plain, other = fitted_with(table), fitted_with(table, calibration="beta")
    assert np.array_equal(plain.score(X), other.score(X))
    assert np.array_equal(plain.p_values(X), other.p_values(X))


def test_a_distance_cannot_go_uncalibrated(table):
    with pytest.raises(InputError, match="distance"):
        fitted_with(table, model="svm", calibration="none")


def test_split_calibrates_on_one_inner_fold(table):
    cross, split = fitted_with(table), fitted_with(table, conformal="split")
    assert len(split.conformal.folds) == 1
    first = cross.conformal.folds[0]
    assert np.array_equal(split.conformal.folds[0].scored_rows, first.scored_rows)


def test_leave_one_out_calibrates_on_each_patient_by_a_chain_of_the_others(table):
    groups = table[2]
    fitted = fitted_with(table, conformal="leave_one_out", model="volume")
    folds = fitted.conformal.folds
    assert len(folds) == len(np.unique(groups))
    for fold in folds:
        assert len(np.unique(groups[fold.scored_rows])) == 1
        assert len(fold.fitted_rows) + len(fold.scored_rows) == len(groups)
        assert not np.isin(groups[fold.fitted_rows], groups[fold.scored_rows]).any()


@pytest.mark.parametrize("taxonomy", TAXONOMIES)
def test_every_row_is_in_a_cell_of_its_taxonomy(taxonomy, table, sites):
    fitted = fitted_with(table, taxonomy=taxonomy, strata=sites)
    sizes = fitted.conformal.cell_sizes()
    n = len(table[1])
    finest = {name: size for name, size in sizes.items() if ("group=" in name) == (
        taxonomy in ("site", "group_class")
    )}  # fmt: skip
    assert sum(finest.values()) == n


def test_a_site_that_is_too_small_for_the_highest_level_is_answered_by_all(table, sites):
    level = 0.9
    fitted = fitted_with(table, taxonomy="site", strata=sites, level=level)
    small = [
        name
        for name, size in fitted.conformal.cell_sizes().items()
        if name.startswith("group=") and size < least_rows(level)
    ]
    assert small == ["group=C"]
    answers = fitted.conformal.answers(table[0], strata=sites)
    assert set(answers.cell[sites == "C"].ravel()) == {"all"}
    assert set(answers.cell[sites == "A"].ravel()) == {"group=A"}


def test_p_values_of_an_unknown_site_are_those_of_all(table, sites):
    X = table[0]
    fitted = fitted_with(table, taxonomy="site", strata=sites)
    unknown = fitted.conformal.answers(X, strata=np.full(len(X), "Z"))
    assert not unknown.is_claimed.any()
    assert set(unknown.cell.ravel()) == {"all"}
    full = fitted_with(table, taxonomy="site", strata=sites, unknown="full")
    assert (full.p_values(X, strata=np.full(len(X), "Z")) == 1).all()


def test_strata_are_ordered_with_their_cases(table, sites):
    X, y, groups = table
    order = np.arange(len(X))[::-1]
    chosen = Assurance(taxonomy="site")
    turned = fit(
        MODEL,
        X.iloc[order],
        y[order],
        groups=groups[order],
        search=SEARCH,
        assurance=chosen,
        strata=sites[order],
    )
    same = fitted_with(table, taxonomy="site", strata=sites)
    assert turned.conformal.cell_sizes() == same.conformal.cell_sizes()
    assert np.array_equal(turned.p_values(X, strata=sites), same.p_values(X, strata=sites))


def test_only_venn_abers_has_calibration_intervals(table):
    X = table[0]
    assert fitted_with(table).calibration_interval(X) is None
    fitted = fitted_with(table, calibration="cross_venn_abers")
    low, high = fitted.calibration_interval(X).T
    risk = fitted.probability(X)
    assert ((low <= risk) & (risk <= high)).all()
