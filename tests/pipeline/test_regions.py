"""A study's regions have their names before any image, in the order in which they are drawn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from radpred.cohort import Case
from radpred.config import StudySettings
from radpred.config.study import RegionSettings
from radpred.datasets.phantom import painted, sphere
from radpred.image import Image
from radpred.io import write_image, write_mask
from radpred.pipeline.measuring.measure import measure, study_columns
from radpred.pipeline.measuring.regions import drawn_regions, region_names
from radpred.regions import peritumoral_rings

EVERYTHING = RegionSettings(
    rings_mm=(3, 6),
    rings="disjoint",
    tumour_with_ring=True,
    rim_mm=(2, 1),
    core=True,
    controls=("mirrored", "distant"),
    control_distance_mm=2,
)
NAMES = (
    "ring_0_3mm",
    "ring_3_6mm",
    "tumour_ring_3mm",
    "tumour_ring_6mm",
    "rim_0_1mm",
    "rim_1_2mm",
    "core",
    "control_mirrored",
    "control_distant",
)
BALL = sphere(6.0, margin_mm=22.0)
TUMOUR = replace(BALL, voxels=np.roll(BALL.voxels, -10, axis=2))


@pytest.fixture
def scan(rng) -> Image:
    """Return soft tissue with a lung of air on one side."""
    voxels = rng.normal(40, 10, TUMOUR.grid.shape)
    voxels[:, : TUMOUR.grid.shape[1] // 2 - 7] = -900
    return Image(voxels=voxels, grid=TUMOUR.grid)


def drawn(settings, scan, **given):
    """Return regions by name."""
    return {r.mask.name: r for r in drawn_regions(TUMOUR, scan, settings, **given)}


def study(**regions):
    """Return the settings of a study of these regions, with the shortest extraction."""
    return StudySettings.model_validate(
        {
            "name": "s",
            "outcome": {"column": "event"},
            "regions": regions,
            "extraction": {"families": ["firstorder"]},
        }
    )


def test_regions_are_drawn_in_the_order_of_their_names(scan):
    assert region_names(EVERYTHING) == NAMES
    assert tuple(drawn(EVERYTHING, scan)) == NAMES


@pytest.mark.parametrize("kind", ["cumulative", "disjoint"])
def test_rings_alone_are_those_that_they_always_were(kind, scan):
    found = drawn(RegionSettings(rings_mm=(3, 6), rings=kind), scan)
    edges = [(0.0, 3.0), (0.0 if kind == "cumulative" else 3.0, 6.0)]
    for each, ring in zip(found.values(), peritumoral_rings(TUMOUR, edges), strict=True):
        assert each.mask.name == ring.mask.name
        assert_array_equal(each.mask.voxels, ring.mask.voxels)


def test_without_settings_there_is_the_tumour_alone(scan):
    assert region_names(RegionSettings()) == ()
    assert drawn(RegionSettings(), scan) == {}


@pytest.mark.parametrize("kind", ["cumulative", "disjoint"])
def test_the_tumour_with_its_ring_and_the_core_are_the_same_however_rings_are_cut(kind, scan):
    found = drawn(EVERYTHING.model_copy(update={"rings": kind}), scan)
    ring, rim = (e.mask for e in (found["tumour_ring_6mm"], found["core"]))
    whole = drawn(RegionSettings(rings_mm=(6,), rim_mm=(2,)), scan)
    assert_array_equal(ring.voxels, TUMOUR.voxels | whole["ring_0_6mm"].mask.voxels)
    assert_array_equal(rim.voxels, TUMOUR.voxels & ~whole["rim_0_2mm"].mask.voxels)


def test_a_window_cuts_rings_and_controls_and_nothing_of_the_tumour(scan):
    scan.voxels[TUMOUR.voxels] = -900
    plain, cut = drawn(EVERYTHING, scan), drawn(EVERYTHING, scan, window=(-300, 300))
    for name in ("rim_0_1mm", "rim_1_2mm", "core"):
        assert_array_equal(cut[name].mask.voxels, plain[name].mask.voxels)
    for name in ("ring_3_6mm", "control_mirrored"):
        soft = (scan.voxels > -300) & plain[name].mask.voxels
        assert_array_equal(cut[name].mask.voxels, soft)
    assert not (TUMOUR.voxels & ~cut["tumour_ring_6mm"].mask.voxels).any()
    assert 0.5 < cut["ring_3_6mm"].kept_fraction < plain["ring_3_6mm"].kept_fraction == 1.0


@pytest.fixture
def case(scan, tmp_path) -> Case:
    """Return a case of two images in files, one of them in other units."""
    pet = replace(scan, voxels=np.where(scan.voxels < -300, 0.2, 2.0))
    write_image(scan, tmp_path / "ct.nii.gz")
    write_image(pet, tmp_path / "pet.nii.gz")
    write_mask(TUMOUR, tmp_path / "mask.nii.gz")
    return Case(
        case_id="C",
        patient_id="P",
        images={"ct": str(tmp_path / "ct.nii.gz"), "pet": str(tmp_path / "pet.nii.gz")},
        masks={"": str(tmp_path / "mask.nii.gz")},
        mask_label="",
        box=None,
        organ_mask="",
        site="",
    )


def test_each_image_has_the_window_of_its_own_units(case):
    asked = study(rings_mm=[6], window={"ct": [-300, 300], "pet": [0, 0.5]})
    rows = {(row["modality"], row["region"]): row for row in measure(case, asked).regions}
    ct, pet = rows["ct", "ring_0_6mm"], rows["pet", "ring_0_6mm"]
    assert 0 < pet["kept_fraction"] < 0.5 < ct["kept_fraction"] < 1
    assert ct["kept_fraction"] + pet["kept_fraction"] == pytest.approx(1.0)


def test_values_and_rows_of_every_region_are_measured(case):
    asked = study(**EVERYTHING.model_dump(exclude_unset=True))
    found = measure(case, asked)
    assert tuple(found.values) == study_columns(asked, ["ct", "pet"])
    assert [row["region"] for row in found.regions] == 2 * ["tumour", *NAMES]
    means = [value for name, value in found.values.items() if name.endswith("_Mean")]
    assert len(means) == 2 * (1 + len(NAMES))
    assert np.isfinite(means).all()


def test_a_region_that_is_empty_has_a_row_with_the_reason_and_no_values(case):
    asked = study(controls=["distant"], control_distance_mm=300)
    found = measure(case, asked)
    row = found.regions[1]
    assert (row["n_voxels"], row["kept_fraction"], row["reason"]) == (0, 0.0, "control_no_room")
    assert found.reasons["ct__control_distant__original_firstorder_Mean"] == "empty"


def test_a_mask_without_a_scan_has_no_window(case):
    alone = replace(case, images={"": ""})
    found = measure(alone, study(rings_mm=[4], window=[1000, 2000]))
    assert found.regions[1]["kept_fraction"] == 1.0


def test_the_organ_keeps_controls_inside(case, tmp_path):
    organ = replace(TUMOUR, voxels=np.ones_like(TUMOUR.voxels))
    organ.voxels[:, :, TUMOUR.grid.shape[2] // 2 + 3 :] = False
    write_mask(organ, tmp_path / "organ.nii.gz")
    asked = study(controls=["mirrored"], control_distance_mm=0)
    inside = measure(replace(case, organ_mask=str(tmp_path / "organ.nii.gz")), asked)
    assert inside.regions[1]["kept_fraction"] < measure(case, asked).regions[1]["kept_fraction"]


def test_painted_phantoms_have_their_intensity_in_each_region():
    image = painted(TUMOUR, inside=100, outside=40)
    found = drawn(EVERYTHING, image, window=(30, 50))
    assert {float(image.voxels[found["core"].mask.voxels].mean())} == {100.0}
    assert {float(image.voxels[found["control_distant"].mask.voxels].mean())} == {40.0}
