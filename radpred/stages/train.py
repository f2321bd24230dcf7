"""Steps `train` and `fit`: all models through one repeat of the folds, and the final model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from radpred.config import StudySettings
from radpred.deploy import write_fitted
from radpred.model.fitted import Fitted
from radpred.model.recipes import baselines_for
from radpred.model.rows import Cohort, cohort_of
from radpred.pipeline.learning.assurance import training_strata, word
from radpred.pipeline.learning.designs import is_external, parts_of
from radpred.pipeline.learning.fusion import candidates_of, parts_of_fusion
from radpred.pipeline.learning.others.facts import BINARY, CHANCE, EndPointFacts, facts_in
from radpred.pipeline.learning.selected import SELECTED
from radpred.pipeline.learning.train import final_of, fit_every, judge
from radpred.pipeline.measuring.habitats import habitats_step
from radpred.pipeline.variants.repeats import Variants, variants_of
from radpred.stages.inputs.shards import planned
from radpred.stages.judging.external import opened, refuse_other_model
from radpred.stages.prepare import DEALT
from radpred.stages.work.progress import Progress
from radpred.table import read_table, write_table
from radpred.table.bags import with_bags
from radpred.table.columns import SITE

FINAL = Path("models") / "final.zip"


@dataclass(frozen=True, kw_only=True)
class Learnable:
    """What a model may see: columns, outcome and patient of every case."""

    X: pd.DataFrame
    y: pd.Series
    groups: pd.Series
    site: pd.Series
    dealt_by: pd.Series | None = None
    facts: EndPointFacts = BINARY
    chance: pd.Series | None = None

    def rows(self, chosen: pd.Series) -> Learnable:
        """Return the cases for which ``chosen``, by case, is true."""
        own = chosen.loc[self.X.index].to_numpy(dtype=bool)
        dealt = None if self.dealt_by is None else self.dealt_by[own]
        return Learnable(
            X=self.X[own],
            y=self.y[own],
            groups=self.groups[own],
            site=self.site[own],
            dealt_by=dealt,
            facts=self.facts,
            chance=None if self.chance is None else self.chance[own],
        )

    def cohort(self, *, strata: pd.Series | None = None) -> Cohort:
        """Return the rows, checked and in order."""
        return cohort_of(
            self.X,
            self.y,
            self.groups,
            kind=self.facts.kind,
            classes=self.facts.classes,
            event_probability=self.chance,
            strata=strata,
        )


def learnable(features: Path, cohort: Path) -> Learnable:
    """Return the tables of a study as a model sees them, indexed by case."""
    table, metadata = read_table(features)
    frame = table.set_index("case_id")
    if (metadata.get("settings") or {}).get("habitats"):
        frame = with_bags(frame, read_table(features.with_name("bags.parquet"))[0])
    people, told = read_table(cohort)
    people = people.set_index("case_id").loc[frame.index]
    clinical = people.drop(columns=["patient_id", "y", "site", DEALT, CHANCE], errors="ignore")
    return Learnable(
        X=frame.join(clinical),
        y=people["y"],
        groups=people["patient_id"],
        site=people["site"],
        dealt_by=people.get(DEALT),
        facts=facts_in(told),
        chance=people.get(CHANCE),
    )


def developed(study: StudySettings, data: Learnable) -> Learnable:
    """Return the cases that the final model is made of: all, or those that are not set apart."""
    if study.learning.design.kind != "external" or data.dealt_by is None:
        return data
    return data.rows(~is_external(study.learning, data.dealt_by))


def with_site(study: StudySettings, data: Learnable) -> Learnable:
    """Return cases with their site as a column, for the baseline that looks at nothing else.

    As they came where fewer than two sites are told, or where a new site is what is tested.
    """
    words = data.site.map(word)
    if words[words != ""].nunique() < 2 or study.learning.design.kind == "sites":
        return data
    return replace(data, X=data.X.assign(**{SITE: words.where(words != "", None)}))


def models_of(study: StudySettings, columns: Iterable[str]) -> tuple[str, ...]:
    """Return the candidates of a study, blocks alone, and the baselines that ``columns`` allow."""
    design = study.learning
    return (*candidates_of(design), *parts_of_fusion(design), *baselines_for(columns))


def steps_before(study: StudySettings) -> list[tuple[str, Any]]:
    """Return the unfitted steps that a study puts before all others."""
    habitats = habitats_step(study.habitats)
    return [] if habitats is None else [("habitats", habitats)]


def train(
    study_json: Path,
    features: Path,
    cohort: Path,
    *,
    repeat: int,
    output: Path,
    threads: int = 1,
) -> None:
    """Write the out-of-fold predictions of all models in one repeat of the outer folds.

    An external set is opened for the final model only, and that is written down first.
    """
    study = planned(study_json)
    data = with_site(study, learnable(features, cohort))
    if study.learning.design.kind == "external":
        data = opened(study, features.parent / FINAL, data)
    variants = variants_beside(study, features)
    strata = training_strata(study.learning.conformal, data.X, data.site)
    sizes = {"n_patients": data.groups.nunique(), "n_sites": data.site.nunique()}
    n_parts = parts_of(study.learning, **sizes)
    with Progress(study.out, "train", f"{repeat}", total=n_parts) as progress:
        judged = judge(
            models_of(study, data.X.columns),
            data.cohort(strata=strata),
            design=study.learning,
            repeats=[repeat],
            site=data.site,
            dealt_by=data.dealt_by,
            n_jobs=threads,
            progress=lambda done, _: progress.done(f"fold {done}"),
            before=steps_before(study),
            variants=variants,
        )
    if study.learning.design.kind == "external":
        refuse_other_model(features.parent / FINAL, judged.predictions, data)
    if variants is not None:
        beside = output.with_suffix(".variants.parquet")
        write_table(judged.of_variants, beside, metadata={"repeat": repeat})
    write_table(judged.held_out, held_out_beside(output), metadata={"repeat": repeat})
    write_table(judged.predictions, output, metadata={"repeat": repeat})


def held_out_beside(predictions: Path) -> Path:
    """Return the file of the inner rows' scores that stands beside one of predictions."""
    return predictions.with_suffix(".held_out.parquet")


def variants_beside(study: StudySettings, features: Path) -> Variants | None:
    """Return the variants of a study's cases, which stand beside their features."""
    if not study.has_variants:
        return None
    table = read_table(features.with_name("perturbed.parquet"))[0]
    return variants_of(table, study.stability)


def fit(study_json: Path, features: Path, cohort: Path, output: Path) -> None:
    """Write the final model: the candidate with the best inner score, fitted on all cases."""
    study = planned(study_json)
    is_drawn = study.learning.design.kind == "bootstrap"
    data = learnable(features, cohort)
    own = developed(study, with_site(study, data) if is_drawn else data)
    fitted = fit_every(
        models_of(study, own.X.columns) if is_drawn else candidates_of(study.learning),
        own.X,
        own.y,
        own.groups,
        design=study.learning,
        site=own.site,
        before=steps_before(study),
        variants=variants_beside(study, features),
        facts=own.facts,
        event_probability=own.chance,
    )
    final = final_of(fitted)
    if is_drawn:
        write_table(apparent(fitted, final, own), apparent_beside(output), metadata={})
    write_fitted(final, output)


def apparent_beside(final: Path) -> Path:
    """Return the file of what models say of the cases that they were fitted on."""
    return final.with_name("apparent.parquet")


def apparent(fitted: Mapping[str, Fitted], final: Fitted, data: Learnable) -> pd.DataFrame:
    """Return what models say of the cases that they were fitted on: a bootstrap corrects it."""
    models = {SELECTED: final, **fitted}
    tables = [
        pd.DataFrame(
            {
                "case_id": data.X.index.astype(str),
                "model": name,
                "probability": model.probability(data.X),
            }
        )
        for name, model in models.items()
    ]
    return pd.concat(tables, ignore_index=True)
