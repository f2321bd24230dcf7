"""The page of a check: complete, in order, alone, and not too large."""

from __future__ import annotations

import re

import pytest

from radpred.cohort import Verdict, to_frame
from radpred.report.check import MOST_BYTES, Picture, check_page

from ..outline import Outline

RULE = "Rejected cases are left out."


def shot(n_bytes=300, **changed):
    """Return a picture of so many bytes, which no browser could show."""
    given = {
        "webp": b"x" * n_bytes,
        "size": (608, 200),
        "cuts": ("axial", "coronal", "sagittal"),
        "regions": (("tumour", "#ffb000"),),
        "facts": ("3.0 ml in 12 voxels",),
    }
    return Picture(**{**given, **changed})


def verdict(status, case_id, code="", **changed):
    """Return a verdict with words."""
    words = {"came": "it came", "wanted": "it was wanted", "todo": "do it"} if code else {}
    return Verdict(case_id, case_id, "check", status, code, **{**words, **changed})


VERDICTS = [
    verdict("accepted", "A1"),
    verdict("noted", "N1", "mended"),
    verdict("rejected", "R1", "mask_displaced", came="<b> & 30 mm"),
    verdict("rejected", "R2", "missing_file"),
    verdict("accepted", "A2"),
]


def made(verdicts=VERDICTS, pictures=None, **changed):
    """Return the page of verdicts."""
    pictures = {"A1": [shot()], "R1": [shot()]} if pictures is None else pictures
    given = {"title": "A study", "table": "cases.csv", "rule": RULE}
    return check_page(to_frame(verdicts), pictures=pictures, **{**given, **changed})


def names(page):
    """Return the heads of the cards in their order."""
    return re.findall(r"<article.*?<h3>([^<]*)", page, flags=re.DOTALL)


def test_every_tag_closes_as_it_opened():
    outline = Outline(made())
    assert (outline.faults, outline.open) == ([], [])


def test_the_page_needs_nothing_from_outside():
    outside = [a for a in Outline(made()).addresses if not a.startswith(("data:", "#"))]
    assert outside == []


def test_rejected_cases_come_first_then_noted_then_accepted():
    assert [name.strip() for name in names(made())] == ["R1", "R2", "N1", "A1", "A2"]


def test_a_card_says_why_what_came_what_was_wanted_and_what_to_do():
    card = made().partition("<h3>R2")[2].partition("</article>")[0]
    for words in ("missing_file", "it came", "it was wanted", "do it"):
        assert words in card


def test_what_files_are_called_is_no_markup():
    assert "&lt;b&gt; &amp; 30 mm" in made()


def test_every_picture_says_in_words_what_it_shows():
    alts = [given["alt"] for tag, given in Outline(made()).tags if tag == "img"]
    assert alts == [
        f"{name}: axial, coronal and sagittal slices with the outline of tumour; "
        "3.0 ml in 12 voxels"
        for name in ("R1", "A1")
    ]


def test_pictures_are_loaded_when_they_come_into_sight():
    images = [given for tag, given in Outline(made()).tags if tag == "img"]
    assert {given["loading"] for given in images} == {"lazy"}


def test_all_modalities_of_a_case_are_on_its_card():
    page = made(pictures={"A1": [shot(modality="pet"), shot(modality="t1")]})
    card = page.partition("<h3>A1")[2].partition("</article>")[0]
    assert re.findall(r"<b>(\w+)</b>", card) == ["pet", "t1"]


def test_labels_have_a_key_and_a_single_lesion_has_none():
    labels = (("label 1", "#ffb000"), ("label 2", "#4fc3f7"))
    page = made(pictures={"R1": [shot(regions=labels)], "A1": [shot()]})
    assert re.findall(r'class="key"><i style="background:(#\w+)"></i>([^<]+)', page) == [
        ("#ffb000", "label 1"),
        ("#4fc3f7", "label 2"),
    ]


def test_all_notes_on_a_case_stand_on_one_card():
    notes = [verdict("accepted", "A"), verdict("noted", "A", "mended")]
    page = made([*notes, verdict("noted", "A", "conflicting_clinical")])
    assert len(names(page)) == 1
    assert 'data-code="mended conflicting_clinical"' in page


def test_a_row_that_repeats_a_case_stands_alone_and_without_its_picture():
    rows = [verdict("accepted", "A1"), verdict("rejected", "A1", "duplicate_case")]
    page = made(rows)
    assert [name.strip() for name in names(page)] == ["A1", "A1"]
    assert page.count("<img") == 1
    assert "<img" not in page.partition("duplicate_case")[2].partition("</article>")[0]


def test_a_patient_without_a_case_is_called_so():
    orphan = Verdict("", "P9", "outcome", "noted", "orphan_outcome", "no case", "", "nothing")
    assert "a patient" in made([orphan]).partition("<h3>P9")[2].partition("</h3>")[0]


@pytest.mark.parametrize(
    ("verdicts", "words"),
    [
        (VERDICTS, "3 of 5 cases can be used, 1 of them with a note; 2 rejected."),
        (VERDICTS[:1], "The only case can be used."),
        ([VERDICTS[0], VERDICTS[4]], "Both cases can be used."),
        (VERDICTS[2:4], "None of 2 cases can be used."),
        ([], "There are no cases."),
    ],
)
def test_the_first_sentence_says_how_many_cases_can_be_used(verdicts, words):
    assert words in made(verdicts)


def test_a_page_of_headers_says_that_no_scan_was_opened():
    assert "no image was opened" in made(is_fast=True)


def test_each_reason_is_a_choice_with_its_count():
    choices = re.findall(r'data-code="(\w+)"><code>\w+</code> <b>(\d+)</b></button>', made())
    assert sorted(choices) == [("mask_displaced", "1"), ("mended", "1"), ("missing_file", "1")]


def test_a_page_stays_under_thirty_megabytes_and_says_what_it_left_out():
    cases = [verdict("accepted", f"A{n:04d}") for n in range(40)]
    rejected = verdict("rejected", "R", "mask_displaced")
    pictures = {v.case_id: [shot(MOST_BYTES // 20)] for v in [*cases, rejected]}
    page = made([*cases, rejected], pictures=pictures)
    assert len(page) < 30_000_000
    n_shown = page.count("<img")
    assert 10 < n_shown < 20
    assert f"{41 - n_shown} cases are without pictures" in page
    assert "<img" in page.partition("<h3>R")[2].partition("</article>")[0]
