"""No published row that radpred reaches is lost, and the page says which they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance import document
from conformance.all_rows import all_rows

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.fixture(scope="module")
def rows(shared_data):
    return all_rows(shared_data)


def test_no_row_fails_in_the_convention_that_claims_it(rows):
    claimed = [row for row in rows if row.convention == document.CLAIMED[row.source]]
    assert not [(row.key, row.note) for row in claimed if row.status == "fail"]


def test_the_page_says_what_holds(rows):
    assert (DOCS / document.NAME).read_text(encoding="utf-8") == document.written(rows)
