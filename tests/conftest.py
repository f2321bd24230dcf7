"""What tests share: seeded randomness, and the optional place of real data."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

if TYPE_CHECKING:
    from fake_cupy import FakeDevice

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"


SLOW = ("workflow", "studies", "notebooks", "fuzz", "leakage")  # folders whose files take minutes


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what takes longest first, so that no worker is left alone with it at the end."""
    items.sort(key=lambda item: item.path.relative_to(ROOT / "tests").parts[0] not in SLOW)


@pytest.fixture(scope="session", autouse=True)
def no_dead_slurm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let nothing ask for a Slurm that no test named.

    Snakemake's plugin asks ``scontrol`` whenever Snakemake starts, and where Slurm is installed
    and does not run, an answer takes nine seconds.
    """
    if "SLURM_CONF" in os.environ or shutil.which("scontrol") is None:
        yield
        return
    stub = tmp_path_factory.mktemp("no_slurm") / "scontrol"
    stub.write_text("#!/bin/sh\nexit 1\n")
    stub.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(stub.parent), prepend=os.pathsep)
        yield


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
