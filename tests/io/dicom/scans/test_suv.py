"""PET becomes SUV by body weight, by the dose at the moment that the scanner corrected to."""

from __future__ import annotations

import numpy as np
import pydicom
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from pydicom.dataset import Dataset

from radpred.errors import InputError
from radpred.io import DicomReading, read_image
from tests.io.dicom_files import ramp, write_pet

HALF_LIFE = 6586.2
STORED = DicomReading(pet="stored")
OVER_MIDNIGHT = {
    "RadiopharmaceuticalStartTime": "234000",
    "SeriesDate": "20240102",
    "SeriesTime": "004000",
    "AcquisitionDate": "20240102",
    "AcquisitionTime": "004000",
}
NO_DATES = {"SeriesDate": None, "AcquisitionDate": None, "StudyDate": None}
FACTORY = {"Units": "CNTS", "Manufacturer": "Philips Medical Systems"}


def factor(folder, **changes):
    """Return SUV over stored values of a made series, 70 kg and 350 MBq but for what is changed."""
    write_pet(folder, ramp(), **changes)
    ratio = read_image(folder).voxels / ramp()
    assert_allclose(ratio, ratio[0, 0, 0], rtol=1e-6)
    return float(ratio[0, 0, 0])


def by_decay(seconds, half_life=HALF_LIFE, dose=350e6):
    """Return the factor when the dose decayed for so long."""
    return 70e3 / (dose * 2 ** (-seconds / half_life))


def refused(folder, **changes):
    write_pet(folder, ramp(), **changes)
    with pytest.raises(InputError) as caught:
        read_image(folder)
    return caught.value


def step(folder):
    return read_image(folder).steps[-1]


# What the decay correction refers to.


def test_activity_corrected_to_the_start_is_divided_by_the_dose_at_the_start(tmp_path):
    assert factor(tmp_path) == pytest.approx(by_decay(3600), rel=1e-6)


def test_activity_corrected_to_the_injection_is_divided_by_the_dose_as_it_was(tmp_path):
    changes = {"DecayCorrection": "ADMIN", "RadiopharmaceuticalStartTime": None}
    assert factor(tmp_path, **changes) == pytest.approx(by_decay(0), rel=1e-6)


def test_uncorrected_activity_is_divided_by_the_dose_at_its_own_mean_count_rate(tmp_path):
    frame = 180.0
    rate = np.log(2) / HALF_LIFE
    mean = np.log(rate * frame / (1 - np.exp(-rate * frame))) / rate
    changes = {
        "DecayCorrection": "NONE",
        "CorrectedImage": ["ATTN"],
        "AcquisitionTime": "103010",
        "ActualFrameDuration": 180000,
    }
    assert 89 < mean < 90
    assert factor(tmp_path, **changes) == pytest.approx(by_decay(4800 + mean), rel=1e-6)


def test_the_step_says_which_factor_and_rule(tmp_path):
    write_pet(tmp_path, ramp())
    said = step(tmp_path)
    assert said.startswith("SUV by body weight: Bq/mL x 0.000292127 (70 kg, 350 MBq, ")
    assert "DecayCorrection START: 3600 s from RadiopharmaceuticalStartTime to SeriesTime" in said
    assert "decay factor 0.684633" in said


# Dates and times: case 21.


def test_an_injection_before_midnight_decays_by_one_hour(tmp_path):
    injected = {"RadiopharmaceuticalStartDateTime": "20240101234000"}
    found = factor(tmp_path, **OVER_MIDNIGHT, **injected)
    assert by_decay(0) / found == pytest.approx(0.6846, abs=5e-5)
    # What comes out where the date is ignored: the scan would be 23 hours before the injection.
    backwards = 2 ** (82800 / HALF_LIFE)
    assert backwards == pytest.approx(6088, rel=2e-3)


def test_without_its_date_the_injection_was_the_day_before_by_its_time(tmp_path):
    found = factor(tmp_path, **OVER_MIDNIGHT)
    assert by_decay(0) / found == pytest.approx(0.6846, abs=5e-5)
    assert "(the day before, by the time of day)" in step(tmp_path)


def test_time_that_goes_backwards_without_dates_is_refused(tmp_path):
    error = refused(tmp_path, **OVER_MIDNIGHT | NO_DATES)
    assert error.code == "pet_time_backwards"
    assert "82800 s after the scan" in str(error)


def test_time_that_goes_backwards_with_dates_is_refused(tmp_path):
    injected = {"RadiopharmaceuticalStartDateTime": "20240102010000"}
    assert refused(tmp_path, **OVER_MIDNIGHT, **injected).code == "pet_time_backwards"


def test_an_injection_shortly_after_the_scan_is_not_taken_for_one_of_the_day_before(tmp_path):
    error = refused(tmp_path, RadiopharmaceuticalStartTime="102010")
    assert error.code == "pet_time_backwards"


def test_times_of_one_day_do_without_dates(tmp_path):
    assert factor(tmp_path, **NO_DATES) == pytest.approx(by_decay(3600), rel=1e-6)


def test_days_between_injection_and_scan_count(tmp_path):
    changes = {
        "RadiopharmaceuticalStartDateTime": "20231229091010",
        "RadionuclideHalfLife": "282240",
    }
    expected = by_decay(3 * 86400 + 3600, half_life=282240)
    assert factor(tmp_path, **changes) == pytest.approx(expected, rel=1e-6)


def test_a_half_life_of_days_needs_the_day_of_the_injection(tmp_path):
    error = refused(tmp_path, RadionuclideHalfLife="282240")
    assert error.code == "suv_not_computable"
    assert "RadiopharmaceuticalStartDateTime" in str(error)


def test_an_injection_years_before_is_refused(tmp_path):
    error = refused(tmp_path, RadiopharmaceuticalStartDateTime="20190101091010")
    assert error.code == "suv_not_computable"
    assert "half-lives before the scan" in str(error)


def test_an_injection_in_another_time_zone_is_brought_into_the_scanners(tmp_path):
    changes = {
        "RadiopharmaceuticalStartDateTime": "20240101081010.000000+0000",
        "TimezoneOffsetFromUTC": "+0100",
    }
    assert factor(tmp_path, **changes) == pytest.approx(by_decay(3600), rel=1e-6)


# When the scan started.


def test_a_series_time_before_the_acquisitions_is_the_start(tmp_path):
    changes = {"SeriesTime": "100010", "AcquisitionTime": "101010"}
    assert factor(tmp_path, **changes) == pytest.approx(by_decay(3000), rel=1e-6)


def test_a_later_series_time_gives_way_to_the_earliest_acquisition(tmp_path):
    for path in write_pet(tmp_path, ramp(), SeriesTime="150000"):
        file = pydicom.dcmread(path)
        file.AcquisitionTime = f"10{10 + file.InstanceNumber:02d}10"
        file.save_as(path)
    ratio = read_image(tmp_path).voxels / ramp()
    assert_allclose(ratio, by_decay(3660), rtol=1e-6)
    assert "to the earliest AcquisitionTime, SeriesTime being later" in step(tmp_path)


def test_a_later_series_time_gives_way_to_ges_own_scan_time(tmp_path):
    for path in write_pet(tmp_path, ramp(), SeriesTime="150000", AcquisitionTime="102010"):
        file = pydicom.dcmread(path)
        block = file.private_block(0x0009, "GEMS_PETD_01", create=True)
        block.add_new(0x0D, "DT", "20240101101010.00")
        file.save_as(path)
    assert_allclose(read_image(tmp_path).voxels / ramp(), by_decay(3600), rtol=1e-6)
    assert "GE's scan time" in step(tmp_path)


def test_acquisition_times_stand_in_for_a_series_time_that_is_missing(tmp_path):
    changes = {"SeriesTime": None, "SeriesDate": None}
    assert factor(tmp_path, **changes) == pytest.approx(by_decay(3600), rel=1e-6)


# Units: case 22.


def philips(folder, elements, **changes):
    """Write a series in counts with Philips' private factors."""
    for path in write_pet(folder, ramp(), **FACTORY, **changes):
        file = pydicom.dcmread(path)
        block = file.private_block(0x7053, "Philips PET Private Group", create=True)
        for element, number in elements.items():
            block.add_new(element, "DS", number)
        file.save_as(path)
    return read_image(folder)


def test_counts_without_a_factor_are_refused_with_the_tags_that_are_missing(tmp_path):
    error = refused(tmp_path, **FACTORY)
    assert error.code == "suv_not_computable"
    assert "(7053,1000)" in str(error)
    assert "(7053,1009)" in str(error)


def test_counts_with_philips_suv_factor_are_suv(tmp_path):
    image = philips(tmp_path, {0x00: "0.000551", 0x09: "1.5"}, DecayCorrection=None)
    assert_allclose(image.voxels, 0.000551 * ramp(), rtol=1e-6)
    assert "Philips' factor (7053,1000)" in image.steps[0]


@pytest.mark.parametrize("elements", [{0x09: "1.5"}, {0x00: "0", 0x09: "1.5"}])
def test_counts_with_philips_activity_factor_become_activity_first(tmp_path, elements):
    image = philips(tmp_path, elements)
    assert_allclose(image.voxels, 1.5 * by_decay(3600) * ramp(), rtol=1e-6)
    assert "(7053,1009)" in image.steps[0]


def test_the_factor_of_another_maker_is_not_taken(tmp_path):
    for path in write_pet(tmp_path, ramp(), **FACTORY):
        file = pydicom.dcmread(path)
        file.private_block(0x7053, "SOMEONE ELSE", create=True).add_new(0x00, "DS", "0.5")
        file.save_as(path)
    with pytest.raises(InputError) as caught:
        read_image(tmp_path)
    assert caught.value.code == "suv_not_computable"


@pytest.mark.parametrize("kind", ["BW", ""])
def test_suv_by_body_weight_stays_as_it_is(tmp_path, kind):
    write_pet(tmp_path, ramp(), rescale=(0.001, 0), Units="GML", SUVType=kind, PatientWeight=None)
    image = read_image(tmp_path)
    assert_allclose(image.voxels, 0.001 * ramp(), rtol=1e-6)
    assert "SUV by body weight as stored" in image.steps[-1]


def test_suv_by_lean_mass_is_refused(tmp_path):
    error = refused(tmp_path, Units="GML", SUVType="LBM")
    assert error.code == "suv_not_computable"
    assert "LBM" in str(error)


@pytest.mark.parametrize("units", ["PROPCPS", "CM2ML", "", None])
def test_other_units_are_refused(tmp_path, units):
    error = refused(tmp_path, Units=units)
    assert error.code == "suv_not_computable"
    assert f"Units is {units or 'missing'}" in str(error)


def test_stored_values_come_on_request_only_and_say_their_unit(tmp_path):
    write_pet(tmp_path, ramp(), **FACTORY)
    image = read_image(tmp_path, wanted=STORED)
    assert_array_equal(image.voxels, ramp())
    assert image.steps == ("PET in CNTS as stored, no SUV",)


def test_slices_in_several_units_are_refused(tmp_path):
    path = write_pet(tmp_path, ramp())[3]
    file = pydicom.dcmread(path)
    file.Units = "CNTS"
    file.save_as(path)
    with pytest.raises(InputError) as caught:
        read_image(tmp_path)
    assert caught.value.code == "rescale_differs_units"


# What is missing is named.


@pytest.mark.parametrize(
    "tag",
    [
        *("PatientWeight", "RadionuclideTotalDose", "RadionuclideHalfLife"),
        *("RadiopharmaceuticalStartTime", "DecayCorrection"),
    ],
)
@pytest.mark.parametrize("value", [None, ""])
def test_a_tag_that_is_missing_or_empty_is_named(tmp_path, tag, value):
    error = refused(tmp_path, **{tag: value})
    assert error.code == "suv_not_computable"
    assert tag in str(error)
    assert 'pet="stored"' in str(error)


def test_a_series_without_any_time_is_refused(tmp_path):
    error = refused(tmp_path, SeriesTime=None, AcquisitionTime=None)
    assert error.code == "suv_not_computable"
    assert "SeriesTime and AcquisitionTime" in str(error)


def test_a_series_without_a_radiopharmaceutical_is_refused(tmp_path):
    error = refused(tmp_path, RadiopharmaceuticalInformationSequence=None)
    assert error.code == "suv_not_computable"
    assert "RadionuclideTotalDose is missing" in str(error)


def test_two_radiopharmaceuticals_are_refused(tmp_path):
    error = refused(tmp_path, RadiopharmaceuticalInformationSequence=[Dataset(), Dataset()])
    assert error.code == "suv_not_computable"
    assert "2 radiopharmaceuticals" in str(error)


@pytest.mark.parametrize(
    ("tag", "value", "wanted"),
    [("PatientWeight", "70000", "kg"), ("RadionuclideTotalDose", "350", "Bq")],
)
def test_a_number_in_another_unit_is_refused(tmp_path, tag, value, wanted):
    error = refused(tmp_path, **{tag: value})
    assert error.code == "suv_not_computable"
    assert f"wanted {wanted}" in str(error)


@pytest.mark.parametrize("weight", ["0", "-70"])
def test_a_weight_that_is_none_is_refused(tmp_path, weight):
    assert refused(tmp_path, PatientWeight=weight).code == "suv_not_computable"


def test_a_weight_that_differs_among_slices_is_refused(tmp_path):
    path = write_pet(tmp_path, ramp())[3]
    file = pydicom.dcmread(path)
    file.PatientWeight = "71"
    file.save_as(path)
    with pytest.raises(InputError, match="differs among the slices"):
        read_image(tmp_path)


# Corrections that SUV needs.


def test_activity_not_corrected_for_attenuation_is_refused(tmp_path):
    error = refused(tmp_path, CorrectedImage=["DECY"])
    assert error.code == "suv_not_computable"
    assert "ATTN" in str(error)


@pytest.mark.parametrize(
    ("rule", "corrected"), [("START", ["ATTN", "SCAT"]), ("NONE", ["ATTN", "DECY"])]
)
def test_tags_on_decay_that_contradict_each_other_are_refused(tmp_path, rule, corrected):
    error = refused(tmp_path, DecayCorrection=rule, CorrectedImage=corrected)
    assert error.code == "suv_not_computable"
    assert "DECY" in str(error)


def test_corrections_that_are_not_told_are_noted(tmp_path):
    write_pet(tmp_path, ramp(), CorrectedImage=None)
    assert "CorrectedImage is not told" in " ".join(read_image(tmp_path).steps)


def test_each_slice_keeps_its_own_slope_in_suv(tmp_path):
    for path in write_pet(tmp_path, ramp()):
        file = pydicom.dcmread(path)
        file.RescaleSlope = f"{file.InstanceNumber / 10}"
        file.save_as(path)
    slopes = np.arange(1, 13)[:, None, None] / 10
    expected = by_decay(3600) * slopes * ramp()
    assert_allclose(read_image(tmp_path).voxels, expected, rtol=1e-6)
