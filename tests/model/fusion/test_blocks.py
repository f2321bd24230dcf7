"""Which columns belong together."""

import pytest

from radpred.errors import InputError
from radpred.model.fusion import Block, blocks_of

COLUMNS = [
    "pet__tumour__original_firstorder_Mean",
    "ct__tumour__original_glcm_Idm",
    "ct__ring_0_8mm__wavelet-LLH_glcm_Idm",
    "ct__ring_0_8mm__wavelet-LLH_glcm_Idm__missing",
    "clinical__age",
    "clinical__age__missing",
    "clinical__rna.TP53",
]
FOREIGN = "deep__table_external_e0"


def test_a_kind_of_group_makes_a_block_of_each_group_and_one_of_the_clinic():
    found = blocks_of(COLUMNS, "modality")
    assert list(found) == ["pet", "ct", "clinical"]
    assert found["clinical"] == tuple(COLUMNS[4:])


def test_patterns_of_one_kind_are_alternatives():
    found = blocks_of(COLUMNS, [Block(name="both", modality=("pet", "ct"))])
    assert found["both"] == tuple(COLUMNS[:4])


def test_patterns_of_several_kinds_must_all_match():
    found = blocks_of(COLUMNS, [Block(name="rings", region=("ring_*",), image=("wavelet-*",))])
    assert found["rings"] == tuple(COLUMNS[2:4])


def test_columns_of_the_laboratory_are_a_block_of_their_own_before_the_clinic():
    spec = [Block(name="rna", clinical=("rna.*",)), Block(name="clinic", clinical=("*",))]
    found = blocks_of(COLUMNS, spec)
    assert found == {"rna": ("clinical__rna.TP53",), "clinic": tuple(COLUMNS[4:6])}


def test_a_table_of_foreign_features_is_a_block_where_a_region_would_be():
    assert blocks_of([*COLUMNS, FOREIGN], "region")["deep"] == (FOREIGN,)
    assert blocks_of([*COLUMNS, FOREIGN], [Block(name="e", region=("deep",))]) == {"e": (FOREIGN,)}


def test_flags_of_gaps_go_where_their_column_goes():
    found = blocks_of(COLUMNS, [Block(name="age", clinical=("age",))])
    assert found["age"] == ("clinical__age", "clinical__age__missing")


def test_a_block_of_clinical_columns_holds_none_of_an_image():
    assert "ct" not in str(blocks_of(COLUMNS, [Block(name="clinic", clinical=("*",))]))


def test_columns_in_no_block_are_left_out():
    found = blocks_of(COLUMNS, [Block(name="pet", modality=("pet",))])
    assert found == {"pet": (COLUMNS[0],)}


def test_block_without_a_column_is_refused():
    with pytest.raises(InputError, match=r"\['mr'\] hold no column") as caught:
        blocks_of(COLUMNS, [Block(name="mr", modality=("mr",)), Block(name="pet", modality=("*",))])
    assert caught.value.code == "empty_block"


def test_two_blocks_of_one_name_are_refused():
    with pytest.raises(InputError, match="give each block its own"):
        blocks_of(COLUMNS, [Block(name="a", modality=("ct",)), Block(name="a", region=("*",))])


def test_name_that_cannot_be_read_is_refused():
    with pytest.raises(InputError) as caught:
        blocks_of(["age"], "region")
    assert caught.value.code == "bad_name"
