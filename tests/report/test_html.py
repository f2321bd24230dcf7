"""The page as a whole: sound, complete, alone, and honest in its words."""

import copy
import re

import pandas as pd
import pytest

from radpred.errors import SettingsError
from radpred.report import render_report

from .made_study import make_study
from .outline import Outline

SECTIONS = [
    "answer", "cases", "performance", "calibration", "utility", "uncertainty", "explanation",
    "predictions", "methods",
]  # fmt: skip


def text_of(page, *, section=None):
    """Return what a reader sees of a page or of one section."""
    if section is not None:
        start = page.index(f'<section id="{section}"')
        page = page[start : page.index("</section>", start)]
    page = re.sub(r"<(style|script)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


@pytest.fixture(scope="module")
def outline(page):
    return Outline(page)


def test_every_tag_closes_as_it_opened(outline):
    assert outline.faults == []
    assert outline.open == []


def test_every_section_is_there_once_and_in_order(outline):
    shown = [given.get("id") for tag, given in outline.tags if tag == "section"]
    assert shown == SECTIONS


def test_the_contents_lead_to_every_section(outline):
    assert [a for a in outline.addresses if a.startswith("#")][1:][: len(SECTIONS)] == [
        f"#{section}" for section in SECTIONS
    ]


def test_no_id_comes_twice(outline):
    assert len(outline.ids) == len(set(outline.ids))


def test_every_address_is_inside_the_page(outline, page):
    assert all(address.startswith(("#", "data:")) for address in outline.addresses)
    assert "http" not in re.sub(r"base64,[A-Za-z0-9+/=]+", "", page)
    assert "url(" not in re.sub(r"url\(#[\w-]+\)", "", page)
    assert "@import" not in page


def test_every_figure_is_described_in_words(outline):
    figures = [given for tag, given in outline.tags if tag == "svg"]
    assert len(figures) > 20
    assert all(given["role"] == "img" and given["aria-label"] for given in figures)


def test_every_picture_has_a_text_in_its_place(outline):
    pictures = [given for tag, given in outline.tags if tag == "img"]
    assert len(pictures) == 4
    assert all(given["alt"] for given in pictures)


def test_the_page_says_that_it_is_for_research_only(page):
    assert "Research use only. Not a medical device." in text_of(page)


def test_each_rejection_is_printed_with_what_to_do(page, study):
    rejected = study.verdicts[study.verdicts["status"] == "rejected"]
    text = text_of(page, section="cases")
    assert len(rejected) == 6
    assert all(cell in text for column in ("case_id", "came", "todo") for cell in rejected[column])


def test_waterfalls_can_be_chosen_without_a_script(outline):
    radios = [given for tag, given in outline.tags if given.get("type") == "radio"]
    assert len(radios) == 12
    assert sum("checked" in given for given in radios) == 1


@pytest.mark.parametrize("section", [None, *SECTIONS])
def test_nothing_is_called_a_confidence_interval(page, section):
    assert "confidence interval" not in text_of(page, section=section).lower()


@pytest.mark.parametrize("section", ["uncertainty", "predictions", "explanation"])
def test_a_single_case_never_gets_an_interval(page, section):
    text = text_of(page, section=section).lower()
    assert "interval of" not in text
    assert not re.search(r"\bp_?[01]\b", text)


def test_the_same_study_gives_the_same_page(study, page):
    assert render_report(**study.inputs()) == page


def test_a_study_of_three_hundred_cases_stays_below_three_megabytes():
    large = make_study(n_patients=300, n_repeats=2, n_draws=5)
    page = render_report(**large.inputs())
    assert len(page.encode()) < 3_000_000
    rows = re.findall(r'<tr class="(?:right|wrong|open)">', page)
    assert len(rows) == 300
    assert "The 300 cases with the highest risk of" in text_of(page)


def test_text_from_the_study_is_escaped(study):
    evaluation = copy.deepcopy(study.evaluation)
    evaluation["study"]["title"] = "<script>alert(1)</script> & more"
    evaluation["study"]["outcome"] = 'a"><b'
    page = render_report(**study.inputs(evaluation=evaluation))
    assert "<script>alert" not in page
    assert Outline(page).faults == []


def test_an_accent_that_is_no_colour_is_refused(study):
    with pytest.raises(SettingsError, match="accent"):
        render_report(**study.inputs(accent="not-a-colour"))


def without(evaluation, *keys):
    """Return an evaluation that lacks some parts."""
    return {key: value for key, value in evaluation.items() if key not in keys}


def nothing_known(value):
    """Return an evaluation in which every interval is unknown."""
    if isinstance(value, dict):
        if set(value) == {"value", "low", "high"}:
            return dict.fromkeys(value)
        return {key: nothing_known(part) for key, part in value.items()}
    return [nothing_known(part) for part in value] if isinstance(value, list) else value


MISSING = {
    "no explanation": lambda s: {"explanation": {}},
    "no pictures": lambda s: {"pictures": []},
    "no rings": lambda s: {"kept_rings": None},
    "no verdicts": lambda s: {"verdicts": s.verdicts.head(0)},
    "no predictions": lambda s: {"predictions": pd.DataFrame()},
    "no settings": lambda s: {"settings": {}, "versions": {}},
    "no curves": lambda s: {
        "evaluation": without(s.evaluation, "roc", "pr", "calibration_curve", "decision_curve")
    },
    "no prediction sets": lambda s: {"evaluation": {**s.evaluation, "conformal": []}},
    "no evaluation": lambda s: {"evaluation": {}},
    "nothing known": lambda s: {"evaluation": nothing_known(s.evaluation)},
    "no sites": lambda s: {"predictions": s.predictions.assign(site="")},
    "one rejected": lambda s: {"verdicts": s.verdicts[s.verdicts["status"] == "rejected"]},
}


@pytest.mark.parametrize("missing", MISSING.values(), ids=MISSING.keys())
def test_a_page_with_parts_missing_is_sound_and_has_every_section(study, missing):
    page = render_report(**study.inputs(**missing(study)), n_waterfalls=2)
    outline = Outline(page)
    assert outline.faults == []
    assert len(outline.ids) == len(set(outline.ids))
    assert [given.get("id") for tag, given in outline.tags if tag == "section"] == SECTIONS
    assert not re.search(r"\bnan\b|\bNone\b|undefined|Undefined", text_of(page))


@pytest.mark.parametrize(
    ("missing", "section", "words"),
    [
        ("no explanation", "explanation", "Explanation: not available."),
        ("no predictions", "predictions", "Out-of-fold answers: not available."),
        ("no prediction sets", "uncertainty", "Prediction sets: not available."),
        ("no curves", "utility", "Decision curve: not available."),
        ("no verdicts", "cases", "Flow of cases: not available."),
        ("nothing known", "answer", "not available"),
    ],
)
def test_what_is_missing_is_said_to_be_with_a_reason(study, missing, section, words):
    page = render_report(**study.inputs(**MISSING[missing](study)), n_waterfalls=2)
    assert words in text_of(page, section=section)


def test_a_study_without_clinical_data_says_why_there_is_no_such_model():
    page = render_report(
        **make_study(n_patients=40, has_clinical=False, n_repeats=1, n_draws=5).inputs()
    )
    assert "because no clinical variables were given" in text_of(page, section="performance")
    assert "clinical" not in text_of(page, section="answer").lower()


def test_modalities_are_compared_where_there_are_several(study):
    explanation = copy.deepcopy(study.explanation)
    share = {"mean_abs": 0.2, "share": 0.5}
    explanation["groups"]["modality"] = [{"name": "pet", **share}, {"name": "t1", **share}]
    page = render_report(**study.inputs(explanation=explanation))
    assert "By modality" in text_of(page)


def test_one_modality_is_not_compared_with_itself(page):
    assert "By modality" not in text_of(page)
