"""The report's table of how well readers agree."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from radpred.report.parts.readers import MOST_READERS, reader_rows
from radpred.report.words.numbers import NOT_AVAILABLE


def agreement(readers=("A", "B"), *, n_cases=3, **more):
    """Return made rows of agreement."""
    rows = [
        {"first": readers[0], "second": readers[1], "dice": 0.6 + case / 10}
        for case in range(n_cases)
    ]
    rows += [
        {"first": reader, "second": "consensus", "dice": 0.9}
        for reader in readers
        for _ in range(n_cases)
    ]
    unknown = dict.fromkeys(("kappa", "sensitivity", "specificity"), np.nan)
    return pd.DataFrame(rows).assign(hd95_mm=2.0, asd_mm=0.5, **{**unknown, **more})


def test_pairs_are_told_together_and_each_reader_against_the_consensus():
    rows = reader_rows(agreement())
    assert [row.cells[0] for row in rows] == [
        "One reader and another",
        "A and the consensus",
        "B and the consensus",
    ]


def test_a_measure_is_its_median_and_the_middle_half():
    assert reader_rows(agreement())[0].cells[1:3] == ("3", "0.70 (0.65 to 0.75)")


def test_what_no_pair_has_is_not_available():
    assert reader_rows(agreement())[0].cells[5] == NOT_AVAILABLE


@pytest.mark.parametrize(("more", "n"), [({}, 6), ({"sensitivity": 0.9, "specificity": 0.8}, 8)])
def test_what_staple_alone_finds_is_shown_where_it_ran(more, n):
    assert {len(row.cells) for row in reader_rows(agreement(**more))} == {n}


def test_more_readers_than_fit_are_told_together():
    names = [f"R{n}" for n in range(MOST_READERS + 1)]
    rows = reader_rows(agreement(names))
    assert [row.cells[0] for row in rows] == [
        "One reader and another",
        "A reader and the consensus",
    ]


@pytest.mark.parametrize("given", [None, agreement().iloc[:0]])
def test_without_readers_there_is_no_table(given):
    assert reader_rows(given) == []
