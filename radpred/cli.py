"""The command `radpred`: one command for each thing a person does, `stage` for each step."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from radpred.errors import RadpredError
from radpred.version import __version__

# Commands import what they need when they run, so that `radpred --help` answers at once.
app = typer.Typer(
    name="radpred",
    help="From scans and lesions to calibrated, explained clinical predictions.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
stage = typer.Typer(help="One step of a study, as the workflow calls it.", no_args_is_help=True)
config = typer.Typer(help="What a study file may hold.", no_args_is_help=True)
app.add_typer(stage, name="stage")
app.add_typer(config, name="config")
out = Console()
err = Console(stderr=True)

StudyFile = Annotated[Path, typer.Argument(help="The study file (YAML).", show_default=False)]
Settings = Annotated[
    Path | None,
    typer.Option("--settings", "-s", help="Extraction settings or a PyRadiomics parameter file."),
]


def main() -> None:
    """Run the command line; an error of radpred's own is a message, not a traceback."""
    try:
        app()
    except RadpredError as error:
        err.print(f"[bold red]radpred:[/] {_escaped(str(error))}", highlight=False)
        sys.exit(2)
    except KeyboardInterrupt:
        err.print("radpred: stopped; the same command goes on from here")
        sys.exit(130)


def _escaped(text: str) -> str:
    """Return text whose brackets are not markup."""
    return text.replace("[", "\\[")


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
    force: Annotated[bool, typer.Option(help="Overwrite an existing file.")] = False,
) -> None:
    """Write a commented study file."""
    from radpred.config.template import study_template
    from radpred.stages.files import write_bytes

    if path.exists() and not force:
        msg = f"{path} exists; give another name, or --force to overwrite it"
        raise RadpredError(msg)
    name = path.resolve().parent.name.replace(" ", "_") or "study"
    text = study_template(
        name=name, cases=cases, outcome_file=outcome, column=column, clinical=clinical or ()
    )
    write_bytes(path, text.encode())
    out.print(f"wrote {path}: edit it, then `radpred check {path}`")


@app.command()
def check(
    study: StudyFile,
    save: Annotated[Path | None, typer.Option(help="Write all verdicts as CSV.")] = None,
) -> None:
    """Judge every input of a study before any work: tables, files, geometry, labels."""
    from radpred.stages.check import check as judged
    from radpred.stages.files import write_bytes

    with err.status("opening images") as status:
        verdicts = judged(study, told=lambda n, of: status.update(f"opening images: {n} of {of}"))
    _show_verdicts(verdicts)
    if save is not None:
        write_bytes(save, verdicts.to_csv(index=False).encode())
    if not (verdicts["status"] != "rejected").any():
        raise typer.Exit(1)


def _show_verdicts(verdicts: Any) -> None:
    """Print the count of each verdict, and one line for every case that is not plain."""
    counts = verdicts["status"].value_counts()
    words = ", ".join(f"{counts.get(s, 0)} {s}" for s in ("accepted", "noted", "rejected"))
    unusual = verdicts[verdicts["status"] != "accepted"]
    if len(unusual):
        table = Table("case", "verdict", "reason", "what came", "what to do", show_lines=False)
        for row in unusual.head(50).itertuples():
            colour = "red" if row.status == "rejected" else "yellow"
            cells = (row.case_id or row.patient_id, f"[{colour}]{row.status}[/]", row.code)
            table.add_row(*cells, _escaped(row.came), _escaped(row.todo))
        out.print(table)
        if len(unusual) > 50:
            out.print(f"and {len(unusual) - 50} more; --save FILE.csv holds them all")
    out.print(f"{len(verdicts)} rows: {words}")


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def run(
    context: typer.Context,
    study: StudyFile,
    cores: Annotated[int | None, typer.Option("--cores", "-c", help="Processor cores.")] = None,
    profile: Annotated[
        str | None, typer.Option(help="default, slurm, or the folder of your own.")
    ] = None,
    folder: Annotated[Path | None, typer.Option("--out", help="Where results go.")] = None,
) -> None:
    """Run a study to its report; a run that was stopped goes on. What follows -- is Snakemake's."""
    _run(study, cores=cores, profile=profile, folder=folder, extra=context.args)


def _run(
    study: Path,
    *,
    cores: int | None = None,
    profile: str | None = None,
    folder: Path | None = None,
    extra: list[str] | None = None,
) -> None:
    """Run a study with a line of progress for each step, then say what was found."""
    from radpred.progress import Reporter
    from radpred.workflow import Results
    from radpred.workflow import run as run_study

    with Reporter(err) as reporter:
        report = run_study(
            study, cores=cores, profile=profile, out=folder, extra=extra or [], told=reporter.told
        )
    if not report.is_file():  # a dry run, or a target before the report
        out.print(f"done; see {report.parent / 'logs' / 'snakemake.log'}")
        return
    auroc = Results(report.parent).metrics["auroc"]
    interval = " to ".join("?" if auroc[k] is None else f"{auroc[k]:.2f}" for k in ("low", "high"))
    out.print(f"AUROC {auroc['value']:.2f} (95 % interval {interval})", highlight=False)
    out.print(f"report: {report}", highlight=False, soft_wrap=True)
    out.print(f"model:  {report.with_name('model.radpred')}", highlight=False, soft_wrap=True)


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(help="Where to make it.")] = Path("demo"),
    patients: Annotated[int, typer.Option(help="How many patients.")] = 80,
    strength: Annotated[float, typer.Option(help="Of the planted effects; 0 is noise.")] = 1.0,
    seed: Annotated[int, typer.Option(help="Of the made cohort.")] = 0,
    cores: Annotated[int | None, typer.Option("--cores", "-c", help="Processor cores.")] = None,
) -> None:
    """Make a cohort with planted effects and run a whole study on it."""
    from radpred.stages.demo import demo as made

    with err.status(f"making {patients} patients"):
        study = made(folder, n_patients=patients, strength=strength, seed=seed)
    out.print(f"study:  {study}", highlight=False)
    _run(study, cores=cores)


@app.command()
def extract(
    image: Annotated[Path | None, typer.Argument(help="A scan.", show_default=False)] = None,
    mask: Annotated[Path | None, typer.Argument(help="Its mask.", show_default=False)] = None,
    cases: Annotated[Path | None, typer.Option(help="A table of cases instead.")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help=".parquet or .csv")] = None,
    settings: Settings = None,
    label: Annotated[str, typer.Option(help="Label of the region in the mask.")] = "auto",
    ring: Annotated[list[float] | None, typer.Option(help="Outer mm of a ring; repeat.")] = None,
) -> None:
    """Extract features of one lesion, or of every row of a table of cases."""
    from radpred.stages import features

    if (cases is None) == (image is None or mask is None):
        msg = "give an image and its mask, or --cases cases.csv"
        raise RadpredError(msg)
    if cases is not None:
        with err.status("extracting") as status:
            table, verdicts = features.of_cases(
                cases,
                settings=settings,
                rings_mm=ring or (),
                told=lambda n, of: status.update(f"extracting: {n} of {of}"),
            )
        _show_verdicts(verdicts)
    else:
        assert image is not None and mask is not None
        table = features.of_lesion(image, mask, settings=settings, label=label, rings_mm=ring or ())
    if output is not None:
        features.save(table, output)
        out.print(f"wrote {len(table)} row(s) of {table.shape[1] - 1} features to {output}")
    else:
        for name, value in table.iloc[0].items():
            out.print(f"{name}\t{value}", highlight=False, soft_wrap=True)


@app.command()
def predict(
    model: Annotated[Path, typer.Argument(help="A model.radpred file.", show_default=False)],
    cases: Annotated[Path, typer.Option(help="The table of new cases.")],
    output: Annotated[Path | None, typer.Option("--output", "-o", help=".csv or .parquet")] = None,
) -> None:
    """Predict new patients: risk, prediction sets, what moved them, and warnings."""
    from radpred.stages import features
    from radpred.stages.predict import predict as predicted

    with err.status("predicting") as status:
        answers = predicted(
            model, cases, told=lambda n, of: status.update(f"measuring: {n} of {of}")
        )
    if output is not None:
        features.save(answers.table, output)
        out.print(f"wrote {len(answers.table)} row(s) to {output}")
    else:
        _show_answers(answers.table, answers.outcome)
    if (answers.verdicts["status"] != "accepted").any():
        _show_verdicts(answers.verdicts)


def _show_answers(table: Any, outcome: str) -> None:
    """Print predictions as a table that fits a screen."""
    sets = [name for name in table.columns if name.startswith("set_")]
    shown = Table("case", "risk", *(f"{s[4:]} % set" for s in sets), "moved most by", "warnings")
    for row in table.to_dict("records"):
        classes = [("{" + ", ".join(row[s].split()) + "}") for s in sets]
        shown.add_row(
            row["case_id"],
            f"{row['probability']:.2f}",
            *classes,
            _escaped(row["moved_by"]),
            _escaped(row["warnings"]),
        )
    out.print(shown)
    out.print(f"risk: calibrated probability of {outcome}; sets: 1 is that outcome, 0 its absence")


@app.command()
def features(
    settings: Settings = None,
) -> None:
    """List the features that settings give, with their IBSI codes and what they are."""
    from radpred.stages.features import listed

    table = Table("feature", "family", "IBSI", "what it is")
    for feature in listed(settings):
        table.add_row(*map(_escaped, feature))
    out.print(table)


@config.command()
def schema(
    folder: Annotated[Path, typer.Argument(help="Folder for the schema.")] = Path(),
) -> None:
    """Write the JSON schema of a study file."""
    from radpred.stages.schema import write_schema

    out.print(f"wrote {write_schema(folder)}")


StudyJson = Annotated[Path, typer.Option("--study")]
Output = Annotated[Path, typer.Option("--output")]


@stage.command("segment")
def stage_segment(study: StudyJson, shard: Annotated[Path, typer.Option()], output: Output) -> None:
    """Make or name the masks of one shard."""
    from radpred.stages.segment import segment

    segment(study, shard, output)


@stage.command("extract")
def stage_extract(
    study: StudyJson,
    shard: Annotated[Path, typer.Option()],
    masks: Annotated[Path, typer.Option()],
    output: Output,
    threads: Annotated[int, typer.Option()] = 1,
) -> None:
    """Measure the cases of one shard."""
    from radpred.stages.extract import extract as extract_shard

    extract_shard(study, shard, masks, output, threads=threads)


@stage.command("assemble")
def stage_assemble(study: StudyJson, shards: list[Path], output: Output) -> None:
    """Join the shards' tables."""
    from radpred.stages.assemble import assemble

    assemble(study, shards, output)


@stage.command("train")
def stage_train(
    study: StudyJson,
    features: Annotated[Path, typer.Option()],
    cohort: Annotated[Path, typer.Option()],
    repeat: Annotated[int, typer.Option()],
    output: Output,
    threads: Annotated[int, typer.Option()] = 1,
) -> None:
    """Run all models through one repeat of the outer folds."""
    from radpred.stages.train import train

    train(study, features, cohort, repeat=repeat, output=output, threads=threads)


@stage.command("fit")
def stage_fit(
    study: StudyJson,
    features: Annotated[Path, typer.Option()],
    cohort: Annotated[Path, typer.Option()],
    output: Output,
) -> None:
    """Fit the final model on all cases."""
    from radpred.stages.train import fit

    fit(study, features, cohort, output)


@stage.command("evaluate")
def stage_evaluate(
    study: StudyJson,
    features: Annotated[Path, typer.Option()],
    cohort: Annotated[Path, typer.Option()],
    final: Annotated[Path, typer.Option()],
    predictions: list[Path],
    output: Output,
) -> None:
    """Turn predictions into evidence."""
    from radpred.stages.evaluate import evaluate

    evaluate(study, features, cohort, final, predictions, output)


@stage.command("bundle")
def stage_bundle(
    study: StudyJson,
    features: Annotated[Path, typer.Option()],
    cohort: Annotated[Path, typer.Option()],
    evaluation: Annotated[Path, typer.Option()],
    final: Annotated[Path, typer.Option()],
    output: Output,
) -> None:
    """Put the final model into one file."""
    from radpred.stages.bundle import bundle

    bundle(study, features, cohort, evaluation, final, output)


@stage.command("explain")
def stage_explain(
    model: Annotated[Path, typer.Option()],
    features: Annotated[Path, typer.Option()],
    cohort: Annotated[Path, typer.Option()],
    output: Output,
) -> None:
    """Explain the final model."""
    from radpred.stages.explain import explain

    explain(model, features, cohort, output)


@stage.command("report")
def stage_report(
    study: StudyJson,
    evaluation: Annotated[Path, typer.Option()],
    explanation: Annotated[Path, typer.Option()],
    output: Output,
) -> None:
    """Write the report."""
    from radpred.stages.report import report

    report(study, evaluation, explanation, output)
