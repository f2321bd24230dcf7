"""What a design costs is told before it is paid."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, GroupKFold

from radpred.cohort.designs import estimated_cost, estimated_fits, repeated_k_fold, time_fits
from radpred.errors import InputError


def test_fits_are_those_that_a_nested_search_makes(rows):
    X = np.random.default_rng(0).normal(size=(len(rows.y), 2))
    n_fits = 0

    class Counted(LogisticRegression):
        def fit(self, X, y):
            nonlocal n_fits
            n_fits += 1
            return super().fit(X, y)

    design = repeated_k_fold(rows.y, rows.groups, n_folds=3, repeats=2, seed=0)
    search = GridSearchCV(Counted(), {"C": [0.1, 1, 10]}, cv=GroupKFold(4))
    for part in [*(split.train for split in design.splits), np.arange(len(rows.y))]:
        search.fit(X[part], rows.y[part], groups=rows.groups[part])
    assert estimated_fits(design, ["line"], {"line": [0.1, 1, 10]}, inner_folds=4) == {
        "line": n_fits
    }


def test_presets_differ_by_their_repeats():
    quick, standard, paper = (
        estimated_fits(5 * repeats, ["svm", "volume"], {"svm": 18}, is_final_fitted=False)
        for repeats in (1, 5, 20)
    )
    assert quick == {"svm": 5 * 91, "volume": 5 * 6}
    assert standard == {name: 5 * n for name, n in quick.items()}
    assert paper == {name: 20 * n for name, n in quick.items()}


def test_each_model_is_timed_after_a_fit_that_is_not():
    fitted, ticks = [], iter([0.0, 1.0, 10.0, 13.0, 20.0, 22.0])
    times = time_fits(fitted.append, ["svm"], n_times=3, clock=lambda: next(ticks))
    assert times == {"svm": (1.0, 3.0, 2.0)}
    assert fitted == ["svm"] * 4


def test_the_estimate_is_the_median_time_of_all_fits():
    cost = estimated_cost({"a": 10, "b": 100}, {"a": (1.0, 2.0, 9.0), "b": (0.1, 0.1)})
    assert (cost.n_fits, cost.seconds) == (110, pytest.approx(30.0))


def test_the_range_is_a_factor_of_two_or_what_was_timed():
    narrow = estimated_cost({"a": 10}, {"a": (1.0, 1.1, 0.9)})
    wide = estimated_cost({"a": 10}, {"a": (1.0, 7.0, 0.1)})
    assert (narrow.low, narrow.high) == (5.0, 20.0)
    assert (wide.low, wide.high) == (1.0, 70.0)


def test_processes_share_the_time():
    assert estimated_cost({"a": 10}, {"a": (4.0,)}, n_jobs=4).seconds == 10.0


def test_the_cost_is_told_in_words():
    cost = estimated_cost({"a": 8040}, {"a": (0.1,)})
    assert str(cost) == "8,040 fits, about 13 min (between 6.7 min and 27 min)"


def test_hours_are_hours():
    assert "about 2.8 h" in str(estimated_cost({"a": 1000}, {"a": (10.0,)}))


def test_a_model_that_was_not_timed_is_refused():
    with pytest.raises(InputError, match="no time of b"):
        estimated_cost({"a": 1, "b": 1}, {"a": (1.0,)})
