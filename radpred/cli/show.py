"""What the command line shows: verdicts and answers as tables that fit a screen."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

out = Console()
err = Console(stderr=True)
N_CASES = 20
_COLOURS = {"accepted": "green", "noted": "yellow", "rejected": "red"}


def escaped(text: str) -> str:
    """Return text whose brackets are not markup."""
    return text.replace("[", "\\[")


def show_verdicts(verdicts: Any, *, whole: str = "--save FILE.csv") -> None:
    """Print the first unusual cases, then each reason with its count, then the sum.

    ``whole`` is what holds them all.
    """
    counts = verdicts["status"].value_counts()
    words = ", ".join(f"{counts.get(s, 0)} {s}" for s in _COLOURS)
    unusual = verdicts[verdicts["status"] != "accepted"]
    if len(unusual):
        _show_cases(unusual.head(N_CASES))
        if len(unusual) > N_CASES:
            out.print(f"and {len(unusual) - N_CASES} more; {whole} holds them all")
    for (status, code), cases in unusual.groupby(["status", "code"]):
        first = cases.iloc[0]
        example = f"{first['case_id'] or first['patient_id']}: {first['came']}"
        line = f"{len(cases)} {status}: {code}, for example {example}"
        out.print(line, style=_COLOURS[status], highlight=False, markup=False)
    out.print(f"{len(verdicts)} rows: {words}", highlight=False)


def _show_cases(unusual: Any) -> None:
    """Print one line a case: its verdict, why, and what to do."""
    table = Table("case", "verdict", "reason", "what came", "what to do")
    for row in unusual.itertuples():
        status = f"[{_COLOURS[row.status]}]{row.status}[/]"
        name = row.case_id or row.patient_id
        table.add_row(escaped(name), status, row.code, escaped(row.came), escaped(row.todo))
    out.print(table)


def show_answers(table: Any, outcome: str) -> None:
    """Print predictions as a table that fits a screen."""
    if "probability" not in table:
        _show_other(table, outcome)
        return
    sets = [name for name in table.columns if name.startswith("set_") and name != "set_reason"]
    has_spread = "n_variants" in table
    acts = [name for name in table.columns if name.startswith("acts_")]
    heads = [
        "risk",
        *(["over masks"] if has_spread else []),
        *(f"{s[4:]} % set" for s in sets),
        *acts,
    ]
    shown = Table("case", *heads, "moved most by", "warnings")
    for row in table.to_dict("records"):
        classes = [("{" + ", ".join(row[s].split()) + "}") for s in sets]
        shown.add_row(
            row["case_id"],
            f"{row['probability']:.2f}",
            *([_spread(row)] if has_spread else []),
            *classes,
            *("yes" if row[name] else "no" for name in acts),
            escaped(row["moved_by"]),
            escaped(row["warnings"]),
        )
    out.print(shown)
    out.print(f"risk: calibrated probability of {outcome}; sets: 1 is that outcome, 0 its absence")
    if has_spread:
        out.print("over masks: between which nine of ten risks lie when the mask is drawn anew")


def _show_other(table: Any, outcome: str) -> None:
    """Print predictions of classes, or of a number, as a table that fits a screen."""
    names = [name for name in table.columns if name.startswith(("set_", "low_"))]
    levels = [name for name in names if name != "set_reason"]
    is_classes = "likeliest" in table
    heads = ["likeliest", "probability"] if is_classes else ["value"]
    kind = "set" if is_classes else "interval"
    wide = [f"{name.split('_')[1]} % {kind}" for name in levels]
    shown = Table("case", *heads, *wide, "moved most by", "warnings")
    for row in table.to_dict("records"):
        if is_classes:
            first = [escaped(row["likeliest"]), f"{row['probability:' + row['likeliest']]:.2f}"]
            held = [escaped("{" + row[name].replace(" | ", ", ") + "}") for name in levels]
        else:
            first = [f"{row['value']:.4g}"]
            ends = [(row[name], row[name.replace("low", "high")]) for name in levels]
            held = [f"{low:.4g} to {high:.4g}" for low, high in ends]
        told = (escaped(row["moved_by"]), escaped(row["warnings"]))
        shown.add_row(row["case_id"], *first, *held, *told)
    out.print(shown)
    out.print(f"predicted: {outcome}", highlight=False, markup=False)


def _spread(row: Any) -> str:
    """Return how far a risk moves over masks that were drawn anew."""
    if not row["n_variants"]:
        return "none drawn"
    return f"{row['risk_low']:.2f} to {row['risk_high']:.2f}"
