"""What the workflow asks of a plan: shards, files, and which settings concern a step."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from radpred.config import StudySettings, read_study
from radpred.errors import RadpredError
from radpred.sources import is_remote
from radpred.stages.inputs.shards import (
    masking_sections,
    measuring_settings,
    shard_cases,
    sources_of,
    state_file,
)
from radpred.stages.work.files import read_json
from radpred.stages.work.threads import PINNED
from radpred.version import __version__

_LEAST_MB, _OF_LIBRARIES_MB = 2500, 1000
# Training on 100,000 x 1,000 took 11.2 GB (`benchmarks.learning` in tests/); numbers take 8 bytes.
_LEARNING_MB_A_CELL, _READING_MB_A_CELL = 120e-6, 32e-6
# What Snakemake takes for its own words in a path; it has no way to quote them.
_WORDS = re.compile(r"[{}]|<[a-z][a-z0-9_]*>")


@dataclass(frozen=True)
class WorkflowPlan:
    """A study as the workflow sees it."""

    settings: StudySettings
    shards: tuple[str, ...]
    has_objects: bool = False
    n_cells: int = 0

    @property
    def out(self) -> Path:
        """Return the folder of results."""
        return self.settings.out

    @property
    def outcome(self) -> list[str]:
        """Return the table of outcomes, as far as Snakemake can watch it."""
        return _watched([str(self.settings.outcome.file)])

    @property
    def tables(self) -> list[str]:
        """Return the tables of other features."""
        return [str(path) for path in self.settings.tables.values()]

    def of_variants(self, *files: str) -> list[str]:
        """Return files that hold variants of cases, where the study has any, else none."""
        return list(files) if self.settings.has_variants else []

    def of_habitats(self, *files: str) -> list[str]:
        """Return files that hold what habitats are learnt from, if the study has any, else none."""
        return [] if self.settings.habitats is None else list(files)

    @property
    def dealt_by(self) -> str:
        """Return the column of the outcome file that the design goes by, or nothing."""
        return self.settings.learning.design.column or ""

    def of_design(self, kind: str, *files: str) -> list[str]:
        """Return files that one design alone has, where it is the study's, else none."""
        return list(files) if self.settings.learning.design.kind == kind else []

    def of_permutations(self, *files: str) -> list[str]:
        """Return files that tell of outcomes dealt anew, where the study asks for it, else none."""
        return list(files) if self.settings.learning.permutations else []

    @property
    def learns_from(self) -> tuple[str, ...]:
        """Return the sections of settings that models depend on."""
        return ("learning", *self.of_variants("stability"), *self.of_habitats("habitats"))

    @property
    def measuring(self) -> str:
        """Return the version and all settings that a case's values depend on, as a line of text."""
        return json.dumps([__version__, measuring_settings(self.settings)], sort_keys=True)

    @property
    def repeats(self) -> range:
        """Return the repeats of the outer folds, or the parts that another design comes in."""
        return range(self.settings.learning.n_repeats)

    def relevant(self, *sections: str) -> str:
        """Return the version and the named settings as one line of text.

        How often outcomes are dealt anew is apart from the rest of ``learning``, as
        ``permutations``: no fit of the true ones depends on it.
        """
        chosen = self.settings.model_dump(mode="json", include=set(sections))
        n = chosen.get("learning", {}).pop("permutations", 0)
        if "permutations" in sections:
            chosen["permutations"] = n
        return json.dumps([__version__, chosen], sort_keys=True)

    def objects(self, shard: str) -> list[str]:
        """Return the scans and masks of one shard that are objects in S3, for all to fetch."""
        if not self.has_objects:
            return []
        sources = sources_of(shard_cases(self.out / "shards" / f"{shard}.json"))
        return _watched(path for path in sources if is_remote(path))

    def state(self, shard: str) -> str:
        """Return the file that changes whenever one of these does, watched in their place."""
        return str(state_file(Path(), shard))

    @property
    def masking(self) -> tuple[str, ...]:
        """Return the sections of the settings that masks depend on."""
        return masking_sections(self.settings)

    @property
    def gpus(self) -> int:
        """Return how many graphics cards a job that measures asks for."""
        return int(self.settings.device == "gpu")

    def queue(self, *, gpus: int = 0) -> dict[str, str | int]:
        """Return what a job asks of a cluster by the study's settings, and how many cards."""
        return self.settings.cluster.resources(gpus=gpus)

    @property
    def learning_mb(self) -> int:
        """Return what a job that learns asks for: more where the table of features is large."""
        return max(_LEAST_MB, round(_OF_LIBRARIES_MB + self.n_cells * _LEARNING_MB_A_CELL))

    @property
    def reading_mb(self) -> int:
        """Return what a job asks for that holds the table of features, and learns nothing."""
        return max(_LEAST_MB, round(_OF_LIBRARIES_MB + self.n_cells * _READING_MB_A_CELL))

    @property
    def pinned(self) -> str:
        """Return what keeps a process at one thread, as words of a shell's ``export``."""
        return " ".join(f"{name}=1" for name in PINNED)

    def threads(self, cores: int | None) -> int:
        """Return how many parts of a repeat to run at once, when ``cores`` are at hand.

        Without a limit, as on a cluster, it is one: a profile's ``set-threads`` says more.
        """
        cores = None if cores == sys.maxsize else cores
        share = -(-(cores or 1) // len(self.repeats))
        learning = self.settings.learning
        most = {"folds": learning.outer_folds, "date": 1, "external": 1}
        return max(1, min(share, most.get(learning.design.kind, share)))


def prepare_apart(study_file: str | Path) -> None:
    """Prepare a study in a process of its own.

    Whoever runs the workflow for hours then holds neither what measures nor a hundred thousand
    cases.

    Raises
    ------
    RadpredError
        The study cannot be run; with what the process said.
    """
    line = [sys.executable, "-m", "radpred", "stage", "prepare", str(study_file)]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RadpredError(done.stderr.strip() or f"preparing ended with {done.returncode}")


def load_plan(study_file: str | Path) -> WorkflowPlan:
    """Return the plan of a study as `prepare` left it: what every job of a workflow reads."""
    study = read_study(study_file)
    summary = read_json(study.out / "shards" / "shards.json")
    return WorkflowPlan(
        study,
        tuple(summary["shards"]),
        has_objects=summary["has_objects"],
        n_cells=summary["n_cases"] * summary["n_columns"],
    )


def _watched(paths: Iterable[str]) -> list[str]:
    """Return the paths in order, without those that would be words of the workflow's language."""
    return sorted(path for path in paths if not _WORDS.search(path))
