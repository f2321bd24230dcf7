"""Every pitfall and every case has tests that hold it, and a table says which."""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
NUMBERS = {"leakage": [*range(1, 25), *range(50, 65)], "workflow": [40, *range(71, 79)]}
TEXTS = {room: (TESTS / room / "README.md").read_text(encoding="utf-8") for room in NUMBERS}
NAMED = sorted(set(re.findall(r"`([\w/]+\.py)::(test_\w+)`", "".join(TEXTS.values()))))


@pytest.mark.parametrize(("room", "number"), [(r, n) for r, own in NUMBERS.items() for n in own])
def test_every_number_has_a_row_that_names_a_test(room, number):
    rows = dict(re.findall(r"^\| (\d+) \|(.*)$", TEXTS[room], flags=re.MULTILINE))
    assert "::test_" in rows[str(number)]


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_every_test_that_is_named_exists(file, name):
    text = (TESTS / file).read_text(encoding="utf-8")
    assert re.search(rf"^def {name}\(", text, flags=re.MULTILINE)
