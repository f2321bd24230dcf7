"""Step `bundle`: the final model with all that a prediction needs, in one file."""

from __future__ import annotations

from pathlib import Path

from radpred.deploy import Bundle, read_fitted, write_bundle
from radpred.deploy.bundle import reference_of
from radpred.stages.inputs.shards import planned, shard_cases
from radpred.stages.train import developed, learnable
from radpred.stages.work.files import read_json, sha256_of
from radpred.stages.work.versions import versions


def bundle(
    study_json: Path, features: Path, cohort: Path, evaluation: Path, final: Path, output: Path
) -> None:
    """Write ``model.radpred``: the final model and the evidence on how it was made."""
    study = planned(study_json)
    evidence = read_json(evaluation)
    data = developed(study, learnable(features, cohort))
    fitted = read_fitted(final)
    headline = next(m for m in evidence["models"] if m["name"] == "selected")
    record = {
        "versions": versions(),
        "features_sha256": sha256_of(features),
        "cohort_sha256": sha256_of(cohort),
        "study": evidence["study"],
        "design": evidence["design"],
        "metrics": headline["metrics"],
        "guarantees": evidence.get("guarantees") or [],
    }
    write_bundle(
        Bundle(
            fitted=fitted,
            study=study.portable(),
            modalities=modalities_of(output.parent),
            reference=reference_of(data.X[list(fitted.columns)]),
            record=record,
        ),
        output,
    )


def modalities_of(out: Path) -> tuple[str, ...]:
    """Return the image columns of a study, in order."""
    shards = read_json(out / "shards" / "shards.json")["shards"]
    first = shard_cases(out / "shards" / f"{shards[0]}.json")[0]
    return tuple(first.images)
