"""The command `radpred`: one command for each thing a person does, `stage` for each step."""

from __future__ import annotations

import sys
import warnings
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer
from rich.table import Table

from radpred.cli.cases import cases as cases_group
from radpred.cli.check import check
from radpred.cli.compare import compare
from radpred.cli.datasets import datasets as datasets_group
from radpred.cli.habitats import habitats
from radpred.cli.maps import check_options, make_maps, with_cubes
from radpred.cli.runs.doctor import doctor
from radpred.cli.runs.run import run, run_study
from radpred.cli.show import err, escaped, out, show_answers, show_verdicts
from radpred.cli.steps import stage
from radpred.cli.sweep import sweep
from radpred.cli.tables import named_files
from radpred.cli.watching.status import status
from radpred.errors import RadpredError, RadpredWarning, RejectedError
from radpred.version import __version__

if TYPE_CHECKING:
    from radpred.stages.commands.features import Extracted

# Commands import what they need when they run, so that `radpred --help` answers at once.
app = typer.Typer(
    name="radpred",
    help="From scans and lesions to calibrated, explained clinical predictions.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
config = typer.Typer(help="What a study file may hold.", no_args_is_help=True)
app.add_typer(stage, name="stage")
app.add_typer(config, name="config")
app.add_typer(cases_group, name="cases")
app.add_typer(datasets_group, name="datasets")

StudyFile = Annotated[Path, typer.Argument(help="The study file (YAML).", show_default=False)]
Settings = Annotated[
    Path | None,
    typer.Option("--settings", "-s", help="Extraction settings or a PyRadiomics parameter file."),
]


class Engine(StrEnum):
    """Who computes."""

    native = "native"
    pyradiomics = "pyradiomics"


class Device(StrEnum):
    """What measures."""

    auto = "auto"
    cpu = "cpu"
    gpu = "gpu"


class Lesions(StrEnum):
    """What a mask of several lesions is."""

    given = "given"
    rows = "rows"
    merge = "merge"
    components = "components"
    largest = "largest"


def main() -> None:
    """Run the command line; what radpred says on purpose is a message, not a traceback."""
    warnings.showwarning = _tell
    try:
        app()
    except RadpredError as error:
        err.print(f"[bold red]radpred:[/] {escaped(str(error))}", highlight=False)
        sys.exit(1 if isinstance(error, RejectedError) else 2)


def _tell(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Print a warning of radpred's own as a note, and those of libraries not at all."""
    if issubclass(category, RadpredWarning):
        err.print(f"note: {message}", style="yellow", highlight=False, markup=False)


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        out.print(__version__, highlight=False)
        raise typer.Exit


@app.command()
def init(
    path: Annotated[Path, typer.Argument(help="Where to write.")] = Path("study.yaml"),
    cases: Annotated[str, typer.Option(help="The table of cases.")] = "cases.csv",
    outcome: Annotated[str, typer.Option(help="The table of outcomes.")] = "outcome.csv",
    column: Annotated[str, typer.Option(help="The column to predict.")] = "event",
    clinical: Annotated[list[str] | None, typer.Option(help="A clinical column; repeat.")] = None,
    table: Annotated[
        Path | None,
        typer.Option(help="A study from this table alone: features, outcome and ids in one."),
    ] = None,
    kind: Annotated[
        str, typer.Option(help="With --table: binary, multiclass or continuous.")
    ] = "binary",
    force: Annotated[bool, typer.Option(help="Overwrite an existing file.")] = False,
) -> None:
    """Write a commented study file."""
    from radpred.config.template import study_template
    from radpred.stages.work.files import write_bytes

    if table is not None:
        told = {"column": column, "clinical": clinical or (), "kind": kind, "force": force}
        _init_from_table(path, table, **told)
        return
    if path.exists() and not force:
        msg = f"{path} exists; give another name, or --force to overwrite it"
        raise RadpredError(msg)
    name = path.resolve().parent.name.replace(" ", "_") or "study"
    text = study_template(
        name=name, cases=cases, outcome_file=outcome, column=column, clinical=clinical or ()
    )
    write_bytes(path, text.encode())
    out.print(f"wrote {path}: edit it, then `radpred check {path}`")


def _init_from_table(path: Path, table: Path, **told: Any) -> None:
    """Write a study from a table alone, and say what was written."""
    from radpred.stages.commands.from_table import write_table_study

    files = write_table_study(path, table, **told)
    out.print(f"wrote {', '.join(str(one) for one in files)}: now `radpred check {path}`")


app.command()(check)


_PASSED_ON = {"allow_extra_args": True, "ignore_unknown_options": True}
app.command(context_settings=_PASSED_ON)(run)
app.command()(doctor)


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(help="Where to make it.")] = Path("demo"),
    patients: Annotated[int, typer.Option(help="How many patients.")] = 80,
    strength: Annotated[float, typer.Option(help="Of the planted effects; 0 is noise.")] = 1.0,
    seed: Annotated[int, typer.Option(help="Of the made cohort.")] = 0,
    cores: Annotated[int | None, typer.Option("--cores", "-c", help="Processor cores.")] = None,
) -> None:
    """Make a cohort with planted effects and run a whole study on it."""
    from radpred.stages.commands.demo import demo as made

    with err.status(f"making {patients} patients"):
        study = made(folder, n_patients=patients, strength=strength, seed=seed)
    out.print(f"study:  {study}", highlight=False)
    run_study(study, cores=cores)


@app.command()
def extract(
    image: Annotated[Path | None, typer.Argument(help="A scan.", show_default=False)] = None,
    mask: Annotated[Path | None, typer.Argument(help="Its mask.", show_default=False)] = None,
    cases: Annotated[Path | None, typer.Option(help="A table of cases instead.")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help=".parquet or .csv")] = None,
    settings: Settings = None,
    engine: Annotated[Engine | None, typer.Option(help="Who computes.", show_default=False)] = None,
    device: Annotated[
        Device, typer.Option(help="Where; auto: on a graphics card if there is one.")
    ] = Device.auto,
    label: Annotated[str, typer.Option(help="Label of the region in the mask.")] = "auto",
    ring: Annotated[list[float] | None, typer.Option(help="Outer mm of a ring; repeat.")] = None,
    lesions: Annotated[
        Lesions, typer.Option(help="What a mask of several lesions is, with --cases.")
    ] = Lesions.given,
    voxel_wise: Annotated[
        bool, typer.Option("--voxel-wise", help="Maps: features of the cube around each voxel.")
    ] = False,
    radius: Annotated[int | None, typer.Option(help="Of the cubes of maps, in voxels.")] = None,
    unmasked: Annotated[
        bool, typer.Option("--unmasked", help="Let cubes of maps reach out of the region.")
    ] = False,
    picture: Annotated[list[str] | None, typer.Option(help="A map to picture; repeat.")] = None,
) -> None:
    """Extract features of one lesion, or of every row of a table of cases; or maps of them."""
    from radpred.stages.commands import features

    check_options(
        voxel_wise, ring or (), {"radius": radius, "unmasked": unmasked, "picture": picture}
    )
    if voxel_wise:
        chosen = with_cubes(features.with_engine(settings, engine), radius, unmasked=unmasked)
        make_maps(image, mask, cases, output, settings=chosen, label=label, pictured=picture or ())
        return

    if (cases is None) == (image is None or mask is None):
        msg = "give an image and its mask, or --cases cases.csv"
        raise RadpredError(msg)
    chosen = features.with_engine(settings, engine)
    if cases is not None:
        with err.status("extracting") as status:
            found = features.of_cases(
                cases,
                settings=chosen,
                rings_mm=ring or (),
                device=device.value,
                lesions=lesions.value,
                told=lambda n, of: status.update(f"extracting: {n} of {of}"),
            )
        show_verdicts(found.verdicts)
    else:
        assert image is not None and mask is not None
        found = features.of_lesion(
            image, mask, settings=chosen, label=label, rings_mm=ring or (), device=device.value
        )
        for note in found.verdicts["came"][found.verdicts["came"] != ""]:
            err.print(f"note: {note}", style="yellow", highlight=False, markup=False)
    if output is not None:
        _write(found, output)
        return
    reasons = dict(zip(found.reasons["column"], found.reasons["reason"], strict=True))
    for name, value in found.table.iloc[0].items():
        line = f"{name}\t{value}\t{reasons.get(str(name), '')}".rstrip()
        out.print(line, highlight=False, soft_wrap=True, markup=False)


def _write(found: Extracted, output: Path) -> None:
    """Write features, and beside them numbers of voxels and why values are missing."""
    from radpred.stages.commands.features import save

    save(found.table, output)
    out.print(f"wrote {len(found.table)} row(s) of {found.table.shape[1] - 1} features: {output}")
    beside = output.with_name(f"{output.stem}.sizes{output.suffix}")
    save(found.sizes, beside)
    out.print(f"wrote numbers of voxels and grey levels: {beside}")
    if len(found.reasons):
        why = output.with_name(f"{output.stem}.reasons{output.suffix}")
        save(found.reasons, why)
        out.print(f"wrote why {len(found.reasons)} value(s) are missing: {why}")


app.command()(compare)
app.command()(habitats)
app.command()(sweep)
app.command()(status)


@app.command()
def predict(
    model: Annotated[Path, typer.Argument(help="A model.radpred file.", show_default=False)],
    cases: Annotated[Path, typer.Option(help="The table of new cases.")],
    output: Annotated[Path | None, typer.Option("--output", "-o", help=".csv or .parquet")] = None,
    table: Annotated[
        list[str] | None,
        typer.Option(help="NAME=FILE: a table of other features that the model takes; repeat."),
    ] = None,
    dicom_sr: Annotated[
        Path | None, typer.Option(help="Folder for DICOM reports and lesions of DICOM images.")
    ] = None,
    perturb: Annotated[
        bool, typer.Option(help="Also predict masks drawn anew, if the model's study did.")
    ] = True,
) -> None:
    """Predict new patients: risk, prediction sets, what moved them, and warnings."""
    from radpred.stages.commands import features
    from radpred.stages.commands.predict import predict as predicted

    with err.status("predicting") as status:
        answers = predicted(
            model,
            cases,
            tables=named_files(table or ()),
            dicom=dicom_sr,
            perturb=perturb,
            told=lambda n, of: status.update(f"measuring: {n} of {of}"),
        )
    if output is not None:
        features.save(answers.table, output)
        out.print(f"wrote {len(answers.table)} row(s) to {output}")
    else:
        show_answers(answers.table, answers.outcome)
    for sentence in answers.guarantees:
        out.print(sentence, highlight=False)
    if dicom_sr is not None:
        out.print(f"wrote {len(answers.reports)} DICOM report(s) to {dicom_sr}")
    if (answers.verdicts["status"] != "accepted").any():
        show_verdicts(answers.verdicts)


@app.command()
def features(
    settings: Settings = None,
) -> None:
    """List the features that settings give, with their IBSI codes and what they are."""
    from radpred.stages.commands.features import listed

    table = Table("feature", "family", "IBSI", "what it is")
    for feature in listed(settings):
        table.add_row(*map(escaped, feature))
    out.print(table)


@config.command()
def schema(
    folder: Annotated[Path, typer.Argument(help="Folder for the schema.")] = Path(),
) -> None:
    """Write the JSON schema of a study file."""
    from radpred.stages.commands.schema import write_schema

    out.print(f"wrote {write_schema(folder)}")
