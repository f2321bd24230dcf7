"""`radpred cases`: tables of cases from what there is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from radpred.cli.show import err, out, show_verdicts

cases = typer.Typer(help="Tables of cases.", no_args_is_help=True)
Patterns = list[str] | None


@cases.command("from-dicom")
def from_dicom(
    folder: Annotated[Path, typer.Argument(help="Where the files are.", show_default=False)],
    output: Annotated[Path, typer.Option("--output", "-o", help="The table.")] = Path("cases.csv"),
    structure: Annotated[
        Patterns, typer.Option(help="Names of structures and segments, as 'GTV*'; repeat.")
    ] = None,
    modality: Annotated[Patterns, typer.Option(help="Modalities of scans, as CT; repeat.")] = None,
    series: Annotated[
        Patterns, typer.Option(help="Descriptions of scans, as '*T1*'; repeat.")
    ] = None,
    drawn_only: Annotated[
        bool, typer.Option("--drawn-only", help="Only the scan that a lesion was drawn on.")
    ] = False,
    key: Annotated[
        Path | None, typer.Option(help="Write which PatientID is whom, to keep apart.")
    ] = None,
) -> None:
    """Write cases.csv for a folder of DICOM files: scans, structures, segments and doses."""
    from radpred.pipeline.dicom.cases import Choice
    from radpred.stages.commands.from_dicom import write_dicom_cases

    choice = Choice(
        structures=tuple(structure or ()),
        modalities=tuple(modality or ()),
        series=tuple(series or ()),
        is_drawn_only=drawn_only,
    )
    with err.status("reading headers") as status:
        written = write_dicom_cases(
            folder,
            output,
            choice=choice,
            key=key,
            told=lambda n: status.update(f"reading headers: {n} files") if n % 100 == 0 else None,
        )
    show_verdicts(written.verdicts, whole=str(written.verdicts_file))
    line = f"wrote {len(written.table)} case(s) of {written.n_patients} patient(s): {output}"
    out.print(line, highlight=False, soft_wrap=True)
    out.print(f"verdicts: {written.verdicts_file}", highlight=False, soft_wrap=True)
    if key is not None:
        out.print(f"who is who: {key}; keep it apart", highlight=False, soft_wrap=True)
    if written.table.empty:
        raise typer.Exit(1)
