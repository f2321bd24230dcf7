import numpy as np
import pandas as pd
import pytest

from radpred.errors import InputError
from radpred.report.words.names import plain_name
from radpred.table.columns import group_of, of_regions
from radpred.table.external import external_features, joined

CASES = pd.DataFrame({"case_id": ["C1", "C2", "C3"], "tumour__original_glcm_Idm": [1.0, 2.0, 3.0]})
PATIENTS = pd.Series({"C1": "P1", "C2": "P1", "C3": "P2"})


def table(**columns):
    return pd.DataFrame(columns, dtype=str)


def code_of(given, name="deep"):
    with pytest.raises(InputError) as caught:
        external_features(given, name=name)
    return caught.value.code


def test_a_case_gets_the_row_of_its_own_id():
    external = external_features(table(case_id=["C2", "C1"], e_0=["5", "4"]), name="deep")
    frame, reasons = joined(CASES, external, patients=PATIENTS, name="deep")
    assert frame["deep__table_external_e0"].tolist()[:2] == [4.0, 5.0]
    assert reasons.values.tolist() == [["C3", "deep__table_external_e0", "not_in_table"]]


def test_every_lesion_gets_the_row_of_its_patient():
    external = external_features(table(patient_id=["P2", "P1"], age=["70", "60"]), name="deep")
    frame, reasons = joined(CASES, external, patients=PATIENTS, name="deep")
    assert frame["deep__table_external_age"].tolist() == [60.0, 60.0, 70.0]
    assert reasons.empty


def test_a_case_goes_before_its_patient():
    both = table(case_id=["C1"], patient_id=["P1"], e=["4"])
    assert external_features(both, name="deep").index.name == "case_id"


@pytest.mark.parametrize("cell", ["", "NA", "inf", "nan"])
def test_an_empty_cell_is_missing_with_its_reason(cell):
    given = table(case_id=["C1", "C2", "C3"], e=["1", cell, "3"])
    frame, reasons = joined(
        CASES, external_features(given, name="deep"), patients=PATIENTS, name="deep"
    )
    assert np.isnan(frame["deep__table_external_e"].iloc[1])
    assert reasons["reason"].tolist() == ["empty_cell"]


def test_what_was_measured_stays_as_it_was():
    external = external_features(table(case_id=["C1"], e=["4"]), name="deep")
    frame, _ = joined(CASES, external, patients=PATIENTS, name="deep")
    pd.testing.assert_frame_equal(frame[CASES.columns], CASES)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (table(case_id=["C1", "C1"], e=["1", "2"]), "duplicate_case"),
        (table(case_id=["C1", ""], e=["1", "2"]), "missing_id"),
        (table(case=["C1"], e=["1"]), "missing_column"),
        (table(case_id=["C1"]), "bad_table"),
        (table(case_id=["C1"], e=["north"]), "bad_table"),
        (table(case_id=["C1"], **{"a_1": ["1"], "a1": ["1"], "aunder1": ["1"]}), "bad_name"),
        (table(case_id=["C1"], **{"--": ["1"]}), "bad_name"),
    ],
)
def test_a_table_that_could_be_misread_is_refused(given, code):
    assert code_of(given) == code


def test_columns_that_would_read_alike_are_spelled_out():
    given = table(case_id=["C1"], **{"r_-1-11": ["1"], "r_-1-1-1": ["2"], "s_1": ["3"]})
    assert external_features(given, name="deep").columns.tolist() == [
        "deep__table_external_runderminus1minus11",
        "deep__table_external_runderminus1minus1minus1",
        "deep__table_external_s1",
    ]


def test_the_column_of_the_volume_is_named_as_one():
    given = table(case_id=["C1"], vol=["12.5"], e=["4"])
    external = external_features(given, name="deep", volume="vol")
    assert external.columns.tolist() == ["deep__table_shape_MeshVolume", "deep__table_external_e"]


def test_ids_are_never_matched_by_a_part():
    external = external_features(table(case_id=["C10"], e=["4"]), name="deep")
    with pytest.raises(InputError, match="none of 3 cases") as caught:
        joined(CASES, external, patients=PATIENTS, name="deep")
    assert caught.value.code == "unmatched_cases"


def test_columns_of_a_table_form_groups_of_their_own():
    name = external_features(table(case_id=["C1"], e=["4"]), name="deep").columns[0]
    assert [group_of(name, by=by) for by in ("region", "image", "family")] == [
        "deep",
        "table",
        "external",
    ]
    assert str(plain_name(name)) == "E \u00b7 deep, table of other features"


def test_columns_of_some_regions_are_chosen_in_order():
    columns = ["tumour__original_glcm_Idm", "clinical__age", "deep__table_external_e"]
    assert of_regions(columns, ("deep", "tumour")) == (columns[0], columns[2])
    assert of_regions(columns, None) == tuple(columns)
    with pytest.raises(InputError, match="ring_0_8mm, and no column is of it"):
        of_regions(columns, ("ring_0_8mm",))
