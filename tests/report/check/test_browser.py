"""The page of a check in a real browser: fits any screen, and shows what is asked for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from radpred.datasets.phantom import cuboid, noise_box
from radpred.report.check import picture

from ..browsing import SIZES, sized
from .test_page import VERDICTS, made

pytestmark = pytest.mark.browser

CARDS = """
return [...document.querySelectorAll('.one')].filter(card => card.checkVisibility()).map(
  card => card.querySelector('h3').firstChild.textContent.trim())
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """Return the file of a page with real pictures and a very long path."""
    image = noise_box((20, 24, 28), rng=np.random.default_rng(0))
    mask = cuboid((20, 24, 28), start=(6, 7, 8), stop=(14, 16, 19))
    shown = {v.case_id: [picture(image, [mask])] for v in VERDICTS if v.case_id != "R2"}
    long = f"/data/{'a_folder_without_an_end/' * 12}scan.nii.gz is not there"
    verdicts = [replace(v, came=long) if v.came == "it came" else v for v in VERDICTS]
    path = tmp_path_factory.mktemp("check") / "check.html"
    path.write_text(made(verdicts, pictures=shown), encoding="utf-8")
    return path


@pytest.fixture(params=SIZES)
def shown(browser, page, request):
    """Return the browser with the page on a screen of one size."""
    browser.get_log("browser")
    sized(browser, request.param).get(page.as_uri())
    return browser


def test_the_console_is_silent(shown):
    assert shown.get_log("browser") == []


def test_the_page_is_no_wider_than_the_screen(shown):
    script = "return [document.documentElement.scrollWidth, window.innerWidth]"
    page_width, screen_width = shown.execute_script(script)
    assert page_width <= screen_width


def test_a_click_on_a_code_leaves_its_cases_and_another_click_all(shown):
    button = shown.find_element("css selector", ".choice[data-code=mask_displaced]")
    button.click()
    assert shown.execute_script(CARDS) == ["R1"]
    assert shown.find_element("id", "shown").text == "1 of 5 shown"
    button.click()
    assert shown.execute_script(CARDS) == ["R1", "R2", "N1", "A1", "A2"]


def test_a_click_on_a_verdict_leaves_its_cases(shown):
    shown.find_element("css selector", ".choice[data-status=accepted]").click()
    assert shown.execute_script(CARDS) == ["A1", "A2"]


@pytest.mark.parametrize(
    ("words", "cards"),
    [("r2", ["R2"]), ("missing_file", ["R2"]), ("accepted a1", ["A1"]), ("nobody", [])],
)
def test_the_search_field_finds_ids_codes_and_words(shown, words, cards):
    shown.find_element("id", "find").send_keys(words)
    assert shown.execute_script(CARDS) == cards
    assert shown.find_element("id", "none").is_displayed() == (not cards)


def test_a_picture_in_sight_is_drawn(shown):
    script = """
    const image = document.querySelector('.one img');
    image.scrollIntoView();
    return image.decode().then(() => [image.naturalWidth, image.getBoundingClientRect().width])
    """
    drawn, seen = shown.execute_script(script)
    assert drawn == 608
    assert seen > 250
