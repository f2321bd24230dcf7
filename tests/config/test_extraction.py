"""Extraction settings, in radpred's words and in those of a PyRadiomics parameter file."""

from __future__ import annotations

import pytest
import yaml

from radpred.config import ExtractionSettings, extraction_settings
from radpred.errors import RadpredWarning, SettingsError


def read(setting=None, image_types=None, classes=None, **sections):
    """Return the settings that a PyRadiomics parameter file gives."""
    given = {"setting": setting or {}, **sections}
    if image_types is not None:
        given["imageType"] = image_types
    if classes is not None:
        given["featureClass"] = classes
    return extraction_settings(given)


def test_nothing_gives_the_defaults_of_pyradiomics_but_for_the_floor_of_grey_levels():
    settings = extraction_settings()
    assert settings.bin_width == 25
    assert [chosen.kind for chosen in settings.filters] == ["original"]
    assert (settings.minimum_grey_levels, read({}).minimum_grey_levels) == (8, 2)
    assert settings == read({}).model_copy(update={"minimum_grey_levels": 8})


def test_settings_pass_through():
    settings = ExtractionSettings(bin_width=5)
    assert extraction_settings(settings) is settings


def test_a_file_in_radpred_s_words_is_read(tmp_path):
    path = tmp_path / "settings.yaml"
    path.write_text("bin_count: 32\nfilters:\n  - {kind: wavelet, level: 2}\n")
    settings = extraction_settings(path)
    assert (settings.bin_count, settings.bin_width, settings.filters[0].level) == (32, None, 2)


@pytest.mark.parametrize("as_text", [str, lambda path: path])
def test_a_parameter_file_is_known_by_its_sections(tmp_path, as_text):
    path = tmp_path / "params.yaml"
    content = {
        "imageType": {"Original": {}, "LoG": {"sigma": [2.0, 3]}, "Wavelet": None},
        "featureClass": {"shape": None, "glcm": ["Idm", "MCC"], "firstorder": []},
        "setting": {"binWidth": 10, "label": 2, "normalize": True, "normalizeScale": 100},
    }
    path.write_text(yaml.safe_dump(content, sort_keys=False))
    settings = extraction_settings(as_text(path))
    assert [chosen.kind for chosen in settings.filters] == [
        "original",
        "laplacian_of_gaussian",
        "wavelet",
    ]
    assert set(settings.families) == {"shape", "glcm", "firstorder"}
    assert settings.features == {"glcm": ("Idm", "MCC")}
    assert (settings.bin_width, settings.mask_label) == (10, 2)
    assert (settings.normalise, settings.normalise_scale) == (True, 100)


def test_a_width_keeps_its_spelling_as_it_is_part_of_a_name():
    sigmas = read(image_types={"LoG": {"sigma": [2.0, 3]}}).filters[0].sigma_mm
    assert [str(sigma) for sigma in sigmas] == ["2.0", "3"]
    again = ExtractionSettings.model_validate_json(
        read(image_types={"LoG": {"sigma": [2.0, 3]}}).model_dump_json()
    )
    assert [str(sigma) for sigma in again.filters[0].sigma_mm] == ["2.0", "3"]


@pytest.mark.parametrize("classes", [None, {}])
def test_without_feature_classes_all_are_computed(classes):
    assert len(read(classes=classes).families) == 7


@pytest.mark.parametrize("image_types", [None, {}])
def test_without_image_types_the_original_is_measured(image_types):
    assert [chosen.kind for chosen in read(image_types=image_types).filters] == ["original"]


def test_a_bin_count_goes_before_a_bin_width():
    settings = read({"binWidth": 25, "binCount": 64})
    assert (settings.bin_width, settings.bin_count) == (None, 64)


def test_an_image_type_may_have_its_own_bins():
    settings = read({"binWidth": 25}, {"Original": {}, "LoG": {"sigma": [1.0], "binWidth": 5}})
    assert [chosen.bin_width for chosen in settings.filters] == [None, 5]


def test_a_general_bin_count_goes_before_an_image_type_s_bin_width():
    settings = read({"binCount": 20}, {"Wavelet": {"binWidth": 5}})
    assert (settings.filters[0].bin_width, settings.filters[0].bin_count) == (None, 20)


def test_what_an_image_type_does_not_say_the_settings_may():
    settings = read({"sigma": [2.0], "level": 2}, {"LoG": {}, "Wavelet": {"start_level": 1}})
    assert settings.filters[0].sigma_mm == (2.0,)
    assert (settings.filters[1].level, settings.filters[1].start_level) == (2, 1)


def test_voxel_sizes_come_as_x_y_z_and_are_kept_as_z_y_x():
    assert read({"resampledPixelSpacing": [1, 2, 0]}).resample_mm == (0, 2, 1)


def test_without_an_interpolator_nothing_is_resampled():
    assert read({"resampledPixelSpacing": [1, 1, 1], "interpolator": None}).resample_mm is None
    assert read({"interpolator": None, "resampledPixelSpacing": [1, 1, 1]}).resample_mm is None


@pytest.mark.parametrize(
    ("interpolator", "ours"), [("sitkBSpline", "bspline"), ("sitkLinear", "linear"), (1, "nearest")]
)
def test_interpolators_have_names_and_numbers(interpolator, ours):
    assert read({"interpolator": interpolator}).interpolator == ours


def test_a_region_must_exceed_the_minimum_size_of_pyradiomics():
    assert read({"minimumROISize": 50}).minimum_voxels == 51


def test_every_setting_that_pyradiomics_has_by_default_is_followed():
    defaults = {
        "minimumROIDimensions": 2, "minimumROISize": None, "normalize": False,
        "normalizeScale": 1, "removeOutliers": None, "resampledPixelSpacing": None,
        "interpolator": "sitkBSpline", "preCrop": False, "padDistance": 5, "distances": [1],
        "force2D": False, "force2Ddimension": 0, "resegmentRange": None, "label": 1,
        "additionalInfo": True,
    }  # fmt: skip
    settings = read(defaults)
    assert settings == ExtractionSettings(mask_label=1, minimum_dimensions=2, minimum_grey_levels=2)


def test_settings_of_maps_are_kept_apart():
    maps = read(voxelSetting={"kernelRadius": 2, "maskedKernel": False, "initValue": 0})
    assert (maps.voxel.kernel_radius, maps.voxel.masked_kernel) == (2, False)
    assert maps.model_copy(update={"voxel": read({}).voxel}) == read({})


def test_texture_is_followed_in_radpred_s_words():
    settings = read(
        {
            "force2D": True,
            "force2Ddimension": 1,
            "distances": [1, 3],
            "weightingNorm": "no_weighting",
            "symmetricalGLCM": False,
            "gldm_a": 1,
            "label_channel": 2,
        }
    )
    assert (settings.force_2d, settings.distances, settings.aggregation) == ("y", (1, 3), "merged")
    assert not settings.symmetric_glcm
    assert (settings.dependence_cutoff, settings.mask_channel) == (1, 2)


def test_an_axis_without_force2d_forces_nothing():
    assert read({"force2D": False, "force2Ddimension": 1}).force_2d is None


@pytest.mark.parametrize(
    ("setting", "name"),
    [
        ({"weightingNorm": "cosine"}, "weightingNorm"),
        ({"interpolator": "sitkGaussian"}, "interpolator"),
        ({"binwidth": 25}, "no setting binwidth"),
    ],
)
def test_a_setting_that_is_not_followed_is_refused_by_name(setting, name):
    with pytest.raises(SettingsError, match=name):
        read(setting)


def test_a_tolerance_is_left_to_radpred_and_said_so():
    with pytest.warns(RadpredWarning, match="geometryTolerance: 0.01 is not followed"):
        assert read({"geometryTolerance": 0.01}) == read({})


@pytest.mark.parametrize(
    ("image_types", "what"),
    [
        ({"Gabor": {}}, "image type Gabor is not followed"),
        ({"LoG": {}}, "LoG has no sigma"),
        ({"Wavelet": {"resampledPixelSpacing": [1, 1, 1]}}, "resampledPixelSpacing inside"),
        ({"Wavelet": {"force2D": True}}, "force2D"),
        ({"LoG": {"sigma": [0]}}, "sigma_mm"),
    ],
)
def test_an_image_type_that_is_not_followed_is_refused_by_name(image_types, what):
    with pytest.raises(SettingsError, match=what):
        read(image_types=image_types)


@pytest.mark.parametrize("classes", [{"shape2D": None}, {"glcmm": None}])
def test_a_feature_class_that_is_not_followed_is_refused_by_name(classes):
    with pytest.raises(SettingsError, match=next(iter(classes))):
        read(classes=classes)


@pytest.mark.parametrize(("dimension", "axis"), [(None, "z"), (1, "y"), (2, "x")])
def test_the_class_shape2d_is_followed_where_slices_are_forced(dimension, axis):
    setting = {"force2D": True, "force2Ddimension": dimension}
    settings = read(setting, classes={"shape2D": ["Perimeter"], "glcm": None})
    assert (settings.families, settings.force_2d) == (("shape2D", "glcm"), axis)
    assert settings.features == {"shape2D": ("Perimeter",)}


def test_the_class_shape2d_is_left_out_without_slices_as_pyradiomics_does():
    with pytest.warns(RadpredWarning, match="shape2D is left out; it needs force2D: true"):
        settings = read(classes={"shape2D": None, "glcm": None})
    assert settings.families == ("glcm",)


def test_the_family_shape2d_needs_to_know_its_axis():
    with pytest.raises(SettingsError, match="force_2d: z, y or x"):
        extraction_settings({"families": ["shape2D"]})


def test_a_section_that_does_not_exist_is_refused():
    with pytest.raises(SettingsError, match="imageTypes"):
        read(imageTypes={})


@pytest.mark.parametrize(
    "content", ["[1, 2]", "a: [1", "setting: [1]"], ids=["a list", "not YAML", "no names"]
)
def test_a_file_that_holds_no_settings_is_refused(tmp_path, content):
    path = tmp_path / "params.yaml"
    path.write_text(content)
    with pytest.raises(SettingsError, match=r"params\.yaml"):
        extraction_settings(path)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(SettingsError, match="no such settings file"):
        extraction_settings(tmp_path / "params.yaml")


def test_a_filter_with_two_ways_to_bin_is_refused():
    with pytest.raises(SettingsError, match="either bin_width or bin_count"):
        extraction_settings({"filters": [{"kind": "wavelet", "bin_width": 5, "bin_count": 8}]})


def test_features_of_a_family_that_is_not_computed_are_refused():
    with pytest.raises(SettingsError, match="features are chosen of glcm"):
        extraction_settings({"families": ["shape"], "features": {"glcm": ["Idm"]}})


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"setting": {}, "featureClass": {"glcm": 3}}, "featureClass glcm"),
        ({"setting": {}, None: {}}, "no PyRadiomics section"),
    ],
)
def test_a_parameter_file_of_other_things_than_names_is_refused_by_name(given, named):
    with pytest.raises(SettingsError, match=named):
        extraction_settings(given)
