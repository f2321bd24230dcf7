"""`radpred stage`: one command for each step of a study, as the workflow calls it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

stage = typer.Typer(help="One step of a study, as the workflow calls it.", no_args_is_help=True)
StudyJson = Annotated[Path, typer.Option("--study")]
Output = Annotated[Path, typer.Option("--output")]
AttemptsLeft = Annotated[int, typer.Option(help="More attempts of this job, with more memory.")]


@stage.command("prepare")
def stage_prepare(study_file: Path) -> None:
    """Judge the rows of a study file and write its shards, before any step."""
    from radpred.stages.prepare import prepare

    prepare(study_file)


@stage.command("segment")
def stage_segment(
    study: StudyJson,
    shard: Annotated[Path, typer.Option()],
    output: Output,
    threads: Annotated[int, typer.Option()] = 1,
    attempts_left: AttemptsLeft = 0,
) -> None:
    """Make or name the masks of one shard."""
    from radpred.stages.segment import segment
    from radpred.stages.work.ending import orderly

    with orderly():
        segment(study, shard, output, threads=threads, attempts_left=attempts_left)


@stage.command("extract")
def stage_extract(
    study: StudyJson,
    shard: Annotated[Path, typer.Option()],
    masks: Annotated[Path, typer.Option()],
    output: Output,
    threads: Annotated[int, typer.Option()] = 1,
    attempts_left: AttemptsLeft = 0,
) -> None:
    """Measure the cases of one shard."""
    from radpred.stages.extract import extract as extract_shard
    from radpred.stages.work.ending import orderly

    with orderly():
        extract_shard(study, shard, masks, output, threads=threads, attempts_left=attempts_left)


@stage.command("assemble")
def stage_assemble(study: StudyJson, shards: list[Path], output: Output) -> None:
    """Join the shards' tables."""
    from radpred.stages.assemble import assemble

    assemble(study, shards, output)


@stage.command("perturb")
def stage_perturb(
    study: StudyJson,
    shard: Annotated[Path, typer.Option()],
    masks: Annotated[Path, typer.Option()],
    output: Output,
    threads: Annotated[int, typer.Option()] = 1,
    attempts_left: AttemptsLeft = 0,
) -> None:
    """Measure the cases of one shard on other masks than their own."""
    from radpred.stages.perturb import perturb
    from radpred.stages.work.ending import orderly

    with orderly():
        perturb(study, shard, masks, output, threads=threads, attempts_left=attempts_left)


@stage.command("gather")
def stage_gather(
    study: StudyJson,
    features: Annotated[Path, typer.Option()],
    shards: list[Path],
    output: Output,
) -> None:
    """Join what the shards' cases gave on other masks."""
    from radpred.stages.perturb import gather

    gather(study, features, shards, output)


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
    from radpred.stages.inputs.forecast import size_sentence
    from radpred.stages.train import train

    if repeat == 0:
        typer.echo(size_sentence(features, cohort))
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


@stage.command("permute")
def stage_permute(
    study: StudyJson,
    features: Annotated[Path, typer.Option()],
    cohort: Annotated[Path, typer.Option()],
    output: Output,
    threads: Annotated[int, typer.Option()] = 1,
) -> None:
    """Do everything again for outcomes that were dealt anew."""
    from radpred.stages.judging.permuted import permute

    permute(study, features, cohort, output, threads=threads)


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
