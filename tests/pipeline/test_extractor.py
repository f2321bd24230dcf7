"""The extractor: whatever it is given, and beside PyRadiomics itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import SimpleITK as sitk
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from radpred.datasets.phantom import cuboid, sphere
from radpred.errors import InputError, SettingsError
from radpred.image import Image
from radpred.io import to_sitk, write_image, write_mask
from radpred.pipeline.measuring.extract import Extractor

from .boxes import SHAPE

# --- PyRadiomics' own values --------------------------------------------------------------------


@pytest.mark.parametrize(
    "setting",
    [
        {},
        {"binCount": 32, "normalize": True, "normalizeScale": 100, "removeOutliers": 3},
        {"resampledPixelSpacing": [1.5, 1.5, 2]},
        {"resampledPixelSpacing": [0, 0, 2], "interpolator": "sitkLinear", "padDistance": 8},
        {"preCrop": True},
        {"resegmentRange": [-1, 2], "resegmentMode": "sigma"},
    ],
    ids=["plain", "normalised", "resampled", "one axis", "cropped", "resegmented"],
)
@pytest.mark.parametrize("dtype", [np.int16, np.float64])
@pytest.mark.filterwarnings("ignore")  # what the other library's own libraries warn of
def test_values_are_those_of_pyradiomics_itself(rng, dtype, setting):
    pytest.importorskip("radiomics", reason="needs radpred[pyradiomics]")
    from radiomics.featureextractor import RadiomicsFeatureExtractor

    mask = sphere(9.0, spacing=(2.1, 1.3, 0.9))
    voxels = rng.normal(100, 60, mask.grid.shape).astype(dtype)
    image = Image(voxels=voxels, grid=mask.grid)
    parameters = {
        "setting": {"binWidth": 20, **setting},
        "imageType": {"Original": {}, "LoG": {"sigma": [1.0, 3.0]}, "Wavelet": {"level": 2}},
    }
    theirs = RadiomicsFeatureExtractor(parameters).execute(to_sitk(image), to_sitk(mask))
    theirs = {k: float(v) for k, v in theirs.items() if not k.startswith("diagnostics")}
    ours = Extractor(parameters).extract(image, mask)
    assert set(ours.index) == {f"tumour__{name}" for name in theirs}
    found = ours[[f"tumour__{name}" for name in theirs]].to_numpy()
    np.testing.assert_allclose(found, list(theirs.values()), rtol=2e-5, atol=1e-5)


# --- Extractor ----------------------------------------------------------------------------------


@pytest.fixture
def files(tmp_path, image, tumour):
    write_image(image, tmp_path / "image.nrrd")
    write_mask(tumour, tmp_path / "mask.nrrd")
    return tmp_path / "image.nrrd", tmp_path / "mask.nrrd"


def test_paths_simpleitk_images_and_radpred_s_own_give_the_same_values(files, image, tumour):
    extractor = Extractor({"families": ["firstorder", "shape"]})
    expected = extractor.extract(image, tumour)
    for given in (files, tuple(map(str, files)), (to_sitk(image), to_sitk(tumour))):
        pd.testing.assert_series_equal(extractor.extract(*given), expected)
    assert tuple(expected.index) == extractor.columns


def test_the_label_of_a_parameter_file_is_used(image, tumour, core):
    labels = np.where(core.voxels, 2, tumour.voxels.astype(int)).astype(np.uint8)
    mask = sitk.GetImageFromArray(labels)
    given = {"featureClass": {"shape": ["VoxelVolume"]}, "setting": {"label": 2}}
    found = Extractor(given).extract(to_sitk(image), mask)
    assert found["tumour__original_shape_VoxelVolume"] == core.n_voxels
    named = Extractor(given).extract(to_sitk(image), mask, label=1)
    assert named["tumour__original_shape_VoxelVolume"] == tumour.n_voxels - core.n_voxels
    with pytest.raises(InputError, match="2 labels"):
        Extractor().extract(to_sitk(image), mask)


def test_a_mask_of_fewer_slices_is_placed_on_the_image(image, tumour):
    box = (slice(5, 15), slice(0, 24), slice(0, 28))
    cut = replace(tumour, voxels=tumour.voxels[box], grid=tumour.grid.cropped(box))
    extractor = Extractor({"families": ["firstorder", "shape"]})
    pd.testing.assert_series_equal(
        extractor.extract(image, cut), extractor.extract(image, tumour), check_flags=False
    )


def test_reasons_and_notes_travel_with_the_values(image):
    found = Extractor().extract(image, cuboid(SHAPE, start=(9, 9, 9), stop=(10, 10, 10)))
    assert found.attrs["reasons"]["tumour__original_glcm_Idm"] == "too_small"
    assert isinstance(found.attrs["notes"], list)


@pytest.mark.parametrize("place", [0, 1])
def test_what_is_neither_a_path_nor_an_image_is_refused(image, tumour, place):
    given = [image, tumour]
    given[place] = 3
    with pytest.raises(InputError, match="got int, wanted a path, an array, a SimpleITK image"):
        Extractor().extract(*given)


def test_cases_become_rows_in_the_order_they_came(image, tumour, core):
    extractor = Extractor({"families": ["shape"]})
    frame = extractor.fit_transform([(image, tumour), (image, core)])
    assert list(frame.columns) == extractor.get_feature_names_out()
    volumes = frame["tumour__original_shape_VoxelVolume"]
    assert volumes.tolist() == [tumour.n_voxels, core.n_voxels]
    assert len(frame.attrs["reasons"]) == 2


def test_an_extractor_stands_at_the_head_of_a_scikit_learn_pipeline(image, tumour, core):
    extractor = Extractor({"families": ["shape"]})
    chain = make_pipeline(clone(extractor), StandardScaler())
    scaled = chain.fit_transform([(image, tumour), (image, core)])
    assert scaled.shape == (2, 14)
    assert np.abs(scaled.mean(axis=0)).max() < 1e-9


def test_no_case_is_a_table_without_rows():
    frame = Extractor({"families": ["shape"]}).transform([])
    assert frame.shape == (0, 14)


def test_a_bad_setting_is_refused_before_any_image_is_opened():
    with pytest.raises(SettingsError, match="no glcm_Nothing"):
        Extractor({"features": {"glcm": ["Nothing"]}})
