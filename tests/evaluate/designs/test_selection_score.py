"""The score of what was chosen on the same folds is no performance."""

import numpy as np
import pytest

from radpred.errors import InputError
from radpred.evaluate.designs import best_of


def test_the_best_is_chosen_and_of_equals_the_first():
    name, score = best_of({"a": 0.6, "b": 0.7, "c": 0.7}, metric="auroc", n_folds=5)
    assert (name, score.value, score.n_tried) == ("b", 0.7, 3)


def test_it_says_that_it_is_a_selection_score():
    _, score = best_of({"a": 0.6, "b": 0.7}, metric="auroc", n_folds=5)
    assert str(score).startswith("selection score auroc 0.700")
    assert "not a performance" in str(score)


def test_it_cannot_be_averaged_among_performances():
    _, score = best_of({"a": 0.6}, metric="auroc", n_folds=5)
    with pytest.raises(TypeError):
        np.mean([score, 0.6])


def test_undefined_scores_are_passed_over():
    assert best_of({"a": np.nan, "b": 0.5}, metric="auroc", n_folds=5)[0] == "b"


def test_nothing_to_choose_from_is_refused():
    with pytest.raises(InputError, match="none of 1 configurations"):
        best_of({"a": np.nan}, metric="auroc", n_folds=5)
