import re

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radpred.cohort import Case, check_cases, siblings, to_frame
from radpred.errors import InputError

FEW = settings(deadline=None, max_examples=60)
GOOD = {"case_id": "C1", "patient_id": "P1", "image": "a.nii.gz", "mask": "m.nii.gz"}
BOX = {"case_id": "C1", "patient_id": "P1", "image": "a.nii.gz", "box": "0 0 0 9.5 8 7"}


@pytest.fixture
def folder(tmp_path):
    """Return a folder with a few files that stand for images and masks."""
    for name in ("a.nii.gz", "b.nii.gz", "m.nii.gz", "n.nii.gz", "organ.nii.gz"):
        (tmp_path / name).write_bytes(b"")
    return tmp_path


def table(*rows):
    """Return rows as a text table, "" where a row has no such cell."""
    return pd.DataFrame(list(rows)).fillna("").astype(str)


def lesion(case_id, patient_id=None, **more):
    """Return a case whose files nobody opens."""
    given = {
        "images": {"": "/a"},
        "masks": {"": "/m"},
        "mask_label": "",
        "box": None,
        "organ_mask": None,
        "site": "",
    }
    return Case(case_id=case_id, patient_id=patient_id or case_id, **{**given, **more})


def check(folder, *rows, method="given"):
    return check_cases(table(*rows), folder=folder, method=method)


def only_verdict(folder, row, method="given"):
    cases, [verdict] = check(folder, row, method=method)
    assert bool(cases) == (verdict.status != "rejected")
    return verdict


# What is read


def test_good_row_is_a_case_with_absolute_paths(folder):
    row = {**GOOD, "organ_mask": "organ.nii.gz", "site": "north", "mask_label": "2"}
    [case], [verdict] = check(folder, row)
    assert verdict.status == "accepted"
    assert case.images == {"": str(folder / "a.nii.gz")}
    assert case.masks == {"": str(folder / "m.nii.gz")}
    assert case.organ_mask == str(folder / "organ.nii.gz")
    assert (case.site, case.mask_label, case.box) == ("north", "2", None)


def test_absolute_path_stays(folder, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "x.nii"
    elsewhere.write_bytes(b"")
    [case], _ = check(folder, {**GOOD, "image": str(elsewhere)})
    assert case.images[""] == str(elsewhere)


def test_folder_of_slices_is_an_image(folder):
    (folder / "series").mkdir()
    assert only_verdict(folder, {**GOOD, "image": "series"}).status == "accepted"


def test_optional_cells_may_be_empty(folder):
    row = {**GOOD, "organ_mask": "", "site": "", "mask_label": ""}
    [case], _ = check(folder, row)
    assert (case.organ_mask, case.site, case.mask_label) == (None, "", "")


@pytest.mark.parametrize(
    ("written", "label"),
    [
        ("3", "3"),
        ("3.0", "3"),
        ("auto", ""),
        ("NA", ""),
        (" GTV-1 ", "GTV-1"),
        ("2 right", "2 right"),
    ],
)
def test_mask_label_is_a_whole_number_or_a_name_or_automatic(folder, written, label):
    [case], _ = check(folder, {**GOOD, "mask_label": written})
    assert case.mask_label == label


def test_box_becomes_six_numbers(folder):
    [case], _ = check(folder, {**BOX, "box": " -1.5, 2;3 \t 4 5e1 6 "}, method="otsu")
    assert case.box == (-1.5, 2.0, 3.0, 4.0, 50.0, 6.0)
    assert case.masks == {}


def test_given_masks_need_no_box(folder):
    [case], _ = check(folder, {**GOOD, "box": "nonsense"})
    assert case.box is None


def test_cells_that_pandas_left_empty_count_as_empty(folder):
    frame = pd.DataFrame([{**GOOD, "organ_mask": None, "site": float("nan")}])
    [case], _ = check_cases(frame, folder=folder, method="given")
    assert (case.organ_mask, case.site) == (None, "")


# Modalities


def test_each_image_column_is_a_modality(folder):
    row = {
        "case_id": "C1",
        "patient_id": "P1",
        "image_pet": "a.nii.gz",
        "image_t1": "b.nii.gz",
        "mask_t1": "n.nii.gz",
        "mask": "m.nii.gz",
    }
    [case], _ = check(folder, row)
    assert list(case.images) == ["pet", "t1"]
    assert case.masks == {"pet": str(folder / "m.nii.gz"), "t1": str(folder / "n.nii.gz")}


def test_empty_mask_of_a_modality_falls_back_to_the_common_one(folder):
    row = {
        "case_id": "C1",
        "patient_id": "P1",
        "image_pet": "a.nii.gz",
        "mask_pet": "",
        "mask": "m.nii.gz",
    }
    [case], _ = check(folder, row)
    assert case.masks == {"pet": str(folder / "m.nii.gz")}


def test_row_that_lacks_a_modality_is_rejected(folder):
    common = {"patient_id": "P1", "mask": "m.nii.gz", "image_pet": "a.nii.gz"}
    cases, verdicts = check(
        folder,
        {"case_id": "C1", **common, "image_t1": ""},
        {"case_id": "C2", **common, "image_t1": "b.nii.gz"},
    )
    assert [case.case_id for case in cases] == ["C2"]
    assert verdicts[0].code == "modality_missing"
    assert "image_t1" in verdicts[0].came


def test_plain_image_beside_modalities_is_refused(folder):
    with pytest.raises(InputError, match="image_pet") as caught:
        check(folder, {**GOOD, "image_pet": "a.nii.gz"})
    assert caught.value.code == "bad_column"


@pytest.mark.parametrize("modality", ["", "a__b", "label", "t 1", "clinical"])
def test_modality_that_no_name_can_hold_is_refused(folder, modality):
    row = {"case_id": "C", "patient_id": "P", f"image_{modality}": "a.nii.gz", "mask": "m"}
    with pytest.raises(InputError, match="rename the column"):
        check(folder, row)


def test_modality_may_have_single_underscores(folder):
    row = {"case_id": "C", "patient_id": "P", "image_t1_post": "a.nii.gz", "mask": "m.nii.gz"}
    [case], _ = check(folder, row)
    assert list(case.images) == ["t1_post"]


# What is refused for the whole table


@pytest.mark.parametrize("column", ["case_id", "patient_id", "mask"])
def test_missing_column_names_what_is_there_and_what_is_wanted(folder, column):
    row = {name: cell for name, cell in GOOD.items() if name != column}
    with pytest.raises(InputError) as caught:
        check(folder, row)
    assert caught.value.code == "missing_column"
    assert f"wanted is {column}" in str(caught.value)
    assert all(name in str(caught.value) for name in row)


def test_masks_without_an_image_column_are_cases_and_noted(folder):
    row = {name: cell for name, cell in GOOD.items() if name != "image"}
    [case], [verdict] = check(folder, row)
    assert case.images == {"": ""}
    assert (verdict.status, verdict.code) == ("noted", "no_image")


@pytest.mark.parametrize("written", ["Image", "images", " image"])
def test_an_image_column_that_is_spelt_otherwise_is_not_left_out(folder, written):
    row = {written if name == "image" else name: cell for name, cell in GOOD.items()}
    with pytest.raises(InputError, match=f"did you mean {written!r}"):
        check(folder, row)


def test_an_empty_cell_of_an_image_column_is_not_a_mask_alone(folder):
    assert only_verdict(folder, {**GOOD, "image": ""}).code == "modality_missing"


def test_a_part_of_a_file_is_there_where_the_file_is(folder):
    (folder / "all.npz").write_bytes(b"")
    row = {**GOOD, "image": "all.npz#train_images[3]", "mask": "all.npz#train_masks[3]"}
    [case], _ = check(folder, row)
    assert case.images[""] == str(folder / "all.npz#train_images[3]")
    assert only_verdict(folder, {**row, "image": "none.npz#x"}).code == "missing_file"


def test_missing_box_column_is_refused_when_masks_are_to_be_made(folder):
    with pytest.raises(InputError, match="wanted is box"):
        check(folder, GOOD, method="otsu")


@pytest.mark.parametrize("written", ["Case_ID", "caseid", " case_id"])
def test_near_match_of_a_missing_column_is_suggested(folder, written):
    row = {written if name == "case_id" else name: cell for name, cell in GOOD.items()}
    with pytest.raises(InputError, match=re.escape(f"did you mean {written!r}?")):
        check(folder, row)


def test_table_without_rows_is_refused(folder):
    with pytest.raises(InputError, match="no rows"):
        check_cases(pd.DataFrame(columns=list(GOOD)), folder=folder, method="given")


def test_two_columns_of_one_name_are_refused(folder):
    frame = pd.DataFrame([[*GOOD.values(), "x"]], columns=[*GOOD, "image"])
    with pytest.raises(InputError, match="several columns called image"):
        check_cases(frame, folder=folder, method="given")


# What is refused row by row


@pytest.mark.parametrize(
    ("change", "code", "named"),
    [
        ({"case_id": ""}, "missing_id", "row 1 has no case_id"),
        ({"patient_id": "  "}, "missing_id", "row 1 has no patient_id"),
        ({"image": "x.nii.gz"}, "missing_file", "x.nii.gz"),
        ({"mask": "y.nii.gz"}, "missing_file", "y.nii.gz"),
        ({"organ_mask": "z.nii.gz"}, "missing_file", "organ_mask"),
        ({"image": ""}, "modality_missing", "image"),
        ({"mask": ""}, "no_mask", "mask"),
        ({"mask": "NA"}, "no_mask", "mask"),
        ({"mask_label": "0"}, "bad_label", "0"),
        ({"mask_label": "1.5"}, "bad_label", "1.5"),
    ],
)
def test_bad_row_has_its_code_and_names_what_came(folder, change, code, named):
    verdict = only_verdict(folder, {**GOOD, **change})
    assert (verdict.status, verdict.code) == ("rejected", code)
    assert named in verdict.came
    assert verdict.wanted
    assert verdict.todo


@pytest.mark.parametrize(
    ("box", "code"),
    [
        ("", "no_box"),
        ("NA", "no_box"),
        ("1 2 3 4 5", "bad_box"),
        ("1 2 3 4 5 6 7", "bad_box"),
        ("1 2 3 4 5 six", "bad_box"),
        ("1 2 3 4 5 nan", "bad_box"),
        ("1 2 3 4 5 inf", "bad_box"),
        ("9 2 3 4 5 6", "bad_box"),
        ("1 2 3 1 5 6", "bad_box"),
        ("1,5 2 3 4 5 6", "bad_box"),
    ],
)
def test_row_without_a_usable_box_is_rejected(folder, box, code):
    assert only_verdict(folder, {**BOX, "box": box}, method="otsu").code == code


def test_all_missing_files_of_a_row_are_named_at_once(folder):
    came = only_verdict(folder, {**GOOD, "image": "x.nii", "mask": "y.nii"}).came
    assert "x.nii" in came
    assert "y.nii" in came


def test_one_bad_row_does_not_end_the_others(folder):
    cases, verdicts = check(
        folder, GOOD, {**GOOD, "case_id": "C2", "mask": "gone"}, {**GOOD, "case_id": "C3"}
    )
    assert [case.case_id for case in cases] == ["C1", "C3"]
    assert [verdict.status for verdict in verdicts] == ["accepted", "rejected", "accepted"]


# Ids


def test_rows_that_share_a_case_id_and_differ_are_both_rejected(folder):
    cases, verdicts = check(folder, GOOD, {**GOOD, "image": "b.nii.gz"}, {**GOOD, "case_id": "C2"})
    assert [case.case_id for case in cases] == ["C2"]
    assert [verdict.code for verdict in verdicts] == ["duplicate_case", "duplicate_case", ""]
    assert "rows 1, 2" in verdicts[0].came


def test_row_that_stands_twice_counts_once(folder):
    cases, verdicts = check(folder, GOOD, GOOD)
    assert len(cases) == 1
    assert [verdict.status for verdict in verdicts] == ["accepted", "rejected"]


def test_leading_zeros_and_capitals_make_other_ids(folder):
    ids = ["1", "01", "001", "p1", "P1", "P10"]
    cases, _ = check(folder, *({**GOOD, "case_id": i, "patient_id": i} for i in ids))
    assert [case.patient_id for case in cases] == ids


def test_white_space_around_an_id_is_taken_off_and_noted(folder):
    [case], [verdict] = check(folder, {**GOOD, "case_id": " C1", "patient_id": "P 1\t"})
    assert (case.case_id, case.patient_id) == ("C1", "P 1")
    assert (verdict.status, verdict.code) == ("noted", "white_space")


def test_ids_that_differ_in_white_space_only_are_duplicates(folder):
    _, verdicts = check(folder, GOOD, {**GOOD, "case_id": "C1 "})
    assert {verdict.code for verdict in verdicts} == {"duplicate_case"}


def test_image_of_two_patients_is_noted_for_both(folder):
    _, verdicts = check(
        folder, GOOD, {**GOOD, "case_id": "C2", "patient_id": "P2", "image": "./a.nii.gz"}
    )
    assert {verdict.code for verdict in verdicts} == {"image_of_two_patients"}
    assert "P1, P2" in verdicts[0].came


def test_image_of_one_patient_with_two_lesions_is_not_noted(folder):
    _, verdicts = check(folder, GOOD, {**GOOD, "case_id": "C2", "mask": "n.nii.gz"})
    assert {verdict.status for verdict in verdicts} == {"accepted"}


cells = st.sampled_from(["", " ", "C1", "C2", " C2", "a.nii.gz", "m.nii.gz", "gone", "NA", "1"])
columns = ["case_id", "patient_id", "image", "mask", "mask_label", "organ_mask", "site"]


@FEW
@given(rows=st.lists(st.fixed_dictionaries(dict.fromkeys(columns, cells)), min_size=1, max_size=8))
def test_every_row_gets_exactly_one_verdict_whatever_it_holds(tmp_path_factory, rows):
    folder = tmp_path_factory.getbasetemp()
    for name in ("a.nii.gz", "m.nii.gz"):
        (folder / name).touch()
    cases, verdicts = check_cases(pd.DataFrame(rows), folder=folder, method="given")
    assert [v.case_id for v in verdicts] == [row["case_id"].strip() for row in rows]
    usable = [verdict.case_id for verdict in verdicts if verdict.status != "rejected"]
    assert [case.case_id for case in cases] == usable
    assert len(set(usable)) == len(usable)
    assert all(v.code and v.came and v.todo for v in verdicts if v.status != "accepted")
    assert len(to_frame(verdicts)) == len(rows)


finite = st.floats(-500, 500, allow_nan=False).map(lambda value: round(value, 3))


@FEW
@given(low=st.tuples(finite, finite, finite), size=st.floats(0.001, 300))
def test_box_is_read_as_it_was_written(tmp_path_factory, low, size):
    folder = tmp_path_factory.getbasetemp()
    (folder / "a.nii.gz").touch()
    box = (*low, *(edge + size for edge in low))
    row = {**BOX, "box": " ".join(map(repr, box))}
    [case], _ = check_cases(table(row), folder=folder, method="otsu")
    assert case.box == box


# Siblings


def test_siblings_are_the_patients_other_lesions_on_the_same_image():
    first = lesion("L1", "P1")
    second = lesion("L2", "P1")
    later = lesion("L3", "P1", images={"": "/later"})
    stranger = lesion("L4", "P10")
    assert siblings(first, [first, second, later, stranger]) == [second]


def test_masks_alone_are_siblings_on_one_mask():
    first = lesion("L1", "P1", images={"": ""})
    second = lesion("L2", "P1", images={"": ""})
    elsewhere = lesion("L3", "P1", images={"": ""}, masks={"": "/other"})
    assert siblings(first, [first, second, elsewhere]) == [second]


def test_lesions_that_share_one_of_two_images_are_siblings():
    first = lesion("L1", "P1", images={"pet": "/pet", "t1": "/t1"})
    second = lesion("L2", "P1", images={"pet": "/pet", "t1": "/t1-later"})
    assert siblings(first, [first, second]) == [second]
