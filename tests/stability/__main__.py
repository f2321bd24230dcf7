"""``python -m stability``, in ``tests/``: perturbs real lesions and writes the page."""

from __future__ import annotations

import sys
from pathlib import Path

from stability import document
from stability.measure import nodules, sarcomas

ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    """Measure, and write."""
    data = ROOT.parent / "shared" / "data"
    if not data.is_dir():
        sys.exit(f"{data}: the lesions are not there; docs/stability.md stays as it is")
    print(f"wrote {document.write([sarcomas(data), nodules(data)], ROOT / 'docs')}")  # noqa: T201


if __name__ == "__main__":
    main()
