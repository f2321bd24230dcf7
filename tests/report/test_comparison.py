"""The picture and the page of a comparison."""

from __future__ import annotations

import math
import re

import numpy as np
import pandas as pd
import pytest

from radpred.report import comparison_page
from radpred.report.comparison import folded_summary, missing_counts, verdict_words
from radpred.report.figures import difference_strip
from radpred.table.compare import compare_tables

NAMES = ("ours", "theirs")
COLUMNS = [
    f"tumour__{image}_{key}"
    for image in ("original", "wavelet-HHH")
    for key in ("firstorder_Mean", "glcm_Idm", "glcm_MCC", "ngtdm_Busyness")
]


def rows(change=None, n_cases=3, reasons=None):
    """Return a comparison of made tables that differ by what ``change`` does."""
    cases = [f"p{n}" for n in range(n_cases)]
    values = np.linspace(1, 2, n_cases * len(COLUMNS)).reshape(n_cases, -1)
    a = pd.DataFrame(values, columns=COLUMNS)
    b = a.copy()
    if change is not None:
        change(b)
    for side in (a, b):
        side.insert(0, "case_id", cases)
    return compare_tables(a, b, reasons_b=reasons)


def shifted(table):
    """Change one value by a hundredth, and another one by less than the tolerance."""
    table.loc[1, "tumour__wavelet-HHH_glcm_MCC"] *= 1.01
    table.loc[2, "tumour__original_firstorder_Mean"] *= 1 + 1e-9


def lost(table):
    """Take the values of one family on one image away."""
    table["tumour__original_ngtdm_Busyness"] = math.nan


def texts(figure):
    """Return all text of a figure."""
    return [text.get_text() for text in [*figure.texts, *figure.axes[0].texts]]


def strip(compared, **options):
    return difference_strip(compared, tolerance=1e-6, names=NAMES, **options)


def test_the_strip_has_one_point_for_every_value_of_both():
    points = sum(len(line.get_xdata()) for line in strip(rows(lost)).axes[0].lines)
    assert points == 3 * (len(COLUMNS) - 1) + 2  # two ends of the line of tolerance


def test_values_that_differ_have_a_colour_of_their_own():
    beyond = [
        line for line in strip(rows(shifted)).axes[0].lines
        if line.get_marker() == "o" and line.get_color() == "#b3261e" and len(line.get_xdata())
    ]  # fmt: skip
    assert [line.get_xdata().tolist() for line in beyond] == [pytest.approx([-2.0], abs=0.01)]


def test_the_largest_differences_are_named_with_both_values():
    said = " ".join(texts(strip(rows(shifted))))
    assert "Maximal correlation coefficient" in said
    assert re.search(r"case p1: 1\.\d{5,} and 1\.\d{5,}", said)


def test_equal_tables_name_nothing_and_can_be_drawn():
    assert not any(text.startswith("case") for text in texts(strip(rows())))


def test_tables_without_a_common_value_can_be_drawn():
    def change(table):
        table[COLUMNS] = math.nan

    strip(rows(change))


def test_a_tolerance_of_nothing_can_be_drawn():
    difference_strip(rows(shifted), tolerance=0.0, names=NAMES)


def test_very_many_values_are_thinned_but_never_those_that_differ_most():
    figure = strip(rows(shifted, n_cases=2000))
    lines = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert sum(len(line.get_xdata()) for line in lines) <= 3000
    assert max(line.get_xdata().max(initial=-99) for line in lines) == pytest.approx(-2.0, abs=0.01)


def test_numbers_that_are_written_in_a_figure_keep_all_their_digits():
    page = comparison_page(rows(shifted), names=NAMES, tolerance=1e-6)
    assert re.search(r"case p1: 1\.\d{5,} and 1\.\d{5,}", page)


def test_the_page_says_the_verdict_and_needs_nothing_from_outside():
    page = comparison_page(rows(shifted), names=("<a>", "b"), tolerance=1e-6, seconds=(1.0, 2.5))
    assert "Different: 1 of 24 values differ by more than 1e-06" in page
    assert "&lt;a&gt;" in page
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        (None, "equal: all 24 values of both agree within 1e-06"),
        (shifted, "different: 1 of 24 values differ by more than 1e-06"),
        (
            lost,
            "different: all 21 values of both agree within 1e-06, 3 values missing on one side "
            "without a reason",
        ),
    ],
)
def test_the_verdict_is_one_sentence(change, verdict):
    assert verdict_words(rows(change), tolerance=1e-6) == verdict


def test_values_that_one_side_lacks_are_counted_by_reason():
    column = "tumour__original_ngtdm_Busyness"
    why = pd.DataFrame(
        {"case_id": ["p0", "p1"], "column": [column] * 2, "reason": ["flat", "flat"]}
    )
    assert missing_counts(rows(lost, reasons=why)) == [
        ("b", "flat", 2, f"p0, {column}"),
        ("b", "no reason given", 1, f"p2, {column}"),
    ]


def test_equal_families_of_an_image_are_told_together():
    found = [(row["image"], row["family"], row["n"]) for row in folded_summary(rows(shifted))]
    assert found == [
        ("original", "3 families", 12),
        ("wavelet-HHH", "glcm", 6),
        ("wavelet-HHH", "2 families", 6),
    ]
