"""`radpred compare`: two engines on one's own cases, or two tables, feature by feature."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from radpred.cli.show import err, escaped, out, show_verdicts
from radpred.errors import RadpredError

_TABLES = (".parquet", ".csv")
N_NOTES = 5
N_APART = 10


def compare(
    first: Annotated[
        Path | None,
        typer.Argument(metavar="IMAGE|TABLE", help="A scan, or a table.", show_default=False),
    ] = None,
    second: Annotated[
        Path | None,
        typer.Argument(metavar="MASK|TABLE", help="Its mask, or a table.", show_default=False),
    ] = None,
    cases: Annotated[Path | None, typer.Option(help="A table of cases instead.")] = None,
    settings: Annotated[
        Path | None,
        typer.Option("--settings", "-s", help="Extraction settings or a parameter file."),
    ] = None,
    label: Annotated[str, typer.Option(help="Label of the region in the mask.")] = "auto",
    ring: Annotated[list[float] | None, typer.Option(help="Outer mm of a ring; repeat.")] = None,
    tolerance: Annotated[
        float, typer.Option(help="Equal values differ by no more, as a part of the larger.", min=0)
    ] = 1e-6,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="All values, as .parquet or .csv")
    ] = None,
    picture: Annotated[
        Path | None, typer.Option(help="How far apart, as .html, .png, .svg or .pdf")
    ] = None,
) -> None:
    """Compare radpred with PyRadiomics on a lesion or on cases, or two tables of features.

    Ends with exit code 1 if values differ.
    """
    from radpred.stages.commands import compare as stage
    from radpred.stages.commands.features import save

    tables = [path for path in (first, second) if path and path.suffix in _TABLES]
    if (cases is None) == (first is None or second is None) or len(tables) == 1:
        msg = "give an image and its mask, two tables of features, or --cases cases.csv"
        raise RadpredError(msg)
    stage.check_names(output, picture)
    asked: dict[str, Any] = {"settings": settings, "rings_mm": ring or (), "tolerance": tolerance}
    with err.status("measuring with both engines") as status:
        if cases is not None:
            found = stage.of_cases(
                cases, **asked, told=lambda n, of: status.update(f"comparing: {n} of {of}")
            )
        elif tables:
            found = stage.of_tables(tables[0], tables[1], tolerance=tolerance)
        else:
            assert first is not None and second is not None
            found = stage.of_lesion(first, second, **asked, label=label)
    if found.verdicts is not None:
        _show_cases(found.verdicts)
    _show(found)
    if output is not None:
        save(found.rows, output)
        out.print(f"wrote {len(found.rows)} pairs of values: {output}", soft_wrap=True)
    if picture is not None:
        stage.save_picture(found, picture)
        out.print(f"wrote a picture: {picture}", soft_wrap=True)
    if len(found.unexplained):
        raise typer.Exit(1)


def _show_cases(verdicts: Any) -> None:
    """Print which cases were rejected, and each different note once."""
    if (verdicts["status"] == "rejected").any():
        show_verdicts(verdicts[verdicts["status"] == "rejected"])
    notes = verdicts[verdicts["status"] == "noted"].groupby("came", sort=False)["case_id"]
    for note, cases in list(notes)[:N_NOTES]:
        where = cases.iloc[0] if len(cases) == 1 else f"{len(cases)} cases"
        err.print(f"note: {where}: {note}", style="yellow", highlight=False, markup=False)
    if len(notes) > N_NOTES:
        err.print(f"and {len(notes) - N_NOTES} more notes", style="yellow", highlight=False)


def _show(found: Any) -> None:
    """Print a line for each image and family that has something to tell, then the verdict."""
    table = Table(title=escaped(f"{found.names[0]} and {found.names[1]}"))
    for name in ("image", "family"):
        table.add_column(name, no_wrap=True)
    for name in ("values", "equal", "differ", "one side"):
        table.add_column(name, justify="right")
    for row in found.folded:
        style = "red" if row["differs"] else "yellow" if row["only_a"] + row["only_b"] else ""
        cells = (row["n"], row["equal"], row["differs"], row["only_a"] + row["only_b"])
        numbers = [str(cell) if cell else "" for cell in cells]
        table.add_row(row["image"], row["family"], *numbers, style=style)
    out.print(table)
    apart = [row for row in found.folded if row["differs"]]
    for row in apart[:N_APART]:
        line = f"largest difference on {row['image']}: {row['worst']}"
        out.print(line, style="red", highlight=False, markup=False, soft_wrap=True)
    if len(apart) > N_APART:
        out.print(f"and {len(apart) - N_APART} more rows; -o FILE.csv holds every value")
    for side, reason, count, example in found.missing:
        line = f"{count} missing in {side} alone: {reason} (for example {example})"
        out.print(line, style="yellow", highlight=False, markup=False)
    if found.seconds is not None:
        ours, theirs = found.seconds
        ratio = f", {theirs / ours:.1f} times as long" if ours else ""
        line = f"{found.names[0]} took {ours:.3g} s, {found.names[1]} {theirs:.3g} s{ratio}"
        out.print(line, highlight=False, markup=False)
    colour = "red" if len(found.unexplained) else "green"
    out.print(found.verdict, style=f"bold {colour}", highlight=False, markup=False)
