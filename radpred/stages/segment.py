"""Step `segment`: a mask for every case of a shard: as given, as readers agree, or made."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from radpred.cohort import Case, Verdict, to_frame
from radpred.config import StudySettings
from radpred.io import write_mask
from radpred.pipeline.measuring.measure import segmented
from radpred.sources import split_source
from radpred.stages.inputs.at_hand import at_hand
from radpred.stages.inputs.readers import made_consensus, write_agreement
from radpred.stages.inputs.shards import masking_sections, planned, shard_cases
from radpred.stages.work.attempt import attempt
from radpred.stages.work.files import as_json, file_name_of, sha256_of_source, write_bytes
from radpred.stages.work.kept import kept_content, kept_file
from radpred.stages.work.pool import Loss, each_answered, verdict_on
from radpred.stages.work.pool.again import leave_to_next_attempt, note_limited
from radpred.stages.work.pool.loss import keep_loss, kept_loss
from radpred.stages.work.pool.memory import forget_peak, peak_mb
from radpred.stages.work.pool.worker import tell
from radpred.stages.work.progress import Progress
from radpred.table import read_table, write_table
from radpred.version import __version__

COSTS = ["case_id", "stage", "status", "seconds", "peak_mb", "sha256"]


@dataclass(frozen=True)
class Segmentable:
    """One case, and how and where its masks are made."""

    case: Case
    study: StudySettings


@dataclass(frozen=True)
class Segmented:
    """The masks of one case, or why there are none, and what they cost."""

    case: Case
    masks: Mapping[str, str] = field(default_factory=dict)
    verdicts: Sequence[Verdict] = ()
    agreement: Sequence[dict[str, Any]] = ()
    seconds: float = 0.0
    peak_mb: float = 0.0
    loss: Loss | None = None


def segment(
    study_json: Path, shard: Path, output: Path, *, threads: int = 1, attempts_left: int = 0
) -> None:
    """Write the table of masks of one shard, and the masks that had to be made.

    A case whose lesion cannot be found, that ends its process, or that takes more than it may is a
    row with its verdict; the others go on.

    Raises
    ------
    RadpredError
        ``out_of_memory``: a case needs more than the job has, and another attempt may have it.
    """
    study = planned(study_json)
    cases = shard_cases(shard)
    found = {case.case_id: Segmented(case, case.masks) for case in cases}
    works = [Segmentable(case, study) for case in cases if is_made(case, study)]
    with Progress(study.out, "segment", output.stem, total=len(cases)) as progress:
        for case in cases:
            if not is_made(case, study):
                progress.judged(case.case_id, [])
        # The device is for measuring: masks are made on the CPU.
        answers = each_answered(
            works, answer, lost=_lost, limits=study.limits, device="cpu", threads=threads
        )
        for one in answers if works else ():
            found[one.case.case_id] = one
            progress.judged(one.case.case_id, one.verdicts)
    losses = [(name, one.loss) for name, one in found.items() if one.loss is not None]
    leave_to_next_attempt(losses, attempts_left=attempts_left)
    note_limited(study.out, "segment", output.stem, losses, study.limits)
    _write_shard(list(found.values()), {work.case.case_id for work in works}, study, output)


def _write_shard(
    found: Sequence[Segmented], made: Collection[str], study: StudySettings, output: Path
) -> None:
    """Write the tables of one shard: masks, verdicts, agreement, and what making masks cost."""
    rows = [_row(one.case, modality, path) for one in found for modality, path in one.masks.items()]
    table = pd.DataFrame(rows, columns=["case_id", "modality", "mask"]).astype(str)
    verdicts = [verdict for one in found for verdict in one.verdicts]
    write_table(to_frame(verdicts), output.with_suffix(".verdicts.parquet"), metadata={})
    agreement = [row for one in found for row in one.agreement]
    write_agreement(agreement, output.with_suffix(".agreement.parquet"))
    costs = [
        (one.case.case_id, "segment", _status(one), one.seconds, one.peak_mb, "{}")
        for one in found
        if one.case.case_id in made
    ]
    write_table(
        pd.DataFrame(costs, columns=COSTS), output.with_suffix(".costs.parquet"), metadata={}
    )
    write_table(table, output, metadata=study.segmentation.model_dump(mode="json"))


def _status(one: Segmented) -> str:
    """Return the gravest status of the verdicts on a case."""
    said = {verdict.status for verdict in one.verdicts}
    return next((status for status in ("rejected", "noted") if status in said), "accepted")


def is_made(case: Case, study: StudySettings) -> bool:
    """Tell whether the masks of a case are made, and not taken as they were given."""
    settings = study.segmentation
    return bool(case.readers) or settings.redrawn_dice is not None or settings.method != "given"


def answer(work: Segmentable) -> Segmented:
    """Make the masks of one case, or take them from what an earlier run kept."""
    started = time.perf_counter()
    forget_peak()
    found = attempt(work.case, lambda: _segmented(work), stage="segment")
    if isinstance(found, Loss):
        return _answer_of(work, found)
    if isinstance(found, Verdict):
        found = Segmented(work.case, verdicts=[found])
    return replace(found, seconds=time.perf_counter() - started, peak_mb=peak_mb())


def _segmented(work: Segmentable) -> Segmented | Loss:
    """Return the masks of a case, made or kept, or why it was given up before."""
    kept, lost = _kept_files(work)
    with at_hand([work.case], scratch=work.study.scratch) as (here,):
        key = _key(here, work.study)
        content = kept_content(kept, key)
        if content is not None and content["files"] == _hashes(content["masks"]):
            verdicts = [Verdict(**verdict) for verdict in content["verdicts"]]
            return Segmented(work.case, content["masks"], verdicts, content["agreement"])
        loss = kept_loss(lost, key, work.study.limits)
        if loss is not None:
            return loss
        tell(key)
        # What is here need not be copied again.
        found = _made(here, work.study.model_copy(update={"scratch": ""}))
    if found.masks:
        told = {
            "key": key,
            "masks": found.masks,
            "files": _hashes(found.masks),
            "verdicts": [asdict(verdict) for verdict in found.verdicts],
            "agreement": [
                {name: None if value != value else value for name, value in row.items()}
                for row in found.agreement
            ],
        }
        write_bytes(kept, as_json(told))
    return replace(found, case=work.case)


def _made(case: Case, study: StudySettings) -> Segmented:
    """Return the masks of a case as its study makes them."""
    folder = study.out / "masks"
    if case.readers:
        return Segmented(case, *made_consensus(case, study, folder))
    if study.segmentation.redrawn_dice is not None:
        return Segmented(case, *redrawn(case, study, folder))
    return Segmented(case, *made(case, study, folder))


def _kept_files(work: Segmentable) -> tuple[Path, Path]:
    """Return the files in which a case's masks are named, and why it was lost is kept."""
    cache, name = work.study.out / "masks" / "cache", work.case.case_id
    return kept_file(cache, name), kept_file(cache, name, "lost.json")


def _key(case: Case, study: StudySettings) -> str:
    """Return what identifies masks: the version, settings, prompts and content of files."""
    settings = study.model_dump(mode="json", include=set(masking_sections(study)))
    prompts = [case.case_id, case.mask_label, case.place, case.box, case.point, case.extreme_points]
    files = [_hashes(paths) for paths in (case.images, case.masks, *case.readers.values())]
    parts = [__version__, settings, prompts, files, list(case.readers)]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _hashes(paths: Mapping[str, str]) -> dict[str, str]:
    """Return the SHA-256 of files by modality, "" of one that is not there."""
    return {
        name: sha256_of_source(path) if Path(split_source(path)[0]).exists() else ""
        for name, path in paths.items()
    }


def _lost(work: Segmentable, loss: Loss) -> Segmented:
    """Return the verdict on a case whose process had to be ended, or ended without a word."""
    keep_loss(_kept_files(work)[1], loss)
    return _answer_of(work, loss)


def _answer_of(work: Segmentable, loss: Loss) -> Segmented:
    """Return the answer that a loss is."""
    verdict = verdict_on(work.case, loss, stage="segment")
    return Segmented(work.case, {}, [verdict], (), loss.seconds, loss.peak_mb, loss)


def with_masks(cases: list[Case], table: Path) -> list[Case]:
    """Return the cases of a shard that have a mask, with the masks that `segment` named.

    Cases of tables alone need none.
    """
    frame, settings = read_table(table)
    # A file of a redrawn mask holds that lesion alone, as 1, whatever the given one's label was.
    own: dict[str, Any] = (
        {} if settings.get("redrawn_dice") is None else {"mask_label": "1", "place": None}
    )
    masks: dict[str, dict[str, str]] = {}
    for case_id, modality, mask in frame.itertuples(index=False):
        masks.setdefault(case_id, {})[modality] = mask
    return [
        replace(case, masks=masks.get(case.case_id, {}), **own)
        for case in cases
        if case.case_id in masks or case.is_of_tables
    ]


def _row(case: Case, modality: str, path: str | Path) -> dict[str, str]:
    """Return one line of the table of masks."""
    return {"case_id": case.case_id, "modality": modality, "mask": str(path)}


def made(
    case: Case, study: StudySettings, folder: Path, *, stage: str = "segment"
) -> tuple[dict[str, str], list[Verdict]]:
    """Return the mask of a case made in its box on its first image, or why there is none."""
    path = folder / f"{file_name_of(case.case_id)}.nii.gz"

    def find() -> None:
        with at_hand([case], scratch=study.scratch) as (here,):
            write_mask(segmented(here, study, modality=next(iter(case.images))), path)

    verdict = attempt(case, find, stage=stage)
    return ({"": str(path)}, []) if verdict is None else ({}, [verdict])


def redrawn(case: Case, study: StudySettings, folder: Path) -> tuple[dict[str, str], list[Verdict]]:
    """Return the masks of a case drawn anew, one an image, or why there is none."""
    from radpred.pipeline.variants.redrawn import redrawn_masks  # few studies use it

    masks: dict[str, str] = {}

    def draw() -> None:
        with at_hand([case], scratch=study.scratch) as (here,):
            drawn = redrawn_masks(here, study)
        for modality, mask in drawn.items():
            named = file_name_of(case.case_id) + (f".{modality}" if modality else "")
            path = folder / f"{named}.nii.gz"
            write_mask(mask, path)
            masks[modality] = str(path)

    verdict = attempt(case, draw, stage="segment")
    return (masks, []) if verdict is None else ({}, [verdict])
