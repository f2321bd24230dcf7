"""``python -m conformance``, in ``tests/``: measures every published row and writes the page."""

from __future__ import annotations

import sys
from pathlib import Path

from conformance import document
from conformance.all_rows import all_rows

ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    """Measure, and write."""
    data = ROOT.parent / "shared" / "data"
    if not data.is_dir():
        sys.exit(f"{data}: the published values are not there; docs/conformance.md stays as it is")
    print(f"wrote {document.write(all_rows(data), ROOT / 'docs')}")  # noqa: T201


if __name__ == "__main__":
    main()
