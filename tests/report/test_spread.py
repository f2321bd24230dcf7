"""The part of the report on other masks: in words, in a picture, and beside every answer."""

import numpy as np
import pandas as pd
import pytest

from radpred.pipeline.variants.spread import spread_of, spread_record
from radpred.report import render_report
from radpred.report.parts.patients import out_of_fold
from radpred.report.parts.spread import (
    mask_range,
    other_masks,
    over_masks,
    spread_rows,
    spread_sentences,
)
from radpred.report.words.names import outcome_words

from .outline import Outline
from .test_html import text_of

AT = {"level": 0.9, "threshold": 0.3}


@pytest.fixture(scope="module")
def of_variants(study):
    """Return five variants of each case of the made study, with risks moved at random."""
    rng = np.random.default_rng(5)
    given = study.predictions[study.predictions["model"] == "selected"]
    parts = []
    for variant in range(1, 6):
        moved = given.assign(kind="perturbation", variant=variant)
        risk = moved["probability"] + rng.normal(0, 0.05, len(moved))
        parts.append(moved.assign(probability=risk.clip(0.01, 0.99)))
    return pd.concat(parts, ignore_index=True).drop(columns="y")


@pytest.fixture(scope="module")
def spread(study, of_variants):
    """Return the spread of each case."""
    return spread_of(of_variants, study.predictions, **AT)


@pytest.fixture(scope="module")
def masks(spread):
    """Return facts on the masks: one could not be measured."""
    facts = pd.DataFrame({"kind": "perturbation", "reason": "", "dice": 0.85}, index=range(20))
    return pd.concat([facts, pd.DataFrame([{**facts.iloc[0], "reason": "empty", "dice": 0.0}])])


@pytest.fixture(scope="module")
def records(study, of_variants, spread):
    """Return what the spreads say of all cases."""
    return spread_record(spread, of_variants, study.predictions, **AT)


@pytest.fixture(scope="module")
def moved_page(study, spread, masks, records):
    """Return the report of the study with all of it."""
    evaluation = {**study.evaluation, "spread": records}
    inputs = study.inputs(evaluation=evaluation, spread=spread, masks=masks)
    return render_report(**inputs)


def test_the_page_stays_sound(moved_page):
    outline = Outline(moved_page)
    assert outline.faults == []
    assert outline.open == []
    assert len(outline.ids) == len(set(outline.ids))


def test_a_study_without_variants_says_nothing_of_masks_drawn_anew(page):
    assert "drawn otherwise" not in page
    assert "Over masks" not in page


def test_the_sentences_say_how_often_how_well_and_how_far(moved_page):
    text = text_of(moved_page, section="uncertainty")
    assert "Each mask was drawn anew 5 times" in text
    assert "Dice coefficient with the mask as given: median 0.85; 1 could not be measured" in text
    assert "percentage points of each other in half of the cases" in text
    assert "the AUROC would lie between" in text


def test_the_sentences_count_what_the_record_holds(records):
    record = {**records[0], "n_cases_set_flips": 7, "n_cases_threshold_flips": 3}
    text = " ".join(spread_sentences(record, None, auroc=0.8))
    assert f"In 7 of {record['n_cases']} cases" in text
    assert "In 3 the risk crosses 30" in text


def test_without_a_level_and_a_threshold_no_change_is_claimed(records):
    record = {**records[0], "level": None, "threshold": None}
    text = " ".join(spread_sentences(record, None, auroc=None))
    assert "changes the answer" not in text
    assert "crosses" not in text


@pytest.mark.parametrize(("kind", "words"), [("reader", "mask of each reader"),
                                             ("retest", "second scans")])  # fmt: skip
def test_other_kinds_have_their_own_words(kind, words, records):
    text = " ".join(spread_sentences({**records[0], "kind": kind}, None, auroc=0.8))
    assert words in text
    assert "drawn" not in text


def test_each_kind_of_answer_has_a_row_and_all_cases_are_in_one(study, spread):
    cases = out_of_fold(study.predictions, level=0.9)
    rows = spread_rows(spread, cases, outcome_words(study.evaluation["study"]))
    assert sum(int(row.cells[1]) for row in rows) == len(cases)


def test_every_answer_shows_its_spread(moved_page):
    text = text_of(moved_page, section="predictions")
    assert "Over masks" in text
    explained = text_of(moved_page, section="explanation")
    assert "Over masks" in explained


def test_masks_drawn_anew_go_before_those_of_readers(study, spread):
    cases = out_of_fold(study.predictions, level=0.9)
    readers = spread.assign(kind="reader", low=0.0, high=1.0)
    both = over_masks(cases, pd.concat([readers, spread], ignore_index=True))
    alone = over_masks(cases, spread)
    pd.testing.assert_frame_equal(both, alone)


def test_a_case_without_variants_shows_nothing():
    assert mask_range({"mask_low": float("nan"), "mask_high": float("nan")}) == ""


def test_the_picture_has_a_ring_for_each_case_whose_answer_changes(study, spread):
    from radpred.report.figures import spread_plot

    some = spread.assign(set_flips=np.arange(len(spread)) < 4)
    rings = spread_plot(some, threshold=0.3).axes[0].lines[-2]
    assert len(rings.get_xdata()) == 4


def test_the_section_fits_every_screen(moved_page, browser, tmp_path):
    from .browsing import SIZES, sized

    (tmp_path / "page.html").write_text(moved_page, encoding="utf-8")
    for size in SIZES:
        sized(browser, size).get((tmp_path / "page.html").as_uri())
        wide = browser.execute_script(
            "return document.documentElement.scrollWidth - window.innerWidth"
        )
        assert wide <= 0, size
    assert [e for e in browser.get_log("browser") if e["level"] == "SEVERE"] == []


def test_the_methods_say_how_masks_moved_and_what_had_to_repeat():
    text = other_masks(
        {
            "perturbation": {"variants": 10, "seed": 0, "growth_mm": 1.5, "contour": True},
            "stability": {"over": "perturbations", "statistic": "icc_2_1", "minimum": 0.75,
                          "bound": "lower"},
        }
    )  # fmt: skip
    assert "drawn anew 10 times (seed 0): grown or shrunk by up to 1.5\u00a0mm and its" in text
    assert "the statistic ICC(2,1) was" in text
    assert "the lower end of its 95\u00a0% interval was below 0.75" in text


def test_the_methods_of_a_study_without_variants_say_nothing_of_them():
    assert other_masks({"perturbation": None, "stability": None}) == ""
