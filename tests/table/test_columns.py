"""Names of columns are made and read by one grammar."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radpred.errors import InputError
from radpred.table.columns import (
    GROUP_KINDS,
    Column,
    clinical_name,
    feature_name,
    group_of,
    missing_name,
    parse_name,
)

KEPT = {"clinical", "missing"}
WORDS = st.from_regex(r"[A-Za-z0-9.-]{1,8}", fullmatch=True)
PLACES = st.lists(WORDS, min_size=1, max_size=3).map("_".join).filter(lambda p: p not in KEPT)
FEATURES = st.builds(
    Column,
    modality=st.one_of(st.just(""), PLACES),
    region=PLACES,
    image=WORDS.filter(lambda word: word not in KEPT),
    family=st.from_regex(r"[a-z][A-Za-z0-9]{0,8}", fullmatch=True).filter(lambda f: f not in KEPT),
    feature=st.from_regex(r"[A-Za-z0-9]{1,12}", fullmatch=True).filter(lambda f: f not in KEPT),
    is_missing=st.booleans(),
)
CLINICAL = st.builds(
    Column,
    family=st.just("clinical"),
    feature=st.text(min_size=1, max_size=20).filter(lambda name: not name.endswith("__missing")),
    is_missing=st.booleans(),
)


@given(st.one_of(FEATURES, CLINICAL))
def test_reading_a_name_gives_the_column_that_made_it(column):
    assert parse_name(column.name) == column


@given(st.one_of(st.text(max_size=40), st.from_regex(r"[a-z_]{0,30}", fullmatch=True)))
def test_a_name_that_can_be_read_is_the_name_that_is_made(name):
    try:
        column = parse_name(name)
    except InputError as error:
        assert error.code == "bad_name"
    else:
        assert column.name == name


def test_a_name_has_region_image_family_and_feature():
    name = "ring_0_7.5mm__log-sigma-3-0-mm-3D_firstorder_10Percentile"
    assert parse_name(name) == Column(
        region="ring_0_7.5mm",
        image="log-sigma-3-0-mm-3D",
        family="firstorder",
        feature="10Percentile",
    )


@pytest.mark.parametrize(
    "image", ["squareroot", "gradient", "lbp-2D", "lbp-3D-m12", "lbp-3D-k", "wavelet2-LH"]
)
def test_the_image_types_of_pyradiomics_are_images(image):
    name = feature_name("glcm", "Idm", image=image, region="tumour")
    assert parse_name(name).image == image


def test_a_modality_stands_in_front():
    name = feature_name("glcm", "Idm", image="original", region="tumour", modality="pet")
    assert name == "pet__tumour__original_glcm_Idm"
    assert parse_name(name).modality == "pet"


def test_a_column_of_gaps_says_whose_gaps_they_are():
    name = missing_name("tumour__original_glcm_Idm")
    column = parse_name(name)
    assert column.is_missing
    assert column.of_value.name == "tumour__original_glcm_Idm"


def test_a_clinical_column_keeps_its_name_whatever_is_in_it():
    assert parse_name(clinical_name("T__stage (7th, cm)")).feature == "T__stage (7th, cm)"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "age",
        "clinical__",
        "clinical",
        "tumour__original_glcm",
        "tumour__original_glcm_Idm_x",
        "tumour_original_glcm_Idm",
        "a__b__tumour__original_glcm_Idm",
        "clinical__age__missing__missing",
        "__original_glcm_Idm",
        "tumour____original_glcm_Idm",
        "tumour__original_GLCM_Idm",
        "tumour___original_glcm_Idm",
        "pet__clinical__original_glcm_Idm",
        "tumour__original_glcm_Idm\n",
    ],
)
def test_a_name_that_the_grammar_does_not_make_is_refused(name):
    with pytest.raises(InputError, match="cannot be read"):
        parse_name(name)


@pytest.mark.parametrize(
    "part",
    [
        {"region": "left__lung"},
        {"region": ""},
        {"region": "clinical"},
        {"region": "missing"},
        {"region": "_lung"},
        {"modality": "t1_"},
        {"image": "log_sigma"},
        {"family": "Glcm"},
        {"feature": "Joint_Entropy"},
    ],
)
def test_a_part_that_could_not_be_read_again_is_refused(part):
    words = {"family": "glcm", "feature": "Idm", "image": "original", "region": "tumour", **part}
    with pytest.raises(InputError, match=next(iter(part))):
        feature_name(words.pop("family"), words.pop("feature"), **words)


@pytest.mark.parametrize("column", ["", "age__missing"])
def test_a_clinical_column_without_a_name_of_its_own_is_refused(column):
    with pytest.raises(InputError, match="clinical column"):
        clinical_name(column)


def test_gaps_have_no_gaps():
    with pytest.raises(InputError, match="where values are missing"):
        missing_name("clinical__age__missing")


@pytest.mark.parametrize(
    ("by", "group"),
    [("family", "glcm"), ("image", "wavelet-LLH"), ("region", "tumour"), ("modality", "pet")],
)
def test_a_column_belongs_to_the_group_that_its_name_says(by, group):
    assert group_of("pet__tumour__wavelet-LLH_glcm_Idm", by=by) == group
    assert group_of("pet__tumour__wavelet-LLH_glcm_Idm__missing", by=by) == group


@pytest.mark.parametrize("by", GROUP_KINDS)
def test_clinical_columns_are_one_group(by):
    assert group_of("clinical__age", by=by) == "clinical"


def test_another_way_to_group_is_refused():
    with pytest.raises(InputError, match="grouped by family, image"):
        group_of("clinical__age", by="colour")
