"""Every published row that radpred is held against."""

from __future__ import annotations

from pathlib import Path

from conformance import ibsi_1, ibsi_2, pyradiomics
from conformance.rows import Row


def all_rows(data: Path) -> list[Row]:
    """Return every row, measured now; IBSI's by either convention."""
    ibsi = data / "ibsi"
    return [
        *ibsi_1.rows(ibsi, "ibsi"),
        *ibsi_1.rows(ibsi, "pyradiomics"),
        *ibsi_2.maps(ibsi),
        *ibsi_2.values(ibsi),
        *pyradiomics.rows(data / "pyradiomics"),
    ]
