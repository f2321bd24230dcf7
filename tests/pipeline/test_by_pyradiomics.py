"""PyRadiomics behind the same interface: its own answers under the same columns."""

from __future__ import annotations

import logging
import sys

import numpy as np
import pytest

from radpred.config import extraction_settings
from radpred.config.engines import require_engine
from radpred.config.to_pyradiomics import pyradiomics_parameters
from radpred.datasets.phantom import cuboid, noise_box
from radpred.errors import SettingsError
from radpred.image import Grid, Image, Mask
from radpred.pipeline.measuring.extract import Extractor, column_names, extract_regions

SHAPE = (12, 14, 16)
EVERY_WORD = {
    "setting": {
        "binWidth": 5,
        "force2D": True,
        "force2Ddimension": 1,
        "distances": [1, 2],
        "weightingNorm": "manhattan",
        "symmetricalGLCM": False,
        "gldm_a": 1,
        "voxelArrayShift": 300,
        "normalize": True,
        "normalizeScale": 100,
        "removeOutliers": 3,
        "resampledPixelSpacing": [1, 0, 2],
        "interpolator": "sitkLinear",
        "padDistance": 8,
        "preCrop": True,
        "resegmentRange": [-2, 2],
        "resegmentMode": "sigma",
        "resegmentShape": True,
        "minimumROISize": 3,
        "minimumROIDimensions": 2,
        "label": 4,
        "label_channel": 1,
    },
    "imageType": {
        "Original": {"binCount": 8},
        "LoG": {"sigma": [1.0, 3]},
        "Wavelet": {"wavelet": "db2", "level": 2, "start_level": 1, "voxelArrayShift": 10},
        "Square": {},
        "SquareRoot": {},
        "Logarithm": {},
        "Exponential": {},
        "Gradient": {"gradientUseSpacing": False},
        "LBP2D": {"lbp2DRadius": 2, "lbp2DSamples": 12, "lbp2DMethod": "default"},
        "LBP3D": {"lbp3DLevels": 1, "lbp3DIcosphereRadius": 2, "lbp3DIcosphereSubdivision": 0},
    },
    "featureClass": {"shape2D": [], "glcm": ["Idm", "MCC"], "firstorder": ["Mean"]},
    "voxelSetting": {"kernelRadius": 2, "maskedKernel": False},
}


@pytest.fixture
def image(rng):
    return noise_box(SHAPE, rng=rng)


@pytest.fixture
def tumour():
    return cuboid(SHAPE, start=(3, 3, 4), stop=(9, 10, 12))


@pytest.fixture
def installed():
    pytest.importorskip("radiomics", reason="needs radpred[pyradiomics]")


def asked(**given):
    """Return settings that ask PyRadiomics."""
    return extraction_settings({"engine": "pyradiomics", "minimum_grey_levels": 2, **given})


def test_a_parameter_file_that_is_read_and_written_again_says_the_same():
    settings = extraction_settings(EVERY_WORD)
    again = extraction_settings(pyradiomics_parameters(settings))
    assert again == settings


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"mask_interpolator": "linear", "resample_mm": [1, 1, 1]}, "mask_interpolator"),
        ({"dependence_cutoff": 0.5}, "dependence_cutoff"),
        (
            {
                "filters": [
                    {"kind": "wavelet"},
                    {"kind": "wavelet", "wavelet": "db2", "start_level": 1},
                ]
            },
            "wavelet",
        ),
        (
            {"force_2d": "z", "filters": [{"kind": "local_binary_pattern_2d", "across": "x"}]},
            "local_binary_pattern_2d",
        ),
    ],
)
def test_what_pyradiomics_cannot_be_asked_for_is_refused_by_name(given, word):
    with pytest.raises(SettingsError, match=f"{word}.*engine: native"):
        pyradiomics_parameters(asked(**given))


def test_without_pyradiomics_the_error_says_how_to_install_it(monkeypatch):
    monkeypatch.setattr("radpred.config.engines.find_spec", lambda name: None)
    with pytest.raises(SettingsError, match=r"pip install 'radpred\[pyradiomics\]'.*C compiler"):
        require_engine([asked()])
    with pytest.raises(SettingsError, match="not installed"):
        Extractor(asked())


def test_a_pyradiomics_that_cannot_be_imported_is_no_crash(monkeypatch, image, tumour):
    monkeypatch.setitem(sys.modules, "radiomics", None)
    with pytest.raises(SettingsError, match="cannot be imported"):
        extract_regions(image, {"tumour": tumour}, asked())


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"bin_count": 16, "distances": [1, 2], "aggregation": "merged"},
        {"filters": [{"kind": "original"}, {"kind": "wavelet"}], "bin_width": 4},
        {"resample_mm": [2, 1, 1.5], "interpolator": "linear"},
    ],
    ids=str,
)
def test_both_engines_give_the_same_columns_and_values(installed, image, tumour, given):
    settings = asked(**given)
    theirs = extract_regions(image, {"tumour": tumour}, settings)
    native = settings.model_copy(update={"engine": "native"})
    ours = extract_regions(image, {"tumour": tumour}, native)
    assert tuple(theirs.values) == column_names(settings, ["tumour"])
    assert theirs.values == pytest.approx(ours.values, rel=1e-6, abs=1e-7)
    assert theirs.sizes == ours.sizes
    assert theirs.volumes_mm3 == ours.volumes_mm3


def test_a_region_that_pyradiomics_refuses_has_its_words_in_a_note(installed, image, tumour):
    regions = {"tumour": tumour, "speck": cuboid(SHAPE, start=(2, 2, 2), stop=(3, 3, 3))}
    found = extract_regions(image, regions, asked(minimum_voxels=5))
    refused = {name.partition("__")[0] for name in found.reasons}
    assert refused == {"speck"}
    assert set(found.reasons.values()) == {"pyradiomics_refused"}
    assert any(note.startswith("speck: PyRadiomics: ValueError") for note in found.notes)
    assert all(np.isnan(found.values[name]) for name in found.reasons)


def test_what_pyradiomics_makes_of_a_flat_region_is_given_as_it_is(installed, tumour):
    flat = Image(voxels=np.full(SHAPE, 7.0), grid=Grid(shape=SHAPE))
    found = extract_regions(flat, {"tumour": tumour}, asked())
    assert found.values["tumour__original_glcm_Correlation"] == 1
    assert found.values["tumour__original_ngtdm_Coarseness"] == 1e6
    assert any("minimum_grey_levels" in note for note in found.notes)


def test_a_complex_answer_is_given_as_its_real_part(installed, monkeypatch, image, tumour):
    from radiomics.shape import RadiomicsShape

    answer = lambda self: np.complex128(1e-9 + 1e-9j)  # noqa: E731 - as it answers for some lines
    monkeypatch.setattr(RadiomicsShape, "getElongationFeatureValue", answer)
    found = extract_regions(image, {"tumour": tumour}, asked(families=["shape"]))
    assert found.values["tumour__original_shape_Elongation"] == 1e-9


def test_voxels_that_are_not_finite_are_named(installed, image, tumour):
    image.voxels[4, 5, 6] = np.nan
    found = extract_regions(image, {"tumour": tumour}, asked(families=["firstorder"]))
    assert any("1 of 336 voxels are not finite" in note for note in found.notes)


def test_more_grey_levels_than_its_matrices_hold_are_not_asked_for(installed, image, tumour):
    found = extract_regions(image, {"tumour": tumour}, asked(bin_width=1e-4))
    assert set(found.reasons.values()) == {"too_many_grey_levels"}
    assert np.isfinite(found.values["tumour__original_shape_MeshVolume"])


def test_an_empty_region_has_all_columns(installed, image):
    nothing = Mask(voxels=np.zeros(SHAPE, dtype=bool), grid=image.grid, name="tumour")
    found = extract_regions(image, {"tumour": nothing}, asked())
    assert set(found.reasons) == set(column_names(asked(), ["tumour"]))


def test_pyradiomics_logger_is_left_as_it_was(installed, image, tumour, capfd):
    logger = logging.getLogger("radiomics")
    before = (list(logger.handlers), logger.level, logger.propagate)
    extract_regions(image, {"tumour": tumour}, asked(bin_count=8, families=["glcm"]))
    assert (list(logger.handlers), logger.level, logger.propagate) == before
    assert capfd.readouterr() == ("", "")
