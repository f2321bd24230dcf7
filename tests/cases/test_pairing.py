"""Image and mask that do not quite fit: labels, headers, extents, grids, lesions and names."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import SimpleITK as sitk
from numpy.testing import assert_array_equal

from radpred.cohort import check_cases, link_outcome
from radpred.datasets.phantom import cuboid, noise_box, sphere
from radpred.errors import GeometryError, InputError, RadpredWarning
from radpred.image import Image, Mask
from radpred.io import place_on, read_image, read_mask, to_sitk, write_image, write_mask
from radpred.pipeline.measuring.extract import Extractor
from radpred.preprocess import resample
from radpred.stages.commands.features import of_cases

from .blocks import SHAPE

FAMILIES = {"families": ["shape", "firstorder", "glcm"]}


@pytest.fixture
def extractor():
    return Extractor(FAMILIES)


@pytest.fixture
def p0(extractor, scan, tumour):
    """Return the features of P0."""
    return extractor.extract(scan, tumour)


def labels(tumour, value, dtype):
    """Return P0's region as a SimpleITK image that holds one value."""
    return to_sitk(Image(voxels=(tumour.voxels * value).astype(dtype), grid=tumour.grid))


def moved(mask, mm):
    """Return a mask whose header says that it lies elsewhere along x."""
    x, y, z = mask.grid.origin
    return replace(mask, grid=replace(mask.grid, origin=(x + mm, y, z)))


def same(found, expected):
    pd.testing.assert_series_equal(found, expected, check_exact=True)


# --- 1-3: what is foreground --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "dtype"), [(255, np.uint8), (2, np.int16), (1 / 255, np.float32)], ids=str
)
def test_the_only_foreground_value_is_the_region_whatever_it_is(
    extractor, scan, tumour, p0, tmp_path, value, dtype
):
    sitk.WriteImage(labels(tumour, value, dtype), str(tmp_path / "mask.nii.gz"))
    found = extractor.extract(scan, tmp_path / "mask.nii.gz")
    same(found, p0)
    assert found.attrs["notes"] == [f"took the only foreground value, {value:.6g}"]


@pytest.mark.parametrize("is_zeroed", [False, True])
def test_a_scan_in_the_place_of_a_mask_is_called_an_image(
    extractor, scan, tumour, tmp_path, is_zeroed
):
    voxels = np.where(tumour.voxels, scan.voxels, 0) if is_zeroed else scan.voxels
    write_image(replace(scan, voxels=voxels), tmp_path / "mask.nii.gz")
    with pytest.raises(InputError, match=r"\d+ distinct values.*looks like an image") as caught:
        extractor.extract(scan, tmp_path / "mask.nii.gz")
    assert caught.value.code == "mask_is_image"


def test_a_mask_of_all_ones_measures_the_whole_volume_as_a_crop_of_it_does(extractor, scan, tumour):
    whole = extractor.extract(scan, Mask(voxels=np.ones(SHAPE, dtype=bool), grid=scan.grid))
    padded = Image(
        voxels=np.pad(scan.voxels, 2),
        grid=replace(scan.grid, shape=tuple(n + 4 for n in SHAPE), origin=(-2.0, -2.0, -2.0)),
    )
    inside = cuboid(padded.grid.shape, start=(2, 2, 2), stop=tuple(n + 2 for n in SHAPE))
    cropped = extractor.extract(padded, replace(inside, grid=padded.grid))
    pd.testing.assert_series_equal(whole, cropped, rtol=1e-12)


# --- 4-7: where the mask lies -------------------------------------------------------------------


def test_a_mask_a_thousandth_of_a_voxel_away_is_accepted_and_noted(extractor, scan, tumour, p0):
    found = extractor.extract(scan, moved(tumour, 0.001))
    same(found, p0)
    assert found.attrs["notes"] == ["grid differs from the image's by 0.001 voxels, accepted"]


def test_a_mask_a_third_of_a_voxel_away_is_moved_with_a_warning(extractor, scan, tumour, p0):
    with pytest.warns(RadpredWarning, match=r"moved by up to 0\.3 voxels"):
        found = extractor.extract(scan, moved(tumour, 0.3))
    same(found, p0)


@pytest.mark.parametrize("mm", [0.9, 40])
def test_a_mask_half_a_voxel_away_or_more_is_refused(extractor, scan, tumour, mm):
    with pytest.raises(GeometryError, match=f"{mm:g} voxels from the image") as caught:
        extractor.extract(scan, moved(tumour, mm))
    assert caught.value.code == "mask_displaced"


@pytest.mark.parametrize("kept", [slice(5, 15), slice(0, 19)], ids=["z5-14", "all but the last"])
def test_slices_that_a_mask_lacks_are_background(extractor, scan, tumour, p0, tmp_path, kept):
    box = (kept, slice(0, SHAPE[1]), slice(0, SHAPE[2]))
    part = replace(tumour, voxels=tumour.voxels[box], grid=tumour.grid.cropped(box))
    write_mask(part, tmp_path / "mask.nii.gz")
    found = extractor.extract(scan, tmp_path / "mask.nii.gz")
    same(found, p0)
    assert "the rest is background" in found.attrs["notes"][0]


def test_a_mask_far_finer_than_the_image_keeps_its_volume_and_both_spacings_are_told(rng):
    fine = sphere(8.0, spacing=(0.1, 0.1, 0.1), margin_mm=2.0)
    image = noise_box((89, 89, 89), rng=rng, spacing=(0.9, 0.9, 0.9))
    image = replace(image, grid=replace(image.grid, origin=(-39.6, -39.6, -39.6)))
    placed = place_on(fine, image.grid)
    assert placed.grid == image.grid
    assert placed.volume_mm3 == pytest.approx(4 / 3 * np.pi * 8**3, rel=0.03)
    assert "from 0.1 x 0.1 x 0.1" in placed.steps[0]
    assert "0.9 x 0.9 x 0.9" in placed.steps[0]


def test_an_array_of_one_slice_less_than_the_image_is_refused(extractor, scan, tumour):
    with pytest.raises(GeometryError, match=r"19 x 24 x 28 voxels, image of 20 x 24 x 28") as error:
        extractor.extract(scan.voxels, tumour.voxels[:-1])
    assert error.value.code == "shapes_differ"


def test_arrays_of_one_shape_are_image_and_mask_of_1_mm(extractor, scan, tumour, p0):
    found = extractor.extract(scan.voxels, tumour.voxels)
    same(found, p0)
    assert found.attrs["notes"] == ["no voxel size is told: 1 mm was taken"]


# --- 8, 9: several lesions ----------------------------------------------------------------------


ONE = cuboid(SHAPE, start=(2, 2, 2), stop=(8, 8, 8))
TWO = cuboid(SHAPE, start=(12, 12, 14), stop=(16, 18, 22))


@pytest.fixture
def table(scan, tmp_path):
    """Return a function that writes a table with a mask of the given label of each lesion."""

    def write(first, second):
        write_image(scan, tmp_path / "scan.nii.gz")
        both = ONE.voxels * first + TWO.voxels * second
        write_image(Image(voxels=both.astype(np.uint8), grid=scan.grid), tmp_path / "mask.nii.gz")
        row = {"case_id": "C1", "patient_id": "P1", "image": "scan.nii.gz", "mask": "mask.nii.gz"}
        pd.DataFrame([row]).to_csv(tmp_path / "cases.csv", index=False)
        return tmp_path / "cases.csv"

    return write


def volumes(found):
    """Return the volume of each case."""
    return dict(found.table.set_index("case_id")["tumour__original_shape_VoxelVolume"])


def policy(table, lesions):
    return of_cases(table, settings=Extractor(FAMILIES).settings, lesions=lesions)


@pytest.mark.parametrize(
    ("lesions", "expected"),
    [
        ("given", {"C1": 408}),
        ("rows", {"C1": 408}),
        ("merge", {"C1": 408}),
        ("components", {"C1:1": 216, "C1:2": 192}),
        ("largest", {"C1": 216}),
    ],
)
def test_two_lesions_of_one_label_are_what_the_policy_says(table, lesions, expected):
    assert volumes(policy(table(1, 1), lesions)) == expected


@pytest.mark.parametrize(
    ("lesions", "expected"),
    [
        ("rows", {"C1:1": 216, "C1:2": 192}),
        ("merge", {"C1": 408}),
        ("components", {"C1:1": 216, "C1:2": 192}),
        ("largest", {"C1": 216}),
    ],
)
def test_two_lesions_of_two_labels_are_what_the_policy_says(table, lesions, expected):
    assert volumes(policy(table(1, 2), lesions)) == expected


def test_two_labels_without_a_policy_are_refused_with_both_named(table):
    [verdict] = policy(table(1, 2), "given").verdicts.to_dict("records")
    assert verdict["code"] == "several_labels"
    assert "1 (216 voxels), 2 (192 voxels)" in verdict["came"]
    assert "lesions" in verdict["todo"]


def test_lesions_of_a_mask_stay_with_their_patient(table):
    verdicts = policy(table(1, 2), "rows").verdicts
    assert list(verdicts["case_id"]) == ["C1:1", "C1:2"]
    assert set(verdicts["patient_id"]) == {"P1"}


def test_a_lesion_of_its_own_row_is_measured_as_one_of_a_mask_of_several(table, tmp_path):
    split = policy(table(1, 2), "rows").table
    frame = pd.read_csv(tmp_path / "cases.csv").assign(mask_label=2)
    frame.to_csv(tmp_path / "cases.csv", index=False)
    [alone] = policy(tmp_path / "cases.csv", "given").table.iloc[:, 1:].to_numpy()
    assert_array_equal(split.iloc[1, 1:].to_numpy(dtype=float), alone.astype(float))


def test_a_patient_with_twelve_small_spheres_has_twelve_rows(rng, tmp_path):
    image = noise_box((20, 60, 60), rng=rng)
    z, y, x = np.indices(image.grid.shape)
    marked = np.zeros(image.grid.shape, dtype=bool)
    for number in range(12):
        at = (10, 10 + 15 * (number // 4), 8 + 14 * (number % 4))
        marked |= (z - at[0]) ** 2 + (y - at[1]) ** 2 + (x - at[2]) ** 2 <= (2 + number / 4) ** 2
    write_image(image, tmp_path / "scan.nii.gz")
    write_mask(Mask(voxels=marked, grid=image.grid), tmp_path / "mask.nii.gz")
    (tmp_path / "cases.csv").write_text(
        "case_id,patient_id,image,mask\nC1,P1,scan.nii.gz,mask.nii.gz\n"
    )
    found = volumes(policy(tmp_path / "cases.csv", "components"))
    assert list(found) == [f"C1:{number}" for number in range(1, 13)]
    assert sum(found.values()) == marked.sum()
    assert list(found.values()) == sorted(found.values(), reverse=True)


@pytest.mark.parametrize("lesions", ["components", "largest"])
def test_a_ring_does_not_enter_the_other_parts_of_a_mask(scan, tmp_path, lesions):
    near = cuboid(SHAPE, start=(2, 2, 10), stop=(6, 6, 14))
    both = ONE.voxels | near.voxels
    write_image(scan, tmp_path / "scan.nii.gz")
    write_mask(Mask(voxels=both, grid=scan.grid), tmp_path / "mask.nii.gz")
    write_mask(ONE, tmp_path / "one.nii.gz")
    rows = "C1,P1,scan.nii.gz,mask.nii.gz\nC2,P2,scan.nii.gz,one.nii.gz\n"
    (tmp_path / "cases.csv").write_text("case_id,patient_id,image,mask\n" + rows)
    found = of_cases(
        tmp_path / "cases.csv",
        settings=Extractor({"families": ["firstorder"]}).settings,
        rings_mm=[3],
        lesions=lesions,
    )
    rings = found.sizes[found.sizes["region"] == "ring_0_3mm"].set_index("case_id")["n_voxels"]
    first = "C1:1" if lesions == "components" else "C1"
    assert rings[first] < rings["C2"]


def test_labels_resampled_on_their_own_share_no_voxel_and_leave_no_gap(scan):
    two = cuboid(SHAPE, start=(5, 5, 5), stop=(15, 15, 10))
    four = cuboid(SHAPE, start=(5, 5, 10), stop=(15, 15, 15))
    both = replace(two, voxels=two.voxels | four.voxels)

    def fine(mask):
        _, region = resample(
            scan,
            mask,
            spacing_mm=(0.7, 0.7, 0.7),
            interpolator="linear",
            mask_interpolator="nearest",
            padding_voxels=0,
        )
        return place_on(region, target)

    target = replace(scan.grid, shape=(28, 34, 40), spacing=(0.7, 0.7, 0.7))
    parts = [place_on(mask, target).voxels for mask in (two, four)]
    assert not (parts[0] & parts[1]).any()
    assert_array_equal(parts[0] | parts[1], place_on(both, target).voxels)
    labelled = 2 * parts[0] + 4 * parts[1]
    assert set(np.unique(labelled)) == {0, 2, 4}


# --- 10: whose is whose -------------------------------------------------------------------------


def test_patients_are_matched_by_their_whole_id_and_never_by_a_part_of_it(tmp_path):
    for name in ("P1", "P10", "P100"):
        (tmp_path / f"{name}.nii.gz").touch()
    rows = [{"case_id": p, "patient_id": p, "image": f"{p}.nii.gz"} for p in ("P1", "P10", "P100")]
    frame = pd.DataFrame(rows).assign(mask=lambda f: f["image"])
    cases, _ = check_cases(frame, folder=tmp_path, method="given")
    answers = pd.DataFrame({"patient_id": ["P1", "P100", "P1000"], "event": ["1", "0", "1"]})
    outcome, verdicts = link_outcome(cases, answers, column="event", positive="1")
    assert dict(outcome.y) == {"P1": 1, "P100": 0}
    assert {(v.patient_id, v.code) for v in verdicts} == {
        ("P10", "no_outcome"),
        ("P1000", "orphan_outcome"),
    }


def test_read_image_and_read_mask_are_what_the_cases_go_through(scan, tumour, tmp_path, p0):
    write_image(scan, tmp_path / "a.nii.gz")
    write_mask(tumour, tmp_path / "b.nii.gz")
    found = Extractor(FAMILIES).extract(
        read_image(tmp_path / "a.nii.gz"), read_mask(tmp_path / "b.nii.gz")
    )
    same(found, p0)
