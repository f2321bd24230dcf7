"""The document of both engines names every word that the code knows."""

from __future__ import annotations

from pathlib import Path

import pytest

from radpred.config import _pyradiomics_words as words
from radpred.config.extraction import ExtractionSettings
from radpred.pipeline.measuring.by_pyradiomics import REFUSED

DOCS = Path(__file__).resolve().parents[2] / "docs"
LINES = (DOCS / "engines.md").read_text(encoding="utf-8").splitlines()
PAIRS = [
    *words.RENAMED.items(),
    *((theirs, f"voxel.{ours}") for theirs, ours in words.OF_MAPS.items() if ours),
    *((name, kind) for name, (kind, _) in words.IMAGE_TYPES.items()),
    *((t, o) for _, of_kind in words.IMAGE_TYPES.values() for t, o in of_kind.items()),
    *((t, o) for t, o in words.INTERPOLATORS.items() if isinstance(t, str)),
    *((t, o) for t, o in words.WEIGHTINGS.items() if t is not None),
]
FILTERS = [kind for kind, _ in words.IMAGE_TYPES.values()]
ALONE = [*words.WITHOUT_EFFECT, *words.OF_BINS, *words.OF_MAPS]


@pytest.mark.parametrize(("theirs", "ours"), PAIRS)
def test_a_word_of_pyradiomics_stands_on_one_line_with_ours(theirs, ours):
    assert any(f"`{theirs}`" in line and f"`{ours}`" in line for line in LINES)


@pytest.mark.parametrize("theirs", ALONE)
def test_a_word_that_is_read_in_another_way_is_documented(theirs):
    assert any(f"`{theirs}`" in line for line in LINES)


def test_every_setting_that_the_document_names_exists():
    cells = [line.split("|")[2].strip(" `") for line in LINES if line.startswith("| `")]
    known = {*ExtractionSettings.model_fields, *FILTERS}
    assert [cell for cell in cells if cell and cell.partition(".")[0] not in known] == []


def test_the_reason_of_what_pyradiomics_refuses_is_documented():
    assert f"`{REFUSED}`" in (DOCS / "verdicts.md").read_text(encoding="utf-8")
