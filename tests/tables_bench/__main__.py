"""``python -m tables_bench``, in ``tests/``: real tables, new sites, cost; then ``docs/tables.md``.

What was measured before with the same settings and the same file is taken as it is, so that a run
which was stopped goes on; ``--again`` measures anew.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tables_bench import document, store
from tables_bench.plan import PARTS, tasks
from tables_bench.tables import DATA

ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    """Measure what the arguments name, and write the page."""
    given = arguments()
    if not given.data.is_dir():
        sys.exit(f"{given.data}: the tables are not there; docs/tables.md stays as it is")
    parts = given.part or list(PARTS)
    planned = tasks(given.data, preset=given.preset)
    wanted = [task for task in planned if task.part in parts]
    if given.only:
        wanted = [task for task in wanted if task.name in given.only]
    for number, task in enumerate(wanted, start=1):
        where = f"[{number}/{len(wanted)}] {task.part} {task.name}"
        print(f"{where}: {store.measured(task, given.folder, again=given.again)}", flush=True)  # noqa: T201
    path = document.write(planned, given.folder, ROOT / "docs")
    print(f"wrote {path}")  # noqa: T201


def arguments() -> argparse.Namespace:
    """Return the arguments."""
    parser = argparse.ArgumentParser(prog="python -m tables_bench", description=__doc__)
    parser.add_argument("--preset", choices=("quick", "standard", "paper"), default="quick")
    parser.add_argument("--part", choices=PARTS, action="append", help="all of them without it")
    parser.add_argument("--only", action="append", metavar="NAME", help="of a table; repeat")
    parser.add_argument(
        "--folder", type=Path, default=ROOT / "build" / "tables", help="where results are kept"
    )
    parser.add_argument(
        "--data", type=Path, default=ROOT.parent / "shared" / "data" / DATA, help="the tables"
    )
    parser.add_argument("--again", action="store_true", help="measure what is kept, too")
    return parser.parse_args()


if __name__ == "__main__":
    main()
