"""``docs/tables.md``: every number in it comes from results that were kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from radpred.version import __version__
from tables_bench import criteria
from tables_bench.cost import CELLS
from tables_bench.external import SITES, WAYS
from tables_bench.plan import Task
from tables_bench.store import kept

NAME = "tables.md"
TEXT = Path(__file__).with_name("text.md")
NOT_RUN = "not run"
Result = Mapping[str, Any]
Results = Mapping[str, Result]


def write(tasks: Sequence[Task], folder: Path, docs: Path) -> Path:
    """Write the page from the results in ``folder``, and return where."""
    parts: dict[str, dict[str, Result]] = {"tables": {}, "external": {}, "cost": {}}
    for task in tasks:
        if (result := kept(task, folder)) is not None:
            parts[task.part][task.name] = result
    names = [task.name for task in tasks if task.part == "tables"]
    blanks = {
        "version": __version__,
        "preset": next(str(task.given["preset"]) for task in tasks),
        "criteria": _criteria(names, parts["tables"], parts["cost"]),
        "tables": _tables(names, parts["tables"]),
        "models": _models(parts["tables"]),
        "external": _external(parts["external"]),
        "cost": _cost(parts["cost"]),
    }
    text = TEXT.read_text(encoding="utf-8")
    for blank, filled in blanks.items():
        text = text.replace("{" + blank + "}", filled)
    path = docs / NAME
    path.write_text(text, encoding="utf-8")
    return path


def _whole(results: Results) -> Results:
    """Return the results that were measured to the end."""
    return {n: r for n, r in results.items() if not r["error"] and not r["is_stopped"]}


def _criteria(names: Sequence[str], tables: Results, cost: Results) -> str:
    """Return the table of what was wanted and what was found."""
    whole = _whole(tables)
    failed = [name for name in names if name in tables and tables[name]["error"]]
    judged = criteria.of_tables({n: r["found"] for n, r in whole.items()}, failed=failed)
    if (first := cost.get(CELLS[0].name)) is not None:
        judged.append(criteria.of_cost(first))
    lines = ["| wanted | found | holds |", "|---|---|---|"]
    lines += [f"| {j.wanted} | {j.found} | {'yes' if j.holds else 'no'} |" for j in judged]
    absent = [name for name in names if name not in whole]
    seen = f"\n\nMeasured: {len(whole)} of {len(names)} tables."
    return "\n".join(lines) + seen + (f" Not run: {', '.join(absent)}." if absent else "")


def _tables(names: Sequence[str], tables: Results) -> str:
    """Return a row for each table."""
    lines = [
        "| table | n | columns | events | AUROC | ridge | no event covered | event covered | slope "
        "| copies | s | MB |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name in names:
        result = tables.get(name)
        if result is None or result["error"] or result["is_stopped"]:
            why = NOT_RUN if result is None else result["error"] or "stopped"
            lines.append(f"| {name} | {why} |" + " |" * 10)
            continue
        found = result["found"]
        covered = " | ".join(
            f"{row['coverage']:.2f} (SE {criteria.standard_error(row['n']):.2f})"
            for row in found["coverage"]
        )
        lines.append(
            f"| {name} | {found['n']} | {found['n_columns']} | {found['n_events']} "
            f"| {interval(found['auroc'])} | {number(found['ridge']['value'])} | {covered} "
            f"| {number(found['slope']['value'])} | {found['n_copies']} | {result['seconds']:.0f} "
            f"| {result['peak_mb']:.0f} |"
        )
    return "\n".join(lines)


def _models(tables: Results) -> str:
    """Return the mean AUROC of each model over the tables, and how often it was chosen."""
    rows = [result["found"] for result in _whole(tables).values()]
    if not rows:
        return f"{NOT_RUN.capitalize()}."
    lines = ["| model | mean AUROC | chosen in folds |", "|---|---|---|"]
    selected = sum(row["auroc"]["value"] for row in rows) / len(rows)
    lines.append(f"| selected | {selected:.3f} | |")
    for model in rows[0]["by_model"]:
        mean = sum(row["by_model"][model] for row in rows) / len(rows)
        chosen = sum(row["chosen"].get(model, 0) for row in rows)
        is_candidate = model in rows[0]["chosen"]
        lines.append(f"| {model} | {mean:.3f} | {chosen if is_candidate else 'no candidate'} |")
    return "\n".join(lines)


def _external(results: Results) -> str:
    """Return a row for each new site and way."""
    lines = [
        "| new site | sites | n | events | model | AUROC | slope | calibration in the large "
        "| no event covered | event covered | one outcome left |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for site in SITES:
        for way in WAYS:
            result = results.get(f"{site}.{way}")
            if result is None or result["error"] or result["is_stopped"]:
                why = NOT_RUN if result is None else result["error"] or "stopped"
                lines.append(f"| {site} | {way} | {why} |" + " |" * 8)
                continue
            found = result["found"]
            covered = " | ".join(
                f"{interval(row['coverage'])}, chance {row['chance']:.3f}"
                for row in found["coverage"]
            )
            lines.append(
                f"| {site} | {way} | {found['n']} | {found['n_events']} | {found['model']} "
                f"| {interval(found['auroc'])} | {interval(found['slope'])} "
                f"| {interval(found['intercept'])} | {covered} | {found['singleton']:.2f} |"
            )
    return "\n".join(lines)


def _cost(results: Results) -> str:
    """Return a row for each size."""
    lines = ["| study | time | peak memory |", "|---|---|---|"]
    for cell in CELLS:
        result = results.get(cell.name)
        if result is None or result["error"]:
            lines.append(f"| {cell.name} | {NOT_RUN if result is None else result['error']} | |")
            continue
        lines.append(f"| {cell.name} | {_time(result)} | {result['peak_mb']:.0f} MB |")
    return "\n".join(lines)


def _time(result: Result) -> str:
    """Return how long a run took, or what its finished folds say it would have taken."""
    if not result["is_stopped"]:
        return f"{result['seconds']:.0f} s"
    found = result["found"]
    if not found:
        return f"stopped after {result['seconds']:.0f} s, before the first fold was done"
    whole = found["seconds"] * found["folds"] / found["folds_done"]
    return (
        f"about {whole:.0f} s: extrapolated from {found['folds_done']} of {found['folds']} folds "
        f"in {found['seconds']:.0f} s"
    )


def interval(given: Mapping[str, Any]) -> str:
    """Return a value with its interval."""
    low, high = (number(given[end]) for end in ("low", "high"))
    return f"{number(given['value'])} ({low} to {high})"


def number(value: float | None) -> str:
    """Return a number with two digits, or that there is none."""
    return "none" if value is None else f"{value:.2f}"
