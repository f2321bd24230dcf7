"""What can be told before any work: whether patients are enough, and what a preset costs."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits

from radpred.cohort import Case
from radpred.cohort.designs import Cost, estimated_cost, estimated_fits, time_fits
from radpred.config import StudySettings, read_study
from radpred.config.study import PRESETS, LearningSettings
from radpred.errors import InputError
from radpred.evaluate import sample_size_sentence
from radpred.model.fusion.plan import is_of_fusion
from radpred.model.labels import CaseLabels
from radpred.model.recipes import chain, chooser, first_steps, grid
from radpred.pipeline.learning.designs import parts_of
from radpred.pipeline.learning.fusion import fusion_of
from radpred.pipeline.learning.others.facts import facts_in
from radpred.pipeline.learning.searches import search_of
from radpred.pipeline.measuring.habitats import habitat_columns
from radpred.pipeline.measuring.measure import study_columns
from radpred.stages.inputs.lesions import SPLIT
from radpred.stages.inputs.outcomes import linked
from radpred.stages.inputs.tables import with_tables
from radpred.stages.prepare import judge
from radpred.table import read_table
from radpred.table.columns import clinical_name, of_regions

FIRST_STEPS = "first steps"  # imputing, scaling, redundancy: once a training part for all models
CHOOSING = "choosing columns"  # as often: all models share it
_CLINICAL = clinical_name("age").removesuffix("age")
_MOST_COLUMNS = 2000  # of the made table; more are reckoned by the square of their number
_LEFT = 0.2  # of the columns, once constant and redundant ones have gone; roughly, of radiomics


@dataclass(frozen=True, kw_only=True)
class Size:
    """A cohort in numbers, as far as the tables tell before anything is measured."""

    n_cases: int
    n_patients: int
    n_events: int
    n_sites: int
    n_columns: int

    @property
    def sentence(self) -> str:
        """Return whether patients are enough, in words; nothing where there is no contrast."""
        if not 0 < self.n_events < self.n_patients or not self.n_columns:
            return ""
        return sample_size_sentence(self.n_patients, self.n_events, self.n_columns)


def size_of(study_file: Path) -> Size:
    """Return the cohort of a study in numbers, from its tables alone.

    Raises
    ------
    InputError
        A table cannot be used, or no case is left.
    """
    study = read_study(study_file)
    by_row = study.model_copy(update={"lesions": "given"}) if study.lesions in SPLIT else study
    cases = [case for case in judge(by_row)[0] if not case.retest_of]
    if not cases:
        msg = f"{study.cases}: no case can be used, so there is nothing to reckon with"
        raise InputError(msg, code="no_cases")
    outcome, _ = linked(cases, study)
    per_patient = outcome.y.groupby(outcome.groups).max()
    return Size(
        n_cases=len(outcome.y),
        n_patients=len(per_patient),
        n_events=int(per_patient.sum()) if outcome.kind == "binary" else 0,
        n_sites=len({case.site for case in cases}),
        n_columns=len(_columns(study, cases, list(outcome.clinical.columns))),
    )


def size_sentence(features: Path, cohort: Path) -> str:
    """Return whether patients are enough for the columns that were measured, in words."""
    people, told = read_table(cohort)
    per_patient = people.groupby("patient_id")["y"].max()
    n_clinical = sum(name.startswith(_CLINICAL) for name in people.columns)
    return Size(
        n_cases=len(people),
        n_patients=int(people["patient_id"].nunique()),
        n_events=int(per_patient.sum()) if facts_in(told).kind == "binary" else 0,
        n_sites=int(people["site"].nunique()),
        n_columns=read_table(features)[0].shape[1] - 1 + n_clinical,
    ).sentence


def cost_of(
    learning: LearningSettings, size: Size, *, presets: Sequence[str] = (), n_jobs: int = 1
) -> dict[str, Cost]:
    """Return what the models of a study cost, for each preset, or as they are set.

    One fit of each kind is timed on a made table of the cohort's size, on one core.

    Parameters
    ----------
    learning : LearningSettings
        Models, grids and folds.
    size : Size
        Of the cohort.
    presets : sequence of str, optional
        Which presets; those that a design without repeats has cost the same.
    n_jobs : int
        Processes that share the work.
    """
    fitted = [*dict.fromkeys([*learning.models, *_members(learning)])]
    of_blocks = _of_blocks(learning)
    names = [FIRST_STEPS, CHOOSING, *(name for name in fitted if name not in learning.ensembles)]
    names += of_blocks
    with threadpool_limits(limits=1):
        seconds = time_fits(_Timed(learning, size), names, n_times=1)
    if size.n_columns > _MOST_COLUMNS:
        more = size.n_columns / _MOST_COLUMNS
        seconds[FIRST_STEPS] = tuple(more**2 * one for one in seconds[FIRST_STEPS])
        seconds[CHOOSING] = tuple(more * one for one in seconds[CHOOSING])
    grids = {name: _n_points(name, learning) for name in names[2:] if name not in of_blocks}
    grids |= of_blocks
    chosen = {
        name: learning.model_copy(update={"preset": name, "repeats": None}) for name in presets
    }
    costs = {}
    for label, one in (chosen or {learning.preset: learning}).items():
        n_parts = _n_parts(one, size)
        fits = estimated_fits(n_parts, names, grids, inner_folds=one.inner_folds)
        if one.conformal.method == "leave_one_out":
            fits = {name: n + (n_parts + 1) * size.n_patients for name, n in fits.items()}
        costs[label] = estimated_cost(fits, seconds, n_jobs=n_jobs)
    if learning.permutations:
        n_parts = (learning.permutations + 1) * _n_parts(learning, size) // learning.n_repeats
        fits = estimated_fits(n_parts, names, grids, inner_folds=learning.inner_folds)
        label = f"{learning.permutations} permutations"
        costs[label] = estimated_cost(fits, seconds, n_jobs=n_jobs)
    return costs


def _of_blocks(learning: LearningSettings) -> dict[str, int]:
    """Return the models on blocks that are fitted, with the grid points of each."""
    fusion = fusion_of(learning)
    if fusion is None:
        return {}
    alone = _n_points(fusion.model, learning)
    early = (1 + len(fusion.blocks)) * -(-alone // len(learning.n_features))
    found = dict.fromkeys(fusion.alone, alone) if "late" in fusion.kinds else {}
    return found | ({"early_fusion": early} if "early" in fusion.kinds else {})


def _members(learning: LearningSettings) -> tuple[str, ...]:
    """Return the models that are fitted for ensembles, if there are any."""
    return learning.members if learning.ensembles else ()


def _n_points(name: str, learning: LearningSettings) -> int:
    """Return how many points are tried of a model."""
    points = grid(name, n_features=learning.n_features, selection=learning.selection)
    return learning.tuning.budget or len(points)


def forecast(
    study_file: Path, *, has_presets: bool, cores: int | None = None, out: Path | None = None
) -> list[str]:
    """Return lines that tell of the cohort's size and of the cost of fitting, before any work.

    Parameters
    ----------
    study_file : Path
        The study's YAML file.
    has_presets : bool
        Whether to tell of all presets, on one core, and not of the one that is set.
    cores : int, optional
        Processor cores; all by default.
    out : Path, optional
        Where results go; models that are there already cost nothing, so nothing is told of cost.
    """
    study, size = read_study(study_file), size_of(study_file)
    lines = [size.sentence] if size.sentence else []
    if ((out or study.out) / "models" / "final.zip").is_file() and not has_presets:
        return lines
    learning = study.learning
    has_choice = has_presets and learning.design.kind == "folds" and learning.repeats is None
    n_jobs = 1 if has_presets else cores or os.cpu_count() or 1
    costs = cost_of(learning, size, presets=list(PRESETS) if has_choice else (), n_jobs=n_jobs)
    cored = "on one core" if n_jobs == 1 else f"on {n_jobs} cores"
    told = {label: _told(label, has_choice=has_choice) for label in costs}
    return [*lines, *(f"{told[label]}: {cost} {cored}" for label, cost in costs.items())]


def _told(label: str, *, has_choice: bool) -> str:
    """Return what a cost is of."""
    if label.endswith("permutations"):
        return label
    return f"preset {label}" if has_choice else "fitting models"


def _n_parts(learning: LearningSettings, size: Size) -> int:
    """Return how many training parts all repeats have."""
    if learning.design.kind == "bootstrap":
        return learning.design.draws
    sizes = {"n_patients": size.n_patients, "n_sites": size.n_sites}
    return learning.n_repeats * parts_of(learning, **sizes)


def _columns(study: StudySettings, cases: Sequence[Case], clinical: list[str]) -> list[str]:
    """Return every column that a model may choose from."""
    modalities = [] if cases[0].is_of_tables else list(cases[0].images)
    patients = pd.Series({case.case_id: case.patient_id for case in cases}, dtype=str)
    frame = pd.DataFrame({"case_id": patients.index})
    joint, _ = with_tables(frame, study.tables, patients=patients, volume=study.volume_column)
    measured = [*study_columns(study, modalities), *habitat_columns(study, modalities)]
    return list(of_regions([*measured, *joint.columns[1:], *clinical], study.learning.regions))


class _Timed:
    """Fits a grid point of a model, the choice of columns, or the first steps, on a made table."""

    def __init__(self, learning: LearningSettings, size: Size) -> None:
        rng = np.random.default_rng(0)
        n_rows = max(8, size.n_cases - size.n_cases // learning.inner_folds)
        n_columns = max(2, min(size.n_columns, _MOST_COLUMNS))
        names = [f"tumour__original_glcm_F{i}" for i in range(n_columns)]
        self.wide = pd.DataFrame(rng.normal(size=(n_rows, n_columns)), columns=names)
        self.y = (np.arange(n_rows) % 2).astype(int)
        n_left = max(2, round(_LEFT * n_columns))
        self.left = self.wide.iloc[:, :n_left] + 0.2 * self.y[:, None]
        most = sorted(learning.n_features)[len(learning.n_features) // 2]
        seen = n_left if learning.selection == "none" else most
        self.few = self.wide.iloc[:, :seen] + 0.5 * self.y[:, None]
        self.learning = learning
        sites = {row: str(place % 3) for place, row in enumerate(self.wide.index)}
        bare = learning.harmonise.model_copy(update={"covariates": ()})
        asked = learning.model_copy(update={"harmonise": bare})
        self.search = search_of(asked, sites=CaseLabels(sites) if bare.is_on else None)

    def __call__(self, name: str) -> object:
        learning = self.learning
        if name == FIRST_STEPS:
            steps = first_steps(
                "features",
                correlation_limit=learning.correlation_limit,
                harmonise=self.search.harmonise,
                selection=learning.selection,
            )
            return Pipeline(steps).fit_transform(self.wide)
        if name == CHOOSING:
            return chooser(learning.selection, max(learning.n_features)).fit(self.left, self.y)
        name = learning.fusion.model if is_of_fusion(name) else name
        points = grid(name, n_features=learning.n_features, selection=learning.selection)
        params = points[len(points) // 2]
        kept = "none" if learning.selection == "none" else "relevance"
        return chain(name, params, selection=kept).fit(self.few, self.y)
