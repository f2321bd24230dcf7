"""Every image type of a PyRadiomics parameter file gives PyRadiomics' features."""

from __future__ import annotations

import logging

import numpy as np
import pytest
import SimpleITK as sitk
import yaml

from radpred.config import extraction_settings
from radpred.datasets.phantom import cuboid, noise_box
from radpred.pipeline.images.responses import response_names, responses
from radpred.pipeline.measuring.extract import Extractor, column_names, extract_regions
from tests.filters.oracle import with_old_scipy

IMAGE_TYPES = {
    "Original": {},
    "LoG": {"sigma": [1.0, 2.5]},
    "Wavelet": {"wavelet": "bior2.2", "level": 2},
    "Square": {},
    "SquareRoot": {},
    "Logarithm": {},
    "Exponential": {},
    "Gradient": {"gradientUseSpacing": True},
    "LBP2D": {"binWidth": 1, "lbp2DSamples": 9, "lbp2DRadius": 1.5},
    "LBP3D": {"binWidth": 0.5},
}
SETTINGS = {
    "whole": {"binWidth": 20},
    "counted": {"binCount": 16},
    "slices": {"force2D": True, "force2Ddimension": 0, "binWidth": 20},
    "slices across y": {"force2D": True, "force2Ddimension": 1, "binWidth": 20},
    "slices across x": {"force2D": True, "force2Ddimension": 2, "binWidth": 20},
    "patterns across x": {"force2Ddimension": 2, "binWidth": 20},
    "resampled": {"resampledPixelSpacing": [1.0, 1.0, 1.5], "binWidth": 20},
    "normalised": {"normalize": True, "normalizeScale": 100, "binWidth": 20},
    "cropped": {"preCrop": True, "padDistance": 4, "binWidth": 20},
}


def scan_and_mask(rng, dtype):
    """Return a scan with some structure, and a region with a rough border."""
    shape, spacing = (14, 17, 19), (2.0, 0.8, 1.1)
    voxels = rng.normal(90, 25, shape) + 40 * np.sin(np.arange(shape[2]) / 2)
    inside = np.zeros(shape, dtype=np.uint8)
    inside[3:10, 4:13, 5:15] = rng.random((7, 9, 10)) < 0.9
    images = (
        sitk.GetImageFromArray(voxels.clip(0, 250).astype(dtype)),
        sitk.GetImageFromArray(inside),
    )
    for image in images:
        image.SetSpacing(spacing[::-1])
    return images


def by_pyradiomics(path, scan, mask):
    """Return PyRadiomics' features under radpred's names."""
    from radiomics.featureextractor import RadiomicsFeatureExtractor

    logging.getLogger("radiomics").setLevel(logging.CRITICAL)
    extractor = RadiomicsFeatureExtractor(str(path), additionalInfo=False)
    return {
        f"tumour__{name}": float(value) for name, value in extractor.execute(scan, mask).items()
    }


def cases():
    """Yield types and settings that are compared."""
    for dtype in (np.int16, np.float32, np.float64):
        for setting in SETTINGS:
            # Whole numbers that are normalised tie, and their last bits decide.
            if (dtype, setting) != (np.int16, "normalised"):
                yield pytest.param(dtype, setting, id=f"{dtype.__name__} {setting}")


@pytest.mark.filterwarnings("ignore")  # what the other library's own libraries warn of
@pytest.mark.parametrize(("dtype", "setting"), list(cases()))
def test_a_parameter_file_gives_pyradiomics_features_of_every_image_type(
    rng, tmp_path, monkeypatch, dtype, setting
):
    for needed in ("radiomics", "skimage", "trimesh"):
        pytest.importorskip(needed, reason="needs radpred[pyradiomics]")
    with_old_scipy(monkeypatch)
    path = tmp_path / "params.yaml"
    classes = dict.fromkeys(["shape", "firstorder", "glcm", "glrlm", "glszm", "gldm", "ngtdm"])
    given = {"imageType": IMAGE_TYPES, "featureClass": classes, "setting": SETTINGS[setting]}
    path.write_text(yaml.safe_dump(given, sort_keys=False))
    scan, mask = scan_and_mask(rng, dtype)
    expected = by_pyradiomics(path, scan, mask)
    found = Extractor(path).extract(scan, mask)
    assert set(found.index) == set(expected)
    assert found.attrs["reasons"] == {}
    # Its percentiles are patterns, which are alike here and parted by rounding errors there.
    parted = "tumour__lbp-3D-m2_firstorder_RobustMeanAbsoluteDeviation"
    assert found[parted] == pytest.approx(expected.pop(parted), rel=0.02)
    assert {name: found[name] for name in expected} == pytest.approx(expected, rel=1e-6, abs=1e-7)


@pytest.mark.parametrize("force_2d", [None, "z", "x"])
def test_names_are_known_before_any_image_is_filtered(rng, force_2d):
    image = noise_box((6, 7, 8), rng=rng)
    given = {"imageType": IMAGE_TYPES}
    settings = extraction_settings(given).model_copy(update={"force_2d": force_2d})
    box = (slice(1, 4), slice(2, 6), slice(3, 7))
    found = list(responses(image, box, settings))
    assert tuple(response.image.name for response in found) == response_names(settings)
    assert {response.image.grid for response in found} == {image.grid.cropped(box)}


@pytest.mark.parametrize(
    ("filters", "names", "rule"),
    [
        ([{"kind": "laplacian_of_gaussian", "sigma_mm": [3.0]}], 1, "border voxels were repeated"),
        ([{"kind": "wavelet"}], 8, "repeated as a whole"),
        ([{"kind": "wavelet", "wavelet": "dmey", "level": 2}], 15, "repeated as a whole"),
        ([{"kind": "local_binary_pattern_2d", "radius": 20, "bin_width": 1}], 1, "all was 0"),
        (
            [{"kind": "local_binary_pattern_3d", "icosphere_radius": 2, "bin_width": 0.05}],
            3,
            "all was 0",
        ),
    ],
)
def test_a_filter_larger_than_three_slices_keeps_its_columns_and_says_what_lies_beyond(
    rng, filters, names, rule
):
    shape = (3, 24, 28)
    mask = cuboid(shape, start=(0, 7, 8), stop=(3, 16, 19))
    settings = extraction_settings({"filters": filters, "minimum_grey_levels": 2})
    found = extract_regions(noise_box(shape, rng=rng), {"tumour": mask}, settings)
    assert tuple(found.values) == column_names(settings, ["tumour"])
    assert len(found.values) == 14 + 93 * names
    assert np.isfinite(list(found.values.values())).all()
    assert any("larger than the image (3 x 24 x 28 voxels)" in n and rule in n for n in found.notes)


def test_a_filter_in_slices_is_not_larger_than_a_single_one(rng):
    shape = (1, 24, 28)
    mask = cuboid(shape, start=(0, 7, 8), stop=(1, 16, 19))
    given = {"filters": [{"kind": "wavelet"}], "force_2d": "z", "bin_width": 5}
    settings = extraction_settings({**given, "families": ["firstorder", "glcm"]})
    found = extract_regions(noise_box(shape, rng=rng), {"tumour": mask}, settings)
    assert not any("larger than the image" in note for note in found.notes)
    assert np.isfinite(list(found.values.values())).all()


@pytest.mark.parametrize("image_type", ["Square", "Gradient", "LBP2D", "LBP3D"])
def test_a_voxel_that_is_no_number_far_from_the_region_changes_nothing(rng, image_type):
    shape = (14, 24, 28)
    image, mask = noise_box(shape, rng=rng), cuboid(shape, start=(4, 7, 8), stop=(8, 12, 14))
    settings = extraction_settings({"imageType": {image_type: {"binWidth": 1}}})
    before = extract_regions(image, {"tumour": mask}, settings).values
    image.voxels[13, 23, 27] = np.nan
    assert extract_regions(image, {"tumour": mask}, settings).values == pytest.approx(before)
