"""Each search tries what it promises, the same for a seed, however many processes there are."""

import os
import subprocess
import sys

import numpy as np
import pytest

from radpred.errors import InputError, SettingsError
from radpred.model.tuning import METHODS, Choice, Real, Trial, Whole, best, choices, search
from radpred.model.tuning.at_random import draw
from radpred.model.tuning.space import n_points

SPACE = {"kernel": Choice(("plane", "bell")), "cost": Real(1e-2, 1e2, log=True), "n": Whole(1, 9)}
GRID = choices({"a": (3, 1, 2), "b": ("x", "y")})


def peak(point):
    """Return a value that is highest at a cost of 1, 5 columns and a bell."""
    return -abs(np.log(point["cost"])) - abs(point["n"] - 5) + (point["kernel"] == "bell")


def constant(point):
    """Return the same of every point."""
    return 1.0


def process_of(point):
    """Return which process works, as a number."""
    return float(os.getpid())


def test_a_grid_is_walked_with_the_last_axis_fastest():
    trials = search(GRID, constant)
    assert [trial.params for trial in trials[:3]] == [
        {"a": 3, "b": "x"}, {"a": 3, "b": "y"}, {"a": 1, "b": "x"}
    ]  # fmt: skip
    assert [trial.number for trial in trials] == list(range(6))


def test_a_space_without_axes_has_one_point():
    for method in METHODS:
        assert search({}, constant, method=method, budget=5) == (
            Trial(number=0, params={}, value=1.0),
        )


def test_a_grid_refuses_a_range_and_a_budget_that_it_exceeds():
    with pytest.raises(SettingsError, match="cannot walk the ranges of cost, n; give values"):
        search(SPACE, peak)
    with pytest.raises(SettingsError, match="has 6 points and the budget is 5"):
        search(GRID, constant, budget=5)


@pytest.mark.parametrize("method", ["random", "tpe"])
def test_as_many_points_are_tried_as_the_budget_allows(method):
    assert len(search(SPACE, peak, method=method, budget=17)) == 17


@pytest.mark.parametrize("method", ["random", "tpe"])
@pytest.mark.parametrize("budget", [1, 2, 3])
def test_a_small_budget_is_enough(method, budget):
    assert len(search(SPACE, peak, method=method, budget=budget)) == budget


@pytest.mark.parametrize("method", METHODS)
def test_the_same_seed_tries_the_same(method):
    space, objective = (GRID, constant) if method == "grid" else (SPACE, peak)
    budget = None if method == "grid" else 15
    first, again = (
        search(space, objective, method=method, budget=budget, seed=4) for _ in range(2)
    )
    assert first == again


@pytest.mark.parametrize("method", METHODS)
def test_two_processes_try_what_one_tries(method):
    space, objective = (GRID, constant) if method == "grid" else (SPACE, peak)
    budget = None if method == "grid" else 12
    one, two = (
        search(space, objective, method=method, budget=budget, seed=4, n_jobs=n) for n in (1, 2)
    )
    assert one == two


def test_several_processes_are_used_where_they_can_be():
    trials = search(SPACE, process_of, method="random", budget=8, n_jobs=2)
    assert os.getpid() not in {trial.value for trial in trials}


@pytest.mark.parametrize("method", ["random", "tpe"])
def test_another_seed_tries_other_points(method):
    one, other = (search(SPACE, peak, method=method, budget=5, seed=s) for s in (0, 1))
    assert one != other


@pytest.mark.parametrize("method", ["random", "tpe"])
def test_points_lie_in_their_space(method):
    for trial in search(SPACE, peak, method=method, budget=40, seed=2):
        assert trial.params["kernel"] in ("plane", "bell")
        assert 1e-2 <= trial.params["cost"] <= 1e2
        assert type(trial.params["n"]) is int
        assert 1 <= trial.params["n"] <= 9


def test_promising_points_are_better_than_random_ones():
    found = {
        method: np.mean(
            [best(search(SPACE, peak, method=method, budget=40, seed=s)).value for s in range(5)]
        )
        for method in ("random", "tpe")
    }
    assert found["tpe"] > found["random"]


def test_a_point_that_comes_again_is_not_tried_again():
    seen = []
    trials = search(
        GRID, lambda point: seen.append(tuple(point.values())) or 0.0, method="tpe", budget=40
    )
    assert len(trials) == 40
    assert len(seen) <= 6 + 10  # each point once, and those drawn at random together


def test_random_points_differ_and_end_where_there_are_no_more():
    points = [tuple(point.values()) for point in draw(GRID, 50, seed=0)]
    assert sorted(points) == sorted({(a, b) for a in (3, 1, 2) for b in ("x", "y")})


def test_a_range_on_a_log_axis_gives_each_ratio_the_same_share():
    values = np.array([p["c"] for p in draw({"c": Real(0.01, 100.0, log=True)}, 4000, seed=1)])
    assert np.mean(values < 1.0) == pytest.approx(0.5, abs=0.03)


def test_the_ends_of_a_whole_range_are_as_likely_as_the_rest():
    points = [draw({"n": Whole(1, 4)}, 1, seed=s)[0]["n"] for s in range(2000)]
    assert np.bincount(points)[1:] / 2000 == pytest.approx(np.full(4, 0.25), abs=0.04)


def test_a_space_of_choices_is_counted_and_a_range_is_not():
    assert n_points(GRID) == 6
    assert n_points(SPACE) is None


def test_of_equal_trials_the_first_is_the_best():
    trials = [Trial(number=i, params={"a": i}, value=v) for i, v in enumerate((0.1, 0.7, 0.7))]
    assert best(trials).number == 1


def test_the_best_of_nothing_is_refused():
    with pytest.raises(InputError, match="no trials came"):
        best([])


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_score_that_cannot_be_compared_is_refused(value):
    with pytest.raises(InputError, match="wanted a finite number; leave the point out"):
        search(GRID, lambda point: value)


@pytest.mark.parametrize(
    ("settings", "what"),
    [
        ({"method": "hill"}, "no search is called 'hill'; choose one of grid, random, tpe"),
        ({"budget": 0}, "a budget of 0 came"),
        ({"method": "tpe"}, "the search 'tpe' has no end of its own"),
    ],
)
def test_settings_that_cannot_be_followed_are_refused(settings, what):
    with pytest.raises(SettingsError, match=what):
        search(GRID, constant, **settings)


@pytest.mark.parametrize(("axis", "ends"), [(Real, (2.0, 1.0)), (Whole, (0, 4))])
def test_a_range_without_a_middle_is_refused(axis, ends):
    with pytest.raises(SettingsError, match="low must not be above high"):
        axis(*ends, log=True)


def test_an_axis_without_values_is_refused():
    with pytest.raises(SettingsError, match="an axis without values"):
        Choice(())


def test_global_state_stays_as_it_was():
    optuna = pytest.importorskip("optuna")
    verbosity, state = optuna.logging.get_verbosity(), np.random.get_state()[1].copy()  # noqa: NPY002
    search(SPACE, peak, method="tpe", budget=12)
    assert optuna.logging.get_verbosity() == verbosity
    assert np.array_equal(np.random.get_state()[1], state)  # noqa: NPY002


def test_optuna_is_loaded_when_it_is_used():
    code = "import sys, radpred.model.tuning; assert 'optuna' not in sys.modules"
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True)


def test_without_optuna_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(SettingsError, match="pip install optuna"):
        search(SPACE, peak, method="tpe", budget=5)
