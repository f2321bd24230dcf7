"""Every pitfall and every case of learning is held by tests, and README.md says by which."""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
README = Path(__file__).with_name("README.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| (\d+) \|(.*)$", README, flags=re.MULTILINE))
NAMED = sorted(set(re.findall(r"`([\w/]+\.py)::(test_\w+)`", README)))


@pytest.mark.parametrize("number", [*range(1, 25), *range(50, 65)])
def test_every_number_has_a_row_that_names_a_test(number):
    assert "::test_" in ROWS[str(number)]


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_every_test_that_is_named_exists(file, name):
    text = (TESTS / file).read_text(encoding="utf-8")
    assert re.search(rf"^def {name}\(", text, flags=re.MULTILINE)
