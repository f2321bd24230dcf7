"""What tests share: seeded randomness, and the optional place of real data."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

if TYPE_CHECKING:
    from fake_cupy import FakeDevice

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"


@pytest.fixture
def rng() -> np.random.Generator:
    """Return a generator that starts the same in every test."""
    return np.random.default_rng(20)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real data, which is not part of the repository, or skip aloud."""
    folder = SHARED / "data"
    if not folder.is_dir():
        pytest.skip("needs ../shared/data (real images and published values), which is absent")
    return folder


@pytest.fixture
def device() -> Iterator[FakeDevice]:
    """Put a strict stand-in in CuPy's place, on a machine with one made-up card."""
    from fake_cupy import installed

    with installed() as found:
        yield found
