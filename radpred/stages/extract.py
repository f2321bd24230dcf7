"""Step `extract`: every case of a shard measured, and a verdict for each."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from radpred.cohort import Case, Verdict, siblings, to_frame
from radpred.config import StudySettings
from radpred.pipeline.measuring.measure import SIZES, Measured, measure, study_columns
from radpred.pipeline.measuring.pieces import first_modality
from radpred.stages.inputs.at_hand import at_hand
from radpred.stages.inputs.shards import measuring_settings, planned, shard_cases
from radpred.stages.segment import COSTS, with_masks
from radpred.stages.work.attempt import attempt, verdict_of
from radpred.stages.work.device import owned_device
from radpred.stages.work.files import (
    as_json,
    sha256_of_source,
    write_bytes,
)
from radpred.stages.work.kept import kept_content, kept_file
from radpred.stages.work.pool import Loss, each_answered, verdict_on
from radpred.stages.work.pool.again import leave_to_next_attempt, note_limited
from radpred.stages.work.pool.loss import keep_loss, kept_loss
from radpred.stages.work.pool.memory import forget_peak, peak_mb
from radpred.stages.work.pool.worker import tell
from radpred.stages.work.progress import Progress
from radpred.table import write_table
from radpred.table.bags import Bag, bags_frame
from radpred.version import __version__


@dataclass(frozen=True)
class Answer:
    """What became of one case: its measurements or its verdict, and what it cost."""

    case: Case
    measured: Measured | None
    verdict: Verdict
    seconds: float = 0.0
    peak_mb: float = 0.0
    inputs: dict[str, str] = field(default_factory=dict)
    loss: Loss | None = None


@dataclass(frozen=True)
class Work:
    """One case, what it is measured with, and where a finished one is kept."""

    case: Case
    others: tuple[Case, ...]
    study: StudySettings
    cache: Path


def extract(
    study_json: Path,
    shard: Path,
    masks: Path,
    output: Path,
    *,
    threads: int = 1,
    attempts_left: int = 0,
) -> None:
    """Write the features of one shard, with their reasons, regions and verdicts beside.

    A case that cannot be measured, that ends its process, or that takes more than it may is a
    verdict; the others go on. Finished cases are kept by the content of their files and settings,
    so that a run that was stopped goes on where it was.

    Raises
    ------
    RadpredError
        ``out_of_memory``: a case needs more than the job has, and another attempt may have it.
    """
    study = planned(study_json)
    # Second scans train nothing: `perturb` measures them.
    cases = [case for case in with_masks(shard_cases(shard), masks) if not case.retest_of]
    works = [
        Work(case, tuple(siblings(case, cases)), study, study.out / "features" / "cache")
        for case in cases
    ]
    answers: list[Answer] = []
    with Progress(study.out, "extract", output.stem, total=len(cases)) as progress:
        for answer in answered(works, threads=threads):
            answers.append(answer)
            progress.judged(answer.case.case_id, [answer.verdict])
    losses = [(a.case.case_id, a.loss) for a in answers if a.loss is not None]
    leave_to_next_attempt(losses, attempts_left=attempts_left)
    note_limited(study.out, "extract", output.stem, losses, study.limits)
    order = {case.case_id: place for place, case in enumerate(cases)}
    write_shard(sorted(answers, key=lambda a: order[a.case.case_id]), study, output)


def answered(works: list[Work], *, threads: int) -> Iterator[Answer]:
    """Yield an answer for every piece of work, as they come; a lost one is a verdict."""
    if not works:
        return
    study = works[0].study
    yield from each_answered(
        works, answer, lost=_lost, limits=study.limits, device=study.device, threads=threads
    )


def answer(work: Work) -> Answer:
    """Measure one case, or take it from what an earlier run kept."""
    started = time.perf_counter()
    forget_peak()
    found = attempt(work.case, lambda: _measured(work), stage="extract")
    seconds, peak = time.perf_counter() - started, peak_mb()
    if isinstance(found, Verdict):
        return Answer(work.case, None, found, seconds, peak)
    if isinstance(found, Loss):
        return _answer_of(work, found)
    measured, inputs = found
    return Answer(work.case, measured, verdict_of(work.case, measured), seconds, peak, inputs)


def _measured(work: Work) -> tuple[Measured, dict[str, str]] | Loss:
    """Return the measurements of a case and the hashes of its files.

    A case that went beyond a limit before, and would again, is not tried.
    """
    if work.case.is_of_tables:
        return Measured(values={}, reasons={}), {}
    kept, lost = kept_files(work)
    with at_hand([work.case, *work.others], scratch=work.study.scratch) as (case, *others):
        inputs = hashes_of(work, replace(work, case=case, others=tuple(others)))
        key = key_of(work, inputs)
        measured = _kept(kept, key)
        if measured is None:
            loss = kept_loss(lost, key, work.study.limits)
            if loss is not None:
                return loss
            tell(key)
            device = owned_device(work.study.device)
            measured = measure(case, work.study, others=tuple(others), device=device)
            write_bytes(kept, as_json({"key": key, "measured": _plain(measured)}))
    return measured, inputs


def hashes_of(work: Work, here: Work) -> dict[str, str]:
    """Return the SHA-256 of the files of a piece of work by name, read from where they are now."""
    names, paths = roles_of(work), roles_of(here)
    return {name: sha256_of_source(path) for (_, name), (_, path) in zip(names, paths, strict=True)}


def kept_files(work: Work) -> tuple[Path, Path]:
    """Return the files in which a case's values, and why it was lost, are kept."""
    name = work.case.case_id
    return kept_file(work.cache, name), kept_file(work.cache, name, "lost.json")


def _lost(work: Work, loss: Loss) -> Answer:
    """Return the verdict on a case whose process had to be ended, or ended without a word."""
    keep_loss(kept_files(work)[1], loss)
    return _answer_of(work, loss)


def _answer_of(work: Work, loss: Loss) -> Answer:
    """Return the answer that a loss is."""
    verdict = verdict_on(work.case, loss, stage="extract")
    return Answer(work.case, None, verdict, loss.seconds, loss.peak_mb, loss=loss)


def write_shard(answers: list[Answer], study: StudySettings, output: Path) -> None:
    """Write the tables of one shard; their columns do not depend on the cases in it."""
    good = [(a, a.measured) for a in answers if a.measured is not None]
    modalities = list(answers[0].case.images) if answers else [""]
    columns = list(study_columns(study, modalities)) if answers else []
    frame = pd.DataFrame(
        [m.values for _, m in good], index=[a.case.case_id for a, _ in good], columns=columns
    ).astype(float)
    frame.index = frame.index.astype(str)
    frame.insert(0, "case_id", frame.index)
    reasons = [(a.case.case_id, name, why) for a, m in good for name, why in m.reasons.items()]
    regions = [row for _, m in good for row in m.regions]
    sizes = [row for _, m in good for row in m.sizes]
    costs = [
        (a.case.case_id, "extract", a.verdict.status, a.seconds, a.peak_mb, json.dumps(a.inputs))
        for a in answers
    ]
    beside = {
        "reasons": pd.DataFrame(reasons, columns=["case_id", "column", "reason"], dtype=str),
        "regions": pd.DataFrame(regions, columns=_REGION_COLUMNS),
        "sizes": pd.DataFrame(sizes, columns=SIZES),
        "costs": pd.DataFrame(costs, columns=COSTS),
        "verdicts": to_frame([a.verdict for a in answers]),
    }
    if study.habitats is not None:
        bags = {a.case.case_id: m.bag for a, m in good if m.bag is not None}
        beside["bags"] = bags_frame(bags, modality=first_modality(modalities))
    for kind, table in beside.items():
        write_table(table, output.with_suffix(f".{kind}.parquet"), metadata={})
    metadata = {"version": __version__, "settings": measuring_settings(study)}
    write_table(frame, output, metadata=metadata)


_REGION_COLUMNS = [
    "case_id",
    "modality",
    "region",
    "n_voxels",
    "volume_mm3",
    "kept_fraction",
    "reason",
]


def roles_of(work: Work) -> list[tuple[str, str]]:
    """Return the files that a case's values depend on, each with the part it plays."""
    case = work.case
    roles = [(f"image {modality}", path) for modality, path in case.images.items() if path]
    roles += [(f"mask {modality}", path) for modality, path in case.masks.items()]
    roles += [("organ", case.organ_mask)] if case.organ_mask else []
    for other in work.others:
        roles += [
            (f"other {modality} {other.mask_label} {other.place or ''}".rstrip(), path)
            for modality, path in other.masks.items()
        ]
    return roles


def key_of(work: Work, inputs: dict[str, str]) -> str:
    """Return what identifies a case's values: files' content by role, settings, the version."""
    settings = measuring_settings(work.study)
    files = sorted((role, inputs[path]) for role, path in roles_of(work))
    parts = [__version__, files, settings, work.case.mask_label, work.case.place]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _kept(path: Path, key: str) -> Measured | None:
    """Return what an earlier run kept, if it was measured the same way from the same files."""
    content = kept_content(path, key)
    if content is None:
        return None
    found = content["measured"]
    values = {k: float("nan") if v is None else v for k, v in found["values"].items()}
    bag = Bag.from_plain(found["bag"]) if found.get("bag") else None
    return Measured(**{**found, "values": values, "notes": tuple(found["notes"]), "bag": bag})


def _plain(measured: Measured) -> dict[str, Any]:
    """Return measurements as JSON holds them: null where there is no value."""
    content = asdict(replace(measured, bag=None))
    content["bag"] = None if measured.bag is None else measured.bag.plain()
    content["values"] = {k: None if v != v else v for k, v in measured.values.items()}
    return content
