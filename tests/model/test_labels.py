"""Sites and patients are known by case, and are no columns."""

from copy import deepcopy

import numpy as np
import pandas as pd
import pytest

from radpred.errors import InputError
from radpred.model.labels import CaseLabels, labels_of


def test_a_copy_is_the_same_object():
    labels = CaseLabels({"a": "x"})
    assert deepcopy(labels) is labels


def test_ids_are_compared_as_text_and_words_without_white_space():
    assert CaseLabels({1: " Leeds "}).of(["1"]).tolist() == ["Leeds"]


@pytest.mark.parametrize("gap", [None, np.nan, "", "  "])
def test_no_word_is_no_label(gap):
    assert CaseLabels(pd.Series({"a": gap})).of(["a"]).tolist() == [""]


def test_its_words_do_not_show_ids():
    assert repr(CaseLabels({"secret": "x", "other": "x"})) == "<1 labels of 2 cases>"


def test_words_that_come_with_the_rows_go_before_known_ones():
    cases = pd.Index(["a", "b"])
    assert labels_of(cases, ["y", None], CaseLabels({"a": "x"}), what="site").tolist() == ["y", ""]


def test_rows_without_any_word_are_refused():
    with pytest.raises(InputError, match=r"no site of the 2 rows is known; give site="):
        labels_of(pd.Index(["a", "b"]), None, None, what="site")


def test_one_word_a_row_is_wanted():
    with pytest.raises(InputError, match="2 rows need one site each"):
        labels_of(pd.Index(["a", "b"]), ["x"], None, what="site")
