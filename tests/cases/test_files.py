"""Files of other forms: headers that are off, flat images, colours, arrays, and no image."""

from __future__ import annotations

import struct
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import SimpleITK as sitk
from dicom_files import write_series
from numpy.testing import assert_allclose, assert_array_equal

from radpred.config import extraction_settings
from radpred.datasets.phantom import noise_box, sphere
from radpred.errors import GeometryError, InputError
from radpred.image import Grid, Image, Mask
from radpred.io import read_image, read_mask, write_image, write_mask
from radpred.pipeline.extract import Extractor
from radpred.stages.features import of_cases

QFORM_CODE, SFORM_CODE, SFORM = 252, 254, 280  # where they stand in the header


def extract(image, mask, **settings):
    return Extractor({"families": ["shape", "firstorder", "glcm"], **settings}).extract(image, mask)


def numbers(found):
    """Return features without what was noted."""
    return pd.Series(found.to_numpy(), index=found.index)


# --- 11: NIfTI headers --------------------------------------------------------------------------


@pytest.fixture
def p0_files(scan, tumour, tmp_path):
    """Return P0 and its region as NIfTI files."""
    write_image(scan, tmp_path / "scan.nii")
    write_mask(tumour, tmp_path / "mask.nii")
    return tmp_path / "scan.nii", tmp_path / "mask.nii"


def with_sform(path, change, *, qform=0, sform=1):
    """Change the sform (3 x 4, RAS) of a file, and the codes of both forms."""
    content = bytearray(path.read_bytes())
    rows = np.reshape(struct.unpack_from("<12f", content, SFORM), (3, 4)).copy()
    struct.pack_into("<2h", content, QFORM_CODE, qform, sform)
    struct.pack_into("<12f", content, SFORM, *change(rows).ravel())
    path.write_bytes(content)


def sheared_by(slope):
    """Return a change that leans z towards x."""

    def change(rows):
        rows[0, 2] = slope
        return rows

    return change


def flipped(rows):
    """Return the form with x running the other way, about the middle of 28 voxels."""
    rows[0] = [-rows[0, 0], 0, 0, rows[0, 3] + 27 * rows[0, 0]]
    return rows


@pytest.mark.parametrize("slope", [1e-4, 1e-3], ids=["1e-4", "1e-3"])
def test_axes_a_little_off_right_angles_are_mended_and_it_is_noted(p0_files, scan, tumour, slope):
    for path in p0_files:
        with_sform(path, sheared_by(slope))
    image = read_image(p0_files[0])
    axes = np.reshape(image.grid.direction, (3, 3))
    assert_allclose(axes.T @ axes, np.eye(3), atol=1e-12)
    assert image.steps == (
        f"axes brought to right angles: they were {np.degrees(slope):.2g} degrees off",
    )
    assert_array_equal(image.voxels, scan.voxels)
    pd.testing.assert_series_equal(
        numbers(extract(*p0_files)), numbers(extract(scan, tumour)), rtol=1e-6
    )


def test_the_middle_of_a_volume_stays_where_it_was_when_its_axes_are_mended(p0_files):
    with_sform(p0_files[0], sheared_by(1e-3))
    mended = read_image(p0_files[0]).grid
    middle = mended.to_world((np.array(mended.shape) - 1) / 2)
    assert_allclose(middle, [13.5 - 1e-3 * 9.5, 11.5, 9.5], atol=1e-5)


@pytest.mark.parametrize("qform", [0, 1])
def test_axes_five_degrees_off_right_angles_are_refused(p0_files, qform):
    with_sform(p0_files[0], sheared_by(np.tan(np.radians(5))), qform=qform)
    with pytest.raises(GeometryError, match="5 degrees off right angles") as caught:
        read_image(p0_files[0])
    assert caught.value.code == "sheared_axes"


@pytest.mark.parametrize(("sform", "used"), [(1, "sform"), (2, "qform")])
def test_forms_that_differ_by_a_flip_are_told_with_the_one_that_was_used(p0_files, sform, used):
    with_sform(p0_files[0], flipped, qform=1, sform=sform)
    image = read_image(p0_files[0])
    assert image.steps == (
        "sform_qform_differ: sform and qform of the header lie up to 27 voxels apart; "
        f"the {used} was used",
    )
    assert (image.grid.direction[0] < 0) == (used == "sform")


def test_a_difference_of_forms_is_a_note_on_the_case(p0_files, tmp_path):
    with_sform(p0_files[0], flipped, qform=1, sform=2)
    write_cases(tmp_path, {"image": "scan.nii", "mask": "mask.nii"})
    [verdict] = of_cases(tmp_path / "cases.csv").verdicts.to_dict("records")
    assert verdict["status"] == "noted"
    assert "sform_qform_differ" in verdict["came"]


def test_a_sheared_sform_of_another_space_than_the_scanner_s_leaves_the_qform(p0_files):
    with_sform(p0_files[0], sheared_by(np.tan(np.radians(5))), qform=1, sform=4)
    assert "the qform was used" in read_image(p0_files[0]).steps[0]


@pytest.mark.parametrize("ending", [".nrrd", ".mha"])
def test_axes_of_other_formats_are_mended_too(scan, tmp_path, ending):
    leaning = sitk.GetImageFromArray(scan.voxels)
    leaning.SetDirection((1, 0, 1e-3, 0, 1, 0, 0, 0, 1))
    sitk.WriteImage(leaning, str(tmp_path / f"scan{ending}"))
    assert "right angles" in read_image(tmp_path / f"scan{ending}").steps[0]


# --- 25: flat images ----------------------------------------------------------------------------

FORMS = [(24, 28), (1, 24, 28), (24, 28, 1), (24, 1, 28)]
FLAT = {
    "families": ["shape", "firstorder", "glcm", "glrlm", "glszm", "gldm", "ngtdm", "shape2D"],
    "force_2d": "z",
    "filters": [
        {"kind": "original"},
        {"kind": "wavelet"},
        {"kind": "laplacian_of_gaussian", "sigma_mm": [2.0]},
        {"kind": "local_binary_pattern_2d"},
    ],
    "bin_count": 32,
}


@pytest.fixture
def disc(rng):
    """Return a noisy slice and a disc in it, (24, 28)."""
    y, x = np.indices((24, 28))
    return rng.normal(100, 30, (24, 28)).astype(np.float32), (y - 12) ** 2 + (x - 13) ** 2 < 60


def write_flat(path, voxels, form):
    """Write a slice with pixels of 0.8 mm along rows, 0.7 mm along columns, and 1 mm thick."""
    size = {24: 0.8, 28: 0.7, 1: 1.0}
    image = sitk.GetImageFromArray(voxels.reshape(form))
    image.SetSpacing([size[n] for n in form[::-1]])
    sitk.WriteImage(image, str(path))


@pytest.mark.parametrize("force_2d", ["z", "y", "x"])
@pytest.mark.parametrize("ending", [".nii.gz", ".nrrd"])
def test_a_disc_has_the_same_values_in_whatever_form_it_is_stored(tmp_path, disc, ending, force_2d):
    found = []
    for number, form in enumerate(FORMS):
        paths = tmp_path / f"scan{number}{ending}", tmp_path / f"mask{number}{ending}"
        write_flat(paths[0], disc[0], form)
        write_flat(paths[1], disc[1].astype(np.uint8), form)
        found.append(Extractor({**FLAT, "force_2d": force_2d}).extract(*paths))
    for other in found[1:]:
        pd.testing.assert_series_equal(other, found[0], check_exact=True)
    shape = found[0].filter(like="shape2D")
    assert len(shape) == 9
    assert np.isfinite(shape).all()
    assert shape["tumour__original_shape2D_PixelSurface"] == pytest.approx(disc[1].sum() * 0.56)


def test_a_disc_in_memory_has_the_same_values_in_whatever_form(disc):
    extractor = Extractor(FLAT)
    found = [extractor.extract(disc[0].reshape(f), disc[1].reshape(f)) for f in FORMS]
    for other in found[1:]:
        pd.testing.assert_series_equal(other, found[0], check_exact=True)


@pytest.mark.parametrize("settings", [{}, {"force_2d": "z"}], ids=["3-D", "slice by slice"])
def test_a_flat_image_has_the_columns_of_any_image(disc, scan, tumour, settings):
    flat, solid = extract(*disc, **settings), extract(scan, tumour, **settings)
    assert list(flat.index) == list(solid.index)


def test_a_slice_has_the_texture_of_its_plane_with_and_without_force_2d(disc):
    flat = extract(*disc, bin_count=16).filter(like="glcm")
    forced = extract(*disc, bin_count=16, force_2d="z").filter(like="glcm")
    pd.testing.assert_series_equal(flat, forced)


def test_a_region_of_several_slices_has_no_plane_shape_and_says_why(scan, tumour):
    found = Extractor({"families": ["shape2D"], "force_2d": "z"}).extract(scan, tumour)
    assert set(found.attrs["reasons"].values()) == {"several_slices"}


@pytest.mark.parametrize("ending", [".png", ".tif", ".bmp", ".jpg"])
def test_a_picture_is_one_slice_and_says_that_it_has_no_size(tmp_path, ending):
    grey = np.tile(np.arange(28, dtype=np.uint8), (24, 1))
    sitk.WriteImage(sitk.GetImageFromArray(grey), str(tmp_path / f"scan{ending}"))
    image = read_image(tmp_path / f"scan{ending}", channel=0)
    assert image.grid.shape == (1, 24, 28)
    assert not image.grid.is_placed
    assert "taken as one slice, 1 mm thick" in image.steps[0]
    if ending != ".jpg":
        assert_array_equal(image.voxels[0], grey)


def test_a_picture_is_the_mask_of_a_picture_of_its_shape_only(tmp_path, disc):
    write_picture(tmp_path / "scan.png", disc[0].clip(0, 255).astype(np.uint8))
    write_picture(tmp_path / "mask.png", disc[1] * np.uint8(255))
    write_picture(tmp_path / "cut.png", disc[1][:, :-1] * np.uint8(255))
    found = extract(tmp_path / "scan.png", tmp_path / "mask.png")
    assert found["tumour__original_shape_VoxelVolume"] == disc[1].sum()
    with pytest.raises(GeometryError) as caught:
        extract(tmp_path / "scan.png", tmp_path / "cut.png")
    assert caught.value.code == "shapes_differ"


def test_an_x_ray_in_dicom_is_measured_as_the_same_picture_is(tmp_path, disc):
    pixels = disc[0].clip(0, 255).astype(np.int16)
    flat = dict.fromkeys(("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing"))
    write_series(tmp_path / "xray", pixels[None], tags={"Modality": "CR", **flat})
    write_picture(tmp_path / "scan.png", pixels.astype(np.uint8))
    np.save(tmp_path / "mask.npy", disc[1])
    found = extract(tmp_path / "xray", tmp_path / "mask.npy")
    expected = extract(tmp_path / "scan.png", tmp_path / "mask.npy")
    pd.testing.assert_series_equal(found, expected, check_exact=True)


def write_picture(path, pixels):
    sitk.WriteImage(sitk.GetImageFromArray(pixels), str(path))


# --- 24: colours --------------------------------------------------------------------------------


@pytest.fixture
def coloured(tmp_path, disc):
    """Return a colour picture of a slice and its mask, with the three channels."""
    channels = np.stack([disc[0] * factor for factor in (1.0, 0.5, 0.25)], axis=-1)
    channels = channels.clip(0, 255).astype(np.uint8)
    sitk.WriteImage(sitk.GetImageFromArray(channels, isVector=True), str(tmp_path / "scan.png"))
    write_picture(tmp_path / "mask.png", disc[1].astype(np.uint8))
    return tmp_path / "scan.png", tmp_path / "mask.png", channels


def test_a_colour_image_is_refused_with_its_number_of_channels(coloured):
    with pytest.raises(InputError, match=r"3 channels.*image_channel: 0 to 2 or lum") as caught:
        extract(*coloured[:2])
    assert caught.value.code == "colour_image"


@pytest.mark.parametrize("channel", [0, 1, 2])
def test_a_channel_of_a_colour_image_is_measured_as_a_grey_image_is(coloured, channel):
    scan, mask, channels = coloured
    chosen = extract(scan, mask, image_channel=channel)
    write_picture(scan.with_name("grey.png"), channels[..., channel])
    grey = extract(scan.with_name("grey.png"), mask)
    pd.testing.assert_series_equal(chosen, grey, check_exact=True)


def test_luminance_weighs_the_colours_as_the_eye_does(coloured):
    scan, _, channels = coloured
    red, green, blue = np.moveaxis(channels.astype(float), -1, 0)
    expected = 0.299 * red + 0.587 * green + 0.114 * blue
    assert_allclose(read_image(scan, channel="luminance").voxels[0], expected)


def test_a_channel_that_is_not_there_is_refused(coloured):
    with pytest.raises(InputError, match="3 channels, from 0, wanted number 3") as caught:
        read_image(coloured[0], channel=3)
    assert caught.value.code == "channel_missing"


def test_a_grey_image_is_measured_whatever_channel_is_asked_for(p0_files, scan, tumour):
    found = extract(*p0_files, image_channel="luminance")
    pd.testing.assert_series_equal(found, extract(scan, tumour))


# --- arrays -------------------------------------------------------------------------------------


def write_cases(folder, *rows):
    """Write a table of cases, one a patient."""
    named = [{"case_id": f"C{n}", "patient_id": f"P{n}", **row} for n, row in enumerate(rows)]
    pd.DataFrame(named).to_csv(folder / "cases.csv", index=False)


def test_an_archive_of_image_mask_and_spacing_is_a_case(tmp_path, scan, tumour):
    np.savez(tmp_path / "p0.npz", image=scan.voxels, mask=tumour.voxels, spacing=[2.0, 1.0, 0.5])
    grid = replace(scan.grid, spacing=(2.0, 1.0, 0.5))
    expected = extract(replace(scan, grid=grid), replace(tumour, grid=grid))
    found = extract(tmp_path / "p0.npz", tmp_path / "p0.npz")
    pd.testing.assert_series_equal(found, expected, check_exact=True)
    assert found.attrs["notes"] == []


def test_items_of_a_collection_of_images_are_cases(tmp_path, rng):
    images = rng.integers(0, 255, (5, 28, 28), dtype=np.uint8)
    masks = np.zeros((5, 28, 28), dtype=np.uint8)
    for number in range(5):
        masks[number, 5 : 15 + number, 5:15] = 1
    np.savez(tmp_path / "many.npz", train_images=images, train_masks=masks, train_labels=[[0]] * 5)
    rows = [
        {"image": f"many.npz#train_images[{n}]", "mask": f"many.npz#train_masks[{n}]"}
        for n in range(5)
    ]
    write_cases(tmp_path, *rows)
    found = of_cases(tmp_path / "cases.csv", settings=extraction_settings({"bin_count": 16}))
    means = [images[n][masks[n] > 0].mean() for n in range(5)]
    assert_allclose(found.table["tumour__original_firstorder_Mean"], means)


def test_a_collection_of_volumes_gives_volumes(tmp_path, rng):
    volumes = rng.integers(0, 255, (3, 28, 28, 28), dtype=np.uint8)
    np.savez(tmp_path / "many.npz", val_images=volumes)
    image = read_image(tmp_path / "many.npz#val_images[2]")
    assert_array_equal(image.voxels, volumes[2])


def test_a_collection_of_colour_pictures_is_refused_or_gives_one_channel(tmp_path, rng):
    pictures = rng.integers(0, 255, (3, 28, 28, 3), dtype=np.uint8)
    np.savez(tmp_path / "many.npz", test_images=pictures)
    with pytest.raises(InputError, match="3 channels") as caught:
        read_image(tmp_path / "many.npz#test_images[0]")
    assert caught.value.code == "colour_image"
    green = read_image(tmp_path / "many.npz#test_images[0]", channel=1)
    assert_array_equal(green.voxels[0], pictures[0, ..., 1])


def test_a_single_array_needs_no_name(tmp_path, scan):
    np.save(tmp_path / "scan.npy", scan.voxels)
    np.savez(tmp_path / "scan.npz", anything=scan.voxels)
    for name in ("scan.npy", "scan.npz"):
        assert_array_equal(read_image(tmp_path / name).voxels, scan.voxels)


@pytest.mark.parametrize(
    ("part", "named"),
    [
        ("#nothing", "image, mask"),
        ("#image[20]", "20 items"),
        ("#image[-1]", "#key"),
        ("", "first, second"),
    ],
)
def test_an_array_that_is_not_there_is_refused_with_what_is(tmp_path, scan, part, named):
    arrays = {"image": scan.voxels, "mask": scan.voxels > 0}
    if not part:
        arrays = {"first": scan.voxels, "second": scan.voxels}
    np.savez(tmp_path / "p0.npz", **arrays)
    with pytest.raises(InputError, match=named) as caught:
        read_image(f"{tmp_path / 'p0.npz'}{part}")
    assert caught.value.code == "array_missing"


def test_an_array_of_python_s_objects_is_not_opened(tmp_path):
    np.savez(tmp_path / "evil.npz", image=np.array([{"a": 1}], dtype=object))
    with pytest.raises(InputError, match="not readable") as caught:
        read_image(tmp_path / "evil.npz")
    assert caught.value.code == "unreadable_file"


@pytest.mark.parametrize("spacing", [[1.0, -1.0, 1.0], [1.0], [0.0, 1.0, 1.0], [np.nan] * 3])
def test_a_spacing_that_is_none_is_refused(tmp_path, scan, spacing):
    np.savez(tmp_path / "p0.npz", image=scan.voxels, spacing=spacing)
    with pytest.raises(InputError, match="spacing is") as caught:
        read_image(tmp_path / "p0.npz")
    assert caught.value.code == "bad_spacing"


def test_an_array_is_the_mask_of_a_scan_of_its_shape(tmp_path, scan, tumour):
    np.save(tmp_path / "mask.npy", tumour.voxels)
    elsewhere = replace(scan, grid=replace(scan.grid, origin=(-9.0, 8.0, 7.0)))
    found = extract(elsewhere, tmp_path / "mask.npy")
    pd.testing.assert_series_equal(numbers(found), numbers(extract(scan, tumour)))
    assert "the mask does not say where it lies" in found.attrs["notes"][0]


# --- a mask without an image --------------------------------------------------------------------


@pytest.fixture
def ball(tmp_path):
    """Return a table that names the mask of a ball and no image."""
    mask = sphere(8.0, spacing=(2.0, 1.0, 1.0))
    write_mask(mask, tmp_path / "mask.nii.gz")
    write_image(noise_box(mask.grid.shape, rng=np.random.default_rng(3)), tmp_path / "scan.nii.gz")
    write_cases(tmp_path, {"mask": "mask.nii.gz"})
    return mask


def test_a_mask_without_an_image_has_its_shape_and_nothing_else_with_the_reason(ball, tmp_path):
    found = of_cases(tmp_path / "cases.csv", rings_mm=[3])
    image = Image(voxels=np.zeros(ball.grid.shape), grid=ball.grid)
    expected = Extractor({"families": ["shape"]}).extract(image, ball)
    values = found.table.iloc[0, 1:].astype(float)
    pd.testing.assert_series_equal(values[expected.index], expected, check_names=False, rtol=1e-5)
    reasons = dict(zip(found.reasons["column"], found.reasons["reason"], strict=True))
    missing = values.index[values.isna()]
    assert set(missing) == set(reasons)
    assert set(reasons.values()) == {"no_image"}
    assert np.isfinite(values.filter(like="ring_0_3mm__original_shape")).all()


def test_a_mask_without_an_image_has_the_columns_of_one_with_an_image(ball, tmp_path):
    alone = of_cases(tmp_path / "cases.csv").table
    write_cases(tmp_path, {"image": "scan.nii.gz", "mask": "mask.nii.gz"})
    assert list(alone) == list(of_cases(tmp_path / "cases.csv").table)


def test_a_mask_without_an_image_is_noted(ball, tmp_path):
    [verdict] = of_cases(tmp_path / "cases.csv").verdicts.to_dict("records")
    assert (verdict["status"], verdict["code"]) == ("noted", "no_image")


@pytest.mark.parametrize(
    "settings",
    [
        {"normalise": True},
        {"resegment_range": [-50, 400]},
        {"filters": [{"kind": "wavelet"}]},
        {"resample_mm": [1, 1, 1]},
        {"engine": "native", "features": {"shape": ["VoxelVolume"], "glcm": ["Idm"]}},
    ],
    ids=lambda given: next(iter(given)),
)
def test_settings_for_intensities_do_not_keep_a_mask_from_its_volume(ball, tmp_path, settings):
    found = of_cases(tmp_path / "cases.csv", settings=extraction_settings(settings))
    volume = found.table["tumour__original_shape_VoxelVolume"][0]
    assert volume == pytest.approx(4 / 3 * np.pi * 8**3, rel=0.05)


def test_a_mask_in_an_image_of_zeros_still_says_that_there_is_no_image(tmp_path):
    grid = Grid(shape=(6, 6, 6))
    write_mask(Mask(voxels=np.ones(grid.shape, dtype=bool), grid=grid), tmp_path / "mask.nii.gz")
    write_cases(tmp_path, {"mask": "mask.nii.gz"})
    reasons = of_cases(tmp_path / "cases.csv").reasons
    assert set(reasons["reason"]) == {"no_image"}
    assert read_mask(tmp_path / "mask.nii.gz").n_voxels == 216
