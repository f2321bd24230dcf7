"""What a run cost, as rows of text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from radpred.report.words.numbers import grouped

_STEPS = {
    "segment": "Masks",
    "extract": "Measuring",
    "assemble": "Joining tables",
    "perturb": "Measuring other masks",
    "gather": "Joining other masks",
    "train": "Training and testing",
    "fit": "Final model",
    "evaluate": "Evidence",
    "bundle": "Model file",
    "explain": "Explanation",
    "report": "Report",
}


def cost_rows(costs: Sequence[Mapping[str, Any]]) -> list[tuple[str, ...]]:
    """Return a row a step: name, jobs, wall time, processor time, peak memory, cases a second.

    Parameters
    ----------
    costs : sequence of mapping
        ``step``, ``n_jobs``, ``seconds``, ``cpu_seconds``, ``peak_mb``, ``cases_per_second``;
        the last three may be None.

    Examples
    --------
    >>> cost_rows([{"step": "fit", "n_jobs": 1, "seconds": 75.2, "cpu_seconds": None,
    ...             "peak_mb": 512.4, "cases_per_second": None}])
    [('Final model', '1', '75 s', 'not taken', '512 MB', '')]
    """
    return [
        (
            _STEPS.get(row["step"], str(row["step"])),
            grouped(int(row["n_jobs"])),
            seconds_words(row["seconds"]),
            "not taken" if row["cpu_seconds"] is None else seconds_words(row["cpu_seconds"]),
            "not taken" if row["peak_mb"] is None else f"{grouped(round(row['peak_mb']))} MB",
            "" if row["cases_per_second"] is None else f"{row['cases_per_second']:.2g}",
        )
        for row in costs
    ]


def seconds_words(seconds: float) -> str:
    """Return a length of time as it reads well.

    Examples
    --------
    >>> seconds_words(4.25), seconds_words(600), seconds_words(36000)
    ('4.2 s', '10 min', '10.0 h')
    """
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
