"""Settings of regions are refused where they mean nothing."""

from __future__ import annotations

import pytest

from radpred.config._base import checked
from radpred.config.study import RegionSettings
from radpred.errors import SettingsError


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"tumour_with_ring": True}, "needs rings_mm"),
        ({"core": True}, "needs rim_mm"),
        ({"window": [300, -300]}, "lower end first"),
        ({"window": [40, 40]}, "lower end first"),
        ({"window": {"ct": [3, 2]}}, "lower end first"),
        ({"controls": ["opposite"]}, "mirrored"),
        ({"control_distance_mm": -1}, "greater than or equal to 0"),
        ({"rim_mm": [0]}, "greater than 0"),
    ],
)
def test_settings_that_mean_nothing_are_refused(given, said):
    with pytest.raises(SettingsError, match=said):
        checked(RegionSettings, given, source="study.yaml")


def test_a_window_may_be_open_at_an_end():
    assert RegionSettings(window=(-300, float("inf"))).window_of("ct") == (-300, float("inf"))


def test_a_window_by_image_holds_for_the_images_that_it_names():
    settings = RegionSettings(window={"ct": (-300, 300)})
    assert settings.window_of("ct") == (-300, 300)
    assert settings.window_of("pet") is None


@pytest.mark.parametrize(
    ("given", "has"), [({}, False), ({"rim_mm": [2]}, False), ({"controls": ["distant"]}, True)]
)
def test_an_organ_matters_where_a_region_lies_outside_the_tumour(given, has):
    assert RegionSettings(**given).has_surroundings is has
