"""Figures inside the page."""

import re

import pytest
from matplotlib.figure import Figure

from radpred.report.figures import inline_svg, light_palette

COLOURS = light_palette()


@pytest.fixture
def svg():
    figure = Figure(figsize=(2, 1))
    axes = figure.add_subplot()
    axes.plot(range(40), range(40), "o", color=COLOURS.accent)
    axes.set_title("Title & more")
    return str(inline_svg(figure, key="one", description='says "hello"', colours=COLOURS))


def test_every_id_starts_with_the_key_of_the_figure(svg):
    ids = re.findall(r' id="([^"]+)"', svg)
    assert ids
    assert all(name.startswith("one-") for name in ids)


def test_every_reference_finds_its_target(svg):
    ids = set(re.findall(r' id="([^"]+)"', svg))
    assert set(re.findall(r'(?:href="|url\()#([\w-]+)', svg)) <= ids


def test_roles_are_written_as_variables_of_the_page(svg):
    assert "var(--accent)" in svg
    assert COLOURS.accent not in svg


def test_text_stays_text_in_the_typeface_of_the_page(svg):
    assert "Title &amp; more" in svg
    assert "font-family" not in svg


def test_nothing_refers_to_the_outside_and_no_rule_leaks_into_the_page(svg):
    assert "http" not in svg
    assert "<style" not in svg


def test_the_description_is_escaped(svg):
    assert 'aria-label="says &quot;hello&quot;"' in svg


def test_marks_of_one_style_share_it(svg):
    marks = re.findall(r"<use [^>]*>", svg)
    assert len(marks) >= 40
    assert sum("style" in mark for mark in marks) == 0
