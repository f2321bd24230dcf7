"""The made study that the report's tests share, and its page."""

from __future__ import annotations

import pytest

from radpred.report import render_report

from .browsing import chromium
from .made_study import MadeStudy, make_study


@pytest.fixture(scope="session")
def study() -> MadeStudy:
    """Return a study with everything in it: signal, rejections, notes, rings, pictures."""
    return make_study()


@pytest.fixture(scope="session")
def page(study: MadeStudy) -> str:
    """Return the report of ``study``."""
    return render_report(**study.inputs())


@pytest.fixture(scope="session")
def browser():
    """Return headless Chromium, or skip aloud."""
    yield from chromium()
