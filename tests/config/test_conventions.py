"""Each difference between PyRadiomics and IBSI is a switch, and a convention sets them all."""

from __future__ import annotations

import pytest

from radpred.config import ExtractionSettings, StudySettings, extraction_settings
from radpred.config.conventions import SWITCHES
from radpred.config.to_pyradiomics import pyradiomics_parameters
from radpred.errors import SettingsError

LEAST = {"name": "s", "outcome": {"column": "y"}}


def plain(value):
    return tuple(value) if isinstance(value, list) else value


@pytest.mark.parametrize("switch", SWITCHES, ids=lambda switch: switch.name)
def test_without_a_convention_a_switch_stands_as_in_pyradiomics(switch):
    assert getattr(ExtractionSettings(), switch.name) == switch.pyradiomics


@pytest.mark.parametrize("switch", SWITCHES, ids=lambda switch: switch.name)
def test_the_convention_ibsi_turns_a_switch(switch):
    assert getattr(extraction_settings({"convention": "ibsi"}), switch.name) == switch.ibsi


@pytest.mark.parametrize("switch", SWITCHES, ids=lambda switch: switch.name)
def test_a_switch_that_is_set_goes_before_the_convention(switch):
    given = {"convention": "ibsi", switch.name: switch.pyradiomics}
    assert getattr(extraction_settings(given), switch.name) == switch.pyradiomics


@pytest.mark.parametrize("switch", SWITCHES, ids=lambda switch: switch.name)
def test_the_engine_pyradiomics_is_not_asked_for_a_switch_of_ibsi(switch):
    given = {switch.name: switch.ibsi, "resample_mm": (2, 2, 2)}
    with pytest.raises(SettingsError, match="PyRadiomics cannot be asked"):
        pyradiomics_parameters(ExtractionSettings.model_validate(given))


@pytest.mark.parametrize(
    "given",
    [
        {"outliers_sd": 3},
        {"ivh_bin_width": 2.5},
        {"force_2d": "z", "slices": "averaged"},
        {"filters": [{"kind": "mean"}]},
    ],
)
def test_the_engine_pyradiomics_is_not_asked_for_what_only_ibsi_has(given):
    with pytest.raises(SettingsError, match="PyRadiomics cannot be asked"):
        pyradiomics_parameters(ExtractionSettings.model_validate(given))


def test_a_modality_may_follow_another_convention_than_the_study():
    study = StudySettings.model_validate(
        {
            **LEAST,
            "extraction": {"convention": "ibsi", "grid": "corner", "bin_width": 10},
            "modalities": {"pet": {"convention": "pyradiomics", "bin_width": 0.5}},
        }
    )
    pet = study.extraction_of("pet")
    assert (pet.bins_from, pet.excess_kurtosis, pet.bin_width) == ("multiple", False, 0.5)
    assert study.extraction_of("ct").excess_kurtosis


def test_slices_apart_need_an_axis():
    with pytest.raises(ValueError, match="force_2d"):
        ExtractionSettings(slices="averaged")
