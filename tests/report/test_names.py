"""Columns of the table read as words."""

import numpy as np
import pytest

from radpred.report.words.names import (
    feature_words,
    group_words,
    image_words,
    outcome_words,
    plain_name,
    region_words,
    value_words,
)


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("tumour__original_shape_MeshVolume", "Volume · tumour"),
        (
            "pet__ring_0_8mm__log-sigma-1-5-mm-3D_glszm_LargeAreaHighGrayLevelEmphasis",
            "Large area high grey level · PET ring 0\u20138 mm, LoG 1.5 mm",
        ),
        ("tumour__wavelet-LLH_firstorder_10Percentile",
         "10th percentile of intensity · tumour, wavelet LLH"),
        ("tumour__wavelet2-HHL_glrlm_RunVariance", "Run variance · tumour, wavelet 2 HHL"),
        ("clinical__age_at_diagnosis", "Age at diagnosis · clinical data"),
        ("clinical__age__missing", "Missing: Age · clinical data"),
    ],
)  # fmt: skip
def test_a_column_becomes_what_was_measured_and_where(column, words):
    assert str(plain_name(column)) == words


def test_a_foreign_column_keeps_its_name():
    assert str(plain_name("somethingElse")) == "somethingElse"


@pytest.mark.parametrize(
    ("feature", "words"),
    [
        ("Maximum3DDiameter", "largest diameter"),
        ("Idmn", "inverse difference moment (normalised)"),
        ("GrayLevelNonUniformityNormalized", "grey level non-uniformity (normalised)"),
        ("SumSquares", "sum squares"),
    ],
)
def test_features_are_spelt_out_in_british_words(feature, words):
    assert feature_words("glcm", feature) == words


@pytest.mark.parametrize(
    ("image", "words"),
    [
        ("mean-5", "mean of voxels in a cube of side 5"),
        ("sampled-log-sigma-1-5-mm-3D", "LoG 1.5 mm (sampled)"),
        ("laws-L5S5-max-energy-7", "Laws L5S5 max energy 7"),
        ("simoncelli-2", "Simoncelli wavelet 2"),
        ("wavelet-db3-LLH-1-mean", "wavelet db3 LLH 1 mean"),
    ],
)
def test_responses_to_ibsi_s_filters_are_called_by_filter_and_parameters(image, words):
    assert image_words(image) == words


def test_statistics_of_grey_levels_say_so():
    assert feature_words("histogram", "Mean") == "mean grey level"


def test_plain_statistics_say_that_they_are_of_intensity():
    assert feature_words("firstorder", "Mean") == "mean intensity"


def test_a_ring_names_both_of_its_edges():
    assert region_words("ring_2.5_8mm") == "ring 2.5\u20138 mm"


@pytest.mark.parametrize(
    ("region", "words"),
    [
        ("rim_0_2mm", "rim 0\u20132 mm"),
        ("tumour_ring_8mm", "tumour with ring to 8 mm"),
        ("control_mirrored", "mirrored control"),
        ("core", "core"),
    ],
)
def test_regions_have_words(region, words):
    assert region_words(region) == words


@pytest.mark.parametrize(
    ("image", "words"),
    [
        ("squareroot", "square root"),
        ("gradient", "gradient"),
        ("wavelet2-LH", "wavelet 2 LH"),
        ("lbp-2D", "local binary pattern in a slice"),
        ("lbp-3D-m2", "local binary pattern 2"),
        ("lbp-3D-k", "local kurtosis"),
    ],
)
def test_every_image_type_has_words(image, words):
    assert image_words(image) == words


def test_an_unknown_filter_keeps_its_name():
    assert image_words("sobel-3mm") == "sobel-3mm"


@pytest.mark.parametrize("kind", ["family", "image", "region", "modality"])
def test_the_clinical_group_has_one_name_whatever_the_grouping(kind):
    assert group_words(kind, "clinical") == "clinical data"


@pytest.mark.parametrize("positive", ["1", 1, "yes", "True"])
def test_an_outcome_of_yes_and_no_is_named_after_its_column(positive):
    words = outcome_words({"outcome": "lung_metastasis", "positive": positive})
    assert words.present == "with lung metastasis"
    assert words.absent == "without lung metastasis"


def test_an_outcome_that_is_called_event_gets_an_article():
    assert outcome_words({"outcome": "event"}).present == "with the event"


@pytest.mark.parametrize(
    ("image", "words"),
    [("log-sigma-2-mm-3D", "LoG 2 mm"), ("log-sigma-2-0-mm-3D", "LoG 2 mm"),
     ("log-sigma-1-25-mm-3D", "LoG 1.25 mm")],
)  # fmt: skip
def test_both_spellings_of_a_width_are_read(image, words):
    assert image_words(image) == words


def test_any_other_positive_value_is_part_of_the_outcome_s_name():
    words = outcome_words({"outcome": "grade", "positive": "high"})
    assert words.noun == "grade \u201chigh\u201d"


@pytest.mark.parametrize("absent", [None, np.nan])
def test_a_missing_value_is_called_missing(absent):
    assert value_words(absent) == "missing"
