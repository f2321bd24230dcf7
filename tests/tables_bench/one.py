"""One task, in this process: ``python -m tables_bench.one PART NAME GIVEN ANSWER``.

What is found goes to the file ANSWER as JSON, and after each outer fold how many are done.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from radpred.errors import RadpredWarning
from tables_bench.cost import Cell, paid
from tables_bench.external import at_new_site
from tables_bench.judged import judged
from tables_bench.tables import table_of


def main() -> None:
    """Carry out the task that the arguments name."""
    part, name, given, answer = sys.argv[1:5]
    path, started = Path(answer), time.perf_counter()

    def told(done: int, total: int) -> None:
        spent = time.perf_counter() - started
        _write(path, {"folds_done": done, "folds": total, "seconds": spent})

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", RadpredWarning)
        found = _found(part, name, json.loads(given), told)
    notes = sorted({str(w.message) for w in caught if issubclass(w.category, RadpredWarning)})
    _write(path, found | {"notes": notes})


def _found(
    part: str, name: str, given: dict[str, Any], told: Callable[[int, int], None]
) -> dict[str, Any]:
    """Return what a task finds."""
    if part == "tables":
        table = table_of(Path(given["data"]), name)
        return judged(table, preset=given["preset"], told=told)
    if part == "external":
        data, site = Path(given["data"]), given["site"]
        return at_new_site(data, site, way=given["way"], preset=given["preset"])
    return paid(Cell(**given), told)


def _write(path: Path, found: dict[str, Any]) -> None:
    """Write what was found so far, whole or not at all."""
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(found), encoding="utf-8")
    temporary.replace(path)


if __name__ == "__main__":
    main()
