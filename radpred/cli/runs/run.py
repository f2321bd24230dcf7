"""`radpred run`: a study to its report, on this machine or on a cluster."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from radpred.cli.show import err, escaped, out
from radpred.cli.watching.options import AcceptVersion, JsonLines, WaitForOrphans, manner_of
from radpred.cli.watching.show import following, show_result, stopped
from radpred.errors import RadpredError

if TYPE_CHECKING:
    from radpred.stages.cluster.asked import Asked
    from radpred.workflow import Manner


def profile_names(incomplete: str) -> list[str]:
    """Return the shipped profiles whose names begin so, for the tab key."""
    from radpred.stages.cluster.profiles import shipped_profiles

    return [name for name in shipped_profiles() if name.startswith(incomplete)]


ProfileName = Annotated[
    str | None,
    typer.Option(
        help="default, slurm, or a folder with a profile.yaml of your own.",
        autocompletion=profile_names,
    ),
]
Cores = Annotated[int | None, typer.Option("--cores", "-c", help="Processor cores.")]


def run(
    context: typer.Context,
    study: Annotated[Path, typer.Argument(help="The study file (YAML).", show_default=False)],
    cores: Cores = None,
    profile: ProfileName = None,
    folder: Annotated[Path | None, typer.Option("--out", help="Where results go.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Tell the jobs of each rule, and start none.")
    ] = False,
    submit: Annotated[
        bool,
        typer.Option(
            "--submit",
            help="Put this command itself into Slurm's queue, with --profile slurm unless another "
            "is named: for clusters that forbid long processes where one logs in.",
        ),
    ] = False,
    json_lines: JsonLines = False,
    wait_for_orphans: WaitForOrphans = False,
    accept_version: AcceptVersion = False,
) -> None:
    """Run a study to its report; a run that was stopped goes on. What follows -- is Snakemake's.

    Exit status: 0 the report is there; 1 a case is rejected, and the study's rejected_cases is
    stop; 2 anything else went wrong; 130 interrupted, 143 ended by SIGTERM.
    """
    profile = profile or ("slurm" if submit else None)
    if dry_run:
        _tell_jobs(study, cores=cores, profile=profile, folder=folder, extra=context.args)
    elif submit:
        _submit(study, cores=cores, profile=profile, folder=folder, extra=context.args)
    else:
        manner = manner_of(json_lines, wait_for_orphans, accept_version)
        run_study(
            study,
            cores=cores,
            profile=profile,
            folder=folder,
            extra=context.args,
            manner=manner,
        )


def run_study(
    study: Path,
    *,
    cores: int | None = None,
    profile: str | None = None,
    folder: Path | None = None,
    extra: Sequence[str] = (),
    manner: Manner | None = None,
) -> None:
    """Run a study with a line of progress for each step, then say what was found."""
    from radpred.workflow import run as run_to_report

    is_for_machine = manner is not None and manner.each_line is not None
    if not extra and not is_for_machine:
        _foretell(study, cores=cores, out_folder=folder)
    try:
        with following(study, folder, is_quiet=is_for_machine) as told:
            report = run_to_report(
                study,
                cores=cores,
                profile=profile,
                out=folder,
                extra=extra,
                told=told,
                manner=manner,
            )
    except KeyboardInterrupt as interrupt:
        raise stopped(interrupt) from None
    if not is_for_machine:
        show_result(report)


def _foretell(study: Path, *, cores: int | None, out_folder: Path | None) -> None:
    """Say whether patients are enough, and what fitting costs, unless it is done."""
    from radpred.stages.inputs.forecast import forecast

    try:
        lines = forecast(study, has_presets=False, cores=cores, out=out_folder)
    except RadpredError:
        return  # the run says it, in its own order
    for line in lines:
        err.print(line, highlight=False)


def _tell_jobs(
    study: Path,
    *,
    cores: int | None,
    profile: str | None,
    folder: Path | None,
    extra: Sequence[str],
) -> None:
    """Print how many jobs each rule has and what each asks for."""
    from radpred.workflow import planned_jobs

    with err.status("planning"):
        asked = planned_jobs(study, cores=cores, profile=profile, out=folder, extra=extra)
    if asked:
        out.print(jobs_table(asked))
    total = sum(one.jobs for one in asked)
    words = f"{total} job(s) to run" if total else "nothing to be done"
    out.print(f"{words}; none was started", highlight=False)


def jobs_table(asked: Sequence[Asked]) -> Table:
    """Return a table of jobs by rule, with the columns that say anything."""
    from radpred.stages.cluster.asked import asked_lines

    heads = ("rule", "jobs", "cores", "memory", "time", "GPUs", "partition", "account")
    lines = asked_lines(asked)
    kept = [i for i in range(len(heads)) if any(line[i] for line in lines)]
    table = Table()
    for i in kept:
        table.add_column(heads[i], justify="right" if 0 < i < 6 else "left")
    for line in lines:
        table.add_row(*(escaped(line[i]) for i in kept))
    return table


def _submit(
    study: Path,
    *,
    cores: int | None,
    profile: str | None,
    folder: Path | None,
    extra: Sequence[str],
) -> None:
    """Put the run itself into the queue, and say how to watch and how to end it."""
    from radpred.config import read_study
    from radpred.stages.cluster.profiles import LOCAL, executor_of, profile_folder
    from radpred.stages.cluster.slurm import ask
    from radpred.stages.cluster.submit import submit
    from radpred.stages.prepare import redirected

    study_file = study if folder is None else redirected(study, folder)
    words = ["--profile", profile or "default"]
    if executor_of(profile) == LOCAL:
        cores = cores or 1
    if Path(words[1]).exists():
        words[1] = str(profile_folder(profile))
    words += [] if cores is None else ["--cores", str(cores)]
    words += ["--", *extra] if extra else []
    n_cores = (cores or 1) if executor_of(profile) == LOCAL else 1
    job = submit(study_file, read_study(study_file), words, ask=ask, cores=n_cores)
    out.print(f"job:    {job.job}", highlight=False)
    out.print(f"log:    {job.log}", highlight=False, soft_wrap=True)
    out.print(f"watch:  radpred status {job.out}", highlight=False, soft_wrap=True)
    out.print(f"cancel: {job.cancel}", highlight=False, soft_wrap=True)
