"""Arrays of NumPy's as scans and masks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from radpred.config import extraction_settings
from radpred.errors import InputError
from radpred.io import read_image
from radpred.stages.commands.features import of_cases

from .blocks import extract, numbers, write_cases


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
