"""Pictures and the table of habitats say what there is."""

import numpy as np
import pandas as pd
import pytest

from radpred import fit_habitats
from radpred.datasets import phased_tumour
from radpred.report.parts.habitats import (
    habitat_colours,
    habitat_figure,
    habitat_part,
    habitat_picture,
    habitat_rows,
)


@pytest.fixture(scope="module")
def made():
    """Return the habitats of a made tumour."""
    tumour = phased_tumour(
        np.random.default_rng(2), shares=(0.25, 0.75), intensities=(0.0, 90.0), radius_mm=8.0
    )
    return fit_habitats([(tumour.image, tumour.tumour)], n=2).map(tumour.image, tumour.tumour)


def test_the_picture_shows_the_slice_on_which_the_tumour_is_largest(made):
    drawn = habitat_figure(made).axes[1].images[1].get_array()
    largest = (made.labels.voxels > 0).sum(axis=(1, 2)).max()
    assert (~drawn.mask).sum() == largest


def test_the_key_says_how_much_of_the_tumour_each_habitat_is(made):
    shown = [text.get_text() for text in habitat_figure(made).legends[0].get_texts()]
    assert shown == ["habitat 1: 25%", "habitat 2: 75%"]


def test_a_picture_is_a_small_png(made):
    picture = habitat_picture(made, title="a case", dpi=80)
    assert picture.startswith(b"\x89PNG")
    assert len(picture) < 60_000


def test_colours_rise_in_lightness():
    grey = [int(c[1:3], 16) + 2 * int(c[3:5], 16) + int(c[5:], 16) for c in habitat_colours(5)]
    assert grey == sorted(grey)


def test_rows_are_medians_over_the_cases_that_have_a_habitat():
    features = pd.DataFrame(
        {
            "pet__habitat_1__original_habitat_Fraction": [0.2, 0.4, 0.0],
            "pet__habitat_1__original_habitat_Mean": [1.0, 3.0, np.nan],
            "pet__habitat_1__wavelet-LLL_habitat_Mean": [5.0, 7.0, np.nan],
            "pet__habitat_2__original_habitat_Fraction": [0.8, 0.6, 1.0],
            "pet__habitat_2__original_habitat_Mean": [9.0, 9.0, 9.0],
            "pet__habitat_2__wavelet-LLL_habitat_Mean": [2.0, 2.0, 2.0],
        }
    )
    first, second = habitat_rows(features)
    assert first == {
        "habitat": "habitat_1",
        "n_cases": 2,
        "fraction": 0.2,
        "means": {"original": 2.0, "wavelet-LLL": 6.0},
    }
    assert second["n_cases"] == 3


def test_the_part_of_the_report_names_its_columns_in_words():
    rows = [{"habitat": "habitat_1", "n_cases": 3, "fraction": 0.25, "means": {"original": 2.0}}]
    part = habitat_part({"rows": rows, "pictures": [{"case_id": "a", "png": b"x"}]})
    assert part["rows"] == [("habitat 1", "3", "25\N{NO-BREAK SPACE}%", "2")]
    assert part["heads"] == ["unfiltered image"]
    assert part["pictures"] == [{"case_id": "a", "data": "eA=="}]


def test_a_study_without_habitats_has_no_part_on_them():
    assert habitat_part(None)["rows"] == []
