"""The intensity-volume histogram of small regions, worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from radpred.features import Convention

NAMES = {
    "V10": "VolumeFractionAt10PercentIntensity",
    "V90": "VolumeFractionAt90PercentIntensity",
    "I10": "IntensityAt10PercentVolume",
    "I90": "IntensityAt90PercentVolume",
    "V": "VolumeFractionDifference",
    "I": "IntensityDifference",
}


@pytest.fixture(scope="module")
def curve_of(measure):
    """Return a function from intensities to the six features, by short names."""

    def of(intensities, **convention):
        voxels = np.array([[intensities]])
        found = measure(voxels, families=("ivh",), convention=Convention(**convention)).values
        assert set(found) == {f"ivh_{name}" for name in NAMES.values()}
        return {short: found[f"ivh_{name}"] for short, name in NAMES.items()}

    return of


def test_whole_numbers_are_steps_of_1(curve_of):
    # Of 11 voxels, 10 reach 1, which is 10 % of the range, and 2 reach 9; one reaches 10, and 9
    # reach 2.
    found = curve_of(range(11))
    assert found == pytest.approx(
        {"V10": 10 / 11, "V90": 2 / 11, "V": 8 / 11, "I10": 10, "I90": 2, "I": 8}
    )


def test_intensities_that_do_not_occur_count_as_steps(curve_of):
    # Of IBSI's example, with 50, 1, 16 and 7 voxels of 1, 3, 4 and 6.
    found = curve_of([1] * 50 + [3] + [4] * 16 + [6] * 7)
    assert found == pytest.approx(
        {"V10": 24 / 74, "V90": 7 / 74, "V": 17 / 74, "I10": 5, "I90": 2, "I": 3}
    )


def test_the_range_is_that_of_re_segmentation(curve_of):
    found = curve_of(range(11), first_edge=-10.0, last_edge=10.0)
    assert (found["V10"], found["V90"]) == pytest.approx((1, 3 / 11))
    assert (found["I10"], found["I90"]) == (10, 2)


def test_a_lower_bound_alone_leaves_the_upper_end_to_the_intensities(curve_of):
    found = curve_of(range(11), first_edge=-10.0)
    assert (found["V10"], found["V90"]) == pytest.approx((1, 3 / 11))


def test_bins_of_a_width_stand_for_their_centres(curve_of):
    # Bins of 2 from 0: five voxels in each of 0-2, 2-4, ..., 18-20, with centres 1, 3, ..., 19.
    found = curve_of(np.repeat(np.arange(0, 20, 2), 5) + 0.5, ivh_bin_width=2.0)
    # The range goes from 1 to 19: 10 % of it are at 2.8, 90 % at 17.2.
    assert found == pytest.approx({"V10": 0.9, "V90": 0.1, "V": 0.8, "I10": 19, "I90": 3, "I": 16})


def test_bins_of_a_width_begin_and_end_at_the_bounds(curve_of):
    x = np.repeat(np.arange(0, 20, 2), 5) + 0.5
    found = curve_of(x, ivh_bin_width=2.0, first_edge=-1.0, last_edge=41.0)
    # Bins from -1 up: -1 to 1 and so on, centres 0, 2, ..., 18, in a range from 0 to 40.
    assert (found["V10"], found["V90"]) == pytest.approx((0.8, 0))
    assert (found["I10"], found["I90"]) == pytest.approx((18, 2))


@pytest.mark.parametrize("first_edge", ["minimum", 3.5, 0.5])
def test_where_whole_widths_begin_does_not_matter_to_intensities(curve_of, first_edge):
    x = np.arange(3.5, 60, 0.25)
    found = curve_of(x, ivh_bin_width=3.0, first_edge=first_edge)
    assert found["I10"] % 3 == pytest.approx(2)


def test_a_number_of_bins_gives_levels_from_1(curve_of):
    found = curve_of(np.linspace(-7, 7, 1001), ivh_bin_count=100)
    # Levels of ten voxels each, and the last of eleven.
    assert (found["V10"], found["V90"]) == pytest.approx((901 / 1001, 101 / 1001))
    assert (found["I10"], found["I90"]) == (92, 12)


def test_a_number_of_bins_does_not_look_at_bounds(curve_of):
    x = np.linspace(-7, 7, 1001)
    bound = curve_of(x, ivh_bin_count=100, first_edge=-50.0, last_edge=50.0)
    assert bound == curve_of(x, ivh_bin_count=100)


def test_where_intensities_are_no_whole_numbers_those_that_occur_are_taken(curve_of):
    found = curve_of([0.5, 1.25, 2.5, 2.75, 3.0, 3.5, 4.0, 4.5, 5.0, 10.5])
    assert (found["I10"], found["I90"]) == (10.5, 1.25)
    assert (found["V10"], found["V90"]) == pytest.approx((0.8, 0.1))


@pytest.mark.parametrize("unit", [1, 0.5])
def test_the_highest_intensity_is_taken_where_too_many_voxels_have_it(curve_of, unit):
    assert curve_of(np.array([1, 3, 4, 7, 9, 9]) * unit)["I10"] == 9 * unit


def test_a_step_above_the_highest_is_taken_inside_the_bounds(curve_of):
    assert curve_of([1, 3, 4, 7, 9, 9], first_edge=0.0, last_edge=20.0)["I10"] == 10


@pytest.mark.parametrize("bins", [{}, {"ivh_bin_width": 0.3}, {"ivh_bin_count": 10}])
def test_a_flat_region_has_no_range_of_intensities(measure, bins):
    voxels, convention = np.full((2, 2, 2), 5.0), Convention(**bins)
    found = measure(voxels, families=("ivh",), convention=convention)
    of_volume = {f"ivh_{NAMES[short]}" for short in ("V10", "V90", "V")}
    assert found.reasons == dict.fromkeys(of_volume, "flat")
    assert found.values[f"ivh_{NAMES['I']}"] == 0


def test_more_bins_than_texture_could_have_are_no_trouble(measure, rng):
    voxels = rng.uniform(0, 30000, (8, 9, 11))
    convention = Convention(ivh_bin_width=0.01)
    assert measure(voxels, bin_width=200, families=("ivh",), convention=convention).reasons == {}


@pytest.mark.parametrize("bins", [{}, {"ivh_bin_width": 4.0}, {"ivh_bin_count": 50}])
def test_the_order_of_the_features_holds_for_any_region(curve_of, rng, bins):
    found = curve_of(rng.normal(0, 40, 500).round(), **bins)
    assert 1 >= found["V10"] >= found["V90"] >= 0
    assert found["I10"] > found["I90"]
    assert found["V"] == found["V10"] - found["V90"]
    assert found["I"] == found["I10"] - found["I90"]
