"""The page in a real browser: no errors, nothing beside the screen, everything to be seen."""

import pytest

from .browsing import SIZES, sized

pytestmark = pytest.mark.browser


@pytest.fixture(params=SIZES, scope="module")
def shown(browser, page, request, tmp_path_factory):
    """Return the browser with the report on a screen of one size."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(page, encoding="utf-8")
    sized(browser, request.param).get(path.as_uri())
    return browser


def test_the_console_is_silent(shown):
    assert shown.get_log("browser") == []


def test_the_page_is_no_wider_than_the_screen(shown):
    script = "return [document.documentElement.scrollWidth, window.innerWidth]"
    page_width, screen_width = shown.execute_script(script)
    assert page_width <= screen_width


def test_every_section_can_be_seen(shown):
    script = """
    return [...document.querySelectorAll('main > section')].map(
      s => [s.id, s.checkVisibility(), s.getBoundingClientRect().height > 100])
    """
    sections = shown.execute_script(script)
    assert len(sections) == 9
    assert all(is_visible and is_tall for _, is_visible, is_tall in sections)


def test_no_text_of_a_figure_leaves_its_card(shown):
    script = """
    return [...document.querySelectorAll('svg.figure text')].filter(text => {
      const box = text.getBoundingClientRect();
      const card = text.closest('.card').getBoundingClientRect();
      return box.width > 0 && (box.left < card.left || box.right > card.right);
    }).map(text => text.textContent)
    """
    assert shown.execute_script(script) == []


def test_text_in_figures_is_large_enough_to_read(shown):
    script = """
    return [...document.querySelectorAll('svg.figure')].filter(svg => svg.checkVisibility()).map(
      svg => svg.getBoundingClientRect().width / svg.viewBox.baseVal.width)
    """
    assert min(shown.execute_script(script)) * 11 >= 8.5  # 11 is the small type of the figures


def test_choosing_a_case_shows_its_panel_alone(shown):
    shown.execute_script("document.getElementById('case-3').click()")
    script = "return [...document.querySelectorAll('.panel')].map(p => p.checkVisibility())"
    assert [place for place, is_shown in enumerate(shown.execute_script(script)) if is_shown] == [2]


def test_a_click_on_a_heading_sorts_the_table(shown):
    script = """
    const head = [...document.querySelectorAll('#answers th')].find(
      h => h.textContent.startsWith('Risk'));
    head.querySelector('button').click();
    return [...document.querySelectorAll('#answers tbody tr')].map(
      row => Number(row.cells[1].dataset.v))
    """
    first = shown.execute_script(script)
    second = shown.execute_script(script)
    assert sorted([first, second]) == sorted([sorted(first), sorted(first, reverse=True)])


def test_the_search_field_leaves_only_matching_rows(shown):
    script = """
    const field = document.getElementById('find-case');
    field.value = arguments[0];
    field.dispatchEvent(new Event('input'));
    return [...document.querySelectorAll('#answers tbody tr')].filter(r => !r.hidden).length
    """
    assert shown.execute_script(script, "STS_100") == 1
    assert shown.execute_script(script, "") > 1
