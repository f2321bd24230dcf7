"""Colours that everybody can read and tell apart."""

import pytest

from radpred.errors import SettingsError
from radpred.report.figures.drawing.palette import apart, contrast_of, dark_palette, light_palette

ACCENTS = ["#0f5c7a", "#b3123f", "#7a3b8f", "#2e7d32", "#e8a400", "#111111", "teal"]


@pytest.mark.parametrize("accent", ACCENTS)
@pytest.mark.parametrize("palette", [light_palette, dark_palette])
def test_text_in_every_role_can_be_read_on_its_ground(palette, accent):
    colours = palette(accent)
    for role in ("ink", "muted", "accent", "event", "non_event", "good", "caution", "bad"):
        assert contrast_of(getattr(colours, role), colours.surface) >= 4.45
    assert contrast_of(colours.on_accent, colours.accent) >= 4.4


@pytest.mark.parametrize("accent", ACCENTS)
def test_models_can_be_told_apart_with_any_colour_vision(accent):
    colours = light_palette(accent)
    # OKLab 0.02 is a just noticeable difference; dashes tell the models apart as well.
    assert apart(colours.accent, colours.volume) > 0.05
    assert apart(colours.accent, colours.clinical) > 0.05
    assert apart(colours.volume, colours.clinical) > 0.05


@pytest.mark.parametrize("accent", ACCENTS)
def test_the_two_outcomes_can_be_told_apart_with_any_colour_vision(accent):
    colours = light_palette(accent)
    assert apart(colours.event, colours.non_event) > 0.1


def test_black_on_white_has_the_contrast_that_wcag_gives_it():
    assert contrast_of("#000000", "#ffffff") == pytest.approx(21.0)


def test_what_is_no_colour_is_refused_with_an_example():
    with pytest.raises(SettingsError, match="#0f5c7a"):
        light_palette("red; } body {")
