"""The steps of a study one after the other in this process, where it matters not who starts it."""

from __future__ import annotations

import warnings
from pathlib import Path

from radpred.errors import RadpredWarning
from radpred.stages.assemble import assemble
from radpred.stages.bundle import bundle
from radpred.stages.evaluate import evaluate
from radpred.stages.explain import explain
from radpred.stages.extract import extract
from radpred.stages.judging.permuted import permute
from radpred.stages.prepare import prepare
from radpred.stages.report import report
from radpred.stages.segment import segment
from radpred.stages.train import fit, train


def carried_out(study_file: Path) -> Path:
    """Return the results of a study without variants, made as the workflow makes them."""
    plan = prepare(study_file)
    out, study, learning = plan.out, plan.out / "study.json", plan.settings.learning
    features = [measured(out, name) for name in plan.shards]
    assemble(study, features, out / "features.parquet")
    tables = out / "features.parquet", out / "cohort.parquet"
    final = out / "models" / "final.zip"
    parts = [out / "models" / f"repeat_{n}.parquet" for n in range(learning.n_repeats)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RadpredWarning)  # a made cohort is small
        fit(study, *tables, final)
        for repeat, part in enumerate(parts):
            train(study, *tables, repeat=repeat, output=part)
        if learning.permutations:
            permute(study, *tables, out / "models" / "permuted.json")
    evaluation, model = out / "evaluation.json", out / "model.radpred"
    evaluate(study, *tables, final, parts, evaluation)
    bundle(study, *tables, evaluation, final, model)
    explain(model, *tables, out / "explanation.json")
    report(study, evaluation, out / "explanation.json", out / "report.html")
    return out


def measured(out: Path, name: str) -> Path:
    """Make the masks and the features of a shard; return its table."""
    shard, masks = out / "shards" / f"{name}.json", out / "segment" / f"{name}.parquet"
    features = out / "features" / f"{name}.parquet"
    segment(out / "study.json", shard, masks)
    extract(out / "study.json", shard, masks, features)
    return features
