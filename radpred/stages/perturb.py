"""Steps `perturb` and `gather`: every case on other masks than its own, and one table of them."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from radpred.cohort import Case, Verdict, siblings
from radpred.config import StudySettings
from radpred.config.study import StabilitySettings
from radpred.errors import InputError
from radpred.pipeline.measuring.measure import study_columns
from radpred.pipeline.variants.kinds import KINDS
from radpred.pipeline.variants.perturb import (
    Variant,
    from_plain,
    measure_variants,
    plain,
)
from radpred.pipeline.variants.repeats import repeats_of
from radpred.stages.extract import Work, hashes_of, kept_files, key_of
from radpred.stages.inputs.at_hand import at_hand
from radpred.stages.inputs.shards import MEASURING, planned, shard_cases
from radpred.stages.segment import COSTS, with_masks
from radpred.stages.work.attempt import attempt
from radpred.stages.work.device import owned_device
from radpred.stages.work.files import (
    as_json,
    sha256_of_source,
    write_bytes,
)
from radpred.stages.work.kept import kept_content
from radpred.stages.work.pool import Loss, each_answered
from radpred.stages.work.pool.again import leave_to_next_attempt, note_limited
from radpred.stages.work.pool.loss import keep_loss, kept_loss
from radpred.stages.work.pool.memory import forget_peak, peak_mb
from radpred.stages.work.pool.worker import tell
from radpred.stages.work.progress import Progress
from radpred.table import read_table, write_table
from radpred.table.reliability import reliability_table
from radpred.version import __version__

KEYS = ["case_id", "kind", "variant"]
FACTS = [*KEYS, "name", "reason", "modality", "dice", "n_voxels", "volume_mm3", "steps"]


@dataclass(frozen=True)
class Repeats:
    """A case to measure again: with its second scans, and its own work for all else."""

    work: Work
    retests: tuple[Case, ...] = ()


@dataclass(frozen=True)
class Repeated:
    """What became of a case: its variants, or why there is none."""

    case: Case
    variants: list[Variant] = field(default_factory=list)
    reason: str = ""
    seconds: float = 0.0
    peak_mb: float = 0.0
    loss: Loss | None = None


def perturb(
    study_json: Path,
    shard: Path,
    masks: Path,
    output: Path,
    *,
    threads: int = 1,
    attempts_left: int = 0,
) -> None:
    """Write the variants of one shard: features, and beside them what is known of each mask.

    A variant that cannot be measured is a row with a reason and no value, and takes nothing else
    with it. Finished cases are kept as `extract` keeps them, and lost ones are tried again as
    `extract` tries them.

    Raises
    ------
    RadpredError
        ``out_of_memory``: a case needs more than the job has, and another attempt may have it.
    """
    study = planned(study_json)
    listed = with_masks(shard_cases(shard), masks)
    cases = [case for case in listed if not case.retest_of]
    cache = study.out / "perturbed" / "cache"
    works = [
        Repeats(
            Work(case, tuple(siblings(case, cases)), study, cache),
            tuple(other for other in listed if other.retest_of == case.case_id),
        )
        for case in cases
    ]
    found: dict[str, Repeated] = {}
    with Progress(study.out, "perturb", output.stem, total=len(cases)) as progress:
        answers = each_answered(
            works, answer, lost=_given_up, limits=study.limits, device=study.device, threads=threads
        )
        for one in answers:
            found[one.case.case_id] = one
            progress.done(one.case.case_id, code=one.reason)
    losses = [(name, one.loss) for name, one in found.items() if one.loss is not None]
    leave_to_next_attempt(losses, attempts_left=attempts_left)
    note_limited(study.out, "perturb", output.stem, losses, study.limits)
    _write_shard([found[case.case_id] for case in cases], study, output)


def answer(repeats: Repeats) -> Repeated:
    """Measure the variants of one case, or take them from what an earlier run kept."""
    started = time.perf_counter()
    forget_peak()
    case = repeats.work.case
    found = attempt(case, lambda: _variants(repeats), stage="perturb")
    seconds, peak = time.perf_counter() - started, peak_mb()
    if isinstance(found, Verdict):
        return Repeated(case, reason=found.code, seconds=seconds, peak_mb=peak)
    if isinstance(found, Loss):
        return _answer_of(case, found)
    return Repeated(case, found, seconds=seconds, peak_mb=peak)


def _variants(repeats: Repeats) -> list[Variant] | Loss:
    """Return the variants of a case, measured or kept, or why it was given up before."""
    work = repeats.work
    kept, lost = kept_files(work)
    with _at_hand(repeats) as here:
        key = _key(here)
        content = kept_content(kept, key)
        if content is not None:
            return from_plain(content["variants"])
        loss = kept_loss(lost, key, work.study.limits)
        if loss is not None:
            return loss
        tell(key)
        variants = measure_variants(
            here.work.case,
            work.study,
            others=here.work.others,
            retests=here.retests,
            device=owned_device(work.study.device),
        )
    write_bytes(kept, as_json({"key": key, "variants": plain(variants)}))
    return variants


@contextmanager
def _at_hand(repeats: Repeats) -> Iterator[Repeats]:
    """Yield a piece of work whose files are on this machine."""
    work = repeats.work
    cases = [work.case, *work.others, *repeats.retests]
    with at_hand(cases, scratch=work.study.scratch) as (case, *rest):
        n_others = len(work.others)
        moved = replace(work, case=case, others=tuple(rest[:n_others]))
        yield replace(repeats, work=moved, retests=tuple(rest[n_others:]))


def _key(repeats: Repeats) -> str:
    """Return what identifies a case's variants: all that its values do, and what moves them."""
    work = repeats.work
    again = [Work(case, (), work.study, work.cache) for case in repeats.retests]
    readings = sorted(
        (reader, modality, sha256_of_source(path))
        for reader, masks in work.case.readers.items()
        for modality, path in masks.items()
    )
    keys = [key_of(one, hashes_of(one, one)) for one in (work, *again)]
    names = [case.case_id for case in (work.case, *repeats.retests)]
    moved = work.study.model_dump(mode="json", include={"perturbation"})
    parts = [keys, names, readings, moved, work.study.repeats_over]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _given_up(repeats: Repeats, loss: Loss) -> Repeated:
    """Return what stands for a case whose process had to be ended, or ended without a word."""
    keep_loss(kept_files(repeats.work)[1], loss)
    return _answer_of(repeats.work.case, loss)


def _answer_of(case: Case, loss: Loss) -> Repeated:
    """Return the answer that a loss is."""
    return Repeated(case, reason=loss.code, seconds=loss.seconds, peak_mb=loss.peak_mb, loss=loss)


def _write_shard(found: Sequence[Repeated], study: StudySettings, output: Path) -> None:
    """Write the tables of one shard; their columns do not depend on the cases in it."""
    modalities = list(found[0].case.images) if found else [""]
    columns = list(study_columns(study, modalities)) if found else []
    rows = [(one.case.case_id, v) for one in found for v in one.variants]
    values = pd.DataFrame([v.values for _, v in rows], columns=columns).astype(float)
    keys = pd.DataFrame([(c, v.kind, v.variant) for c, v in rows], columns=KEYS)
    facts = [fact for case_id, v in rows for fact in _facts(case_id, v)]
    facts += [_lost(one) for one in found if one.reason]
    table = pd.DataFrame(facts, columns=FACTS)
    write_table(table, output.with_suffix(".variants.parquet"), metadata={})
    write_table(_costs(found), output.with_suffix(".costs.parquet"), metadata={})
    settings = study.model_dump(mode="json", include={*MEASURING, "perturbation", "stability"})
    metadata = {"version": __version__, "settings": settings}
    write_table(pd.concat([keys, values], axis=1), output, metadata=metadata)


def _costs(found: Sequence[Repeated]) -> pd.DataFrame:
    """Return what each case took, in the columns of `extract`."""
    rows = [
        (
            one.case.case_id,
            "perturb",
            "rejected" if one.reason else "accepted",
            one.seconds,
            one.peak_mb,
            "{}",
        )
        for one in found
    ]
    return pd.DataFrame(rows, columns=COSTS)


def _facts(case_id: str, variant: Variant) -> list[dict[str, Any]]:
    """Return a row on each mask of a variant, or one that says why there is none."""
    known = {
        "case_id": case_id,
        "kind": variant.kind,
        "variant": variant.variant,
        "name": variant.name,
        "reason": variant.reason,
    }
    return [known | mask for mask in variant.masks] or [{**known, "modality": ""}]


def _lost(one: Repeated) -> dict[str, Any]:
    """Return a row on a case of which no variant could be measured."""
    known = {"case_id": one.case.case_id, "kind": "", "variant": 0, "name": ""}
    return {**known, "reason": one.reason, "modality": ""}


def gather(study_json: Path, features: Path, shards: Sequence[Path], output: Path) -> None:
    """Join the shards' variants, and each case as it was given as variant 0, into one table.

    Beside ``perturbed.parquet`` stands ``variants.parquet``: what was done to each mask, and how
    it compares with the one that was given; and ``stability.parquet``: how well each column
    repeats over all cases, which no model looks at. Columns that do not come from images are left
    out.

    Raises
    ------
    InputError
        Stability is to be judged over what no case has.
    """
    study = planned(study_json)
    given = read_table(features)[0]
    given.insert(1, "kind", "given")
    given.insert(2, "variant", 0)
    tables = [table for path in shards if len(table := read_table(path)[0])]
    columns = list((tables[0] if tables else given).columns)
    known = set(given["case_id"])
    variants = [table.loc[table["case_id"].isin(known), columns] for table in tables]
    everything = pd.concat([given[columns], *variants])
    everything = everything.sort_values(KEYS, kind="stable", ignore_index=True)
    _refuse_nothing(study, everything)
    write_table(_reached(study, everything), output.with_name("stability.parquet"), metadata={})
    beside = [read_table(path.with_suffix(".variants.parquet"))[0] for path in shards]
    facts = pd.concat([table for table in beside if len(table)] or beside[:1])
    facts = facts.sort_values([*KEYS, "modality"], kind="stable", ignore_index=True)
    write_table(facts, output.with_name("variants.parquet"), metadata={})
    write_table(everything, output, metadata=read_table(shards[0])[1])


def _reached(study: StudySettings, table: pd.DataFrame) -> pd.DataFrame:
    """Return how well each column repeats, one row a column."""
    settings = study.stability or StabilitySettings()
    repeats = repeats_of(table, over=settings.over)
    if repeats.empty:
        return pd.DataFrame(columns=["column", "estimate", "low", "high", "n_cases"])
    return reliability_table(repeats, settings.statistic).reset_index()


def perturbed_table(
    cases: Sequence[Case],
    study: StudySettings,
    *,
    told: Callable[[int, int], None] | None = None,
) -> pd.DataFrame | None:
    """Return the features of cases on perturbed masks; None where their study perturbs none.

    Returns
    -------
    DataFrame
        Indexed by ``case_id``, ``kind`` and ``variant``; without variants that cannot be measured.
    """
    if study.perturbation is None or not cases:
        return None
    alone = study.model_copy(update={"stability": None})  # what readers say is known by now
    device = owned_device(study.device)
    rows: dict[tuple[str, str, int], dict[str, float]] = {}
    for count, case in enumerate(cases, start=1):
        work = partial(measure_variants, case, alone, others=siblings(case, cases), device=device)
        found = attempt(case, work, stage="perturb")
        for one in [] if isinstance(found, Verdict) else found:
            if not one.reason:
                rows[case.case_id, one.kind, one.variant] = one.values
        if told is not None:
            told(count, len(cases))
    columns = study_columns(study, list(cases[0].images))
    index = pd.MultiIndex.from_tuples(list(rows), names=KEYS)
    return pd.DataFrame(list(rows.values()), index=index, columns=list(columns), dtype=float)


def _refuse_nothing(study: StudySettings, table: pd.DataFrame) -> None:
    """Refuse to judge stability over repeats that no case has."""
    if study.stability is None or (table["kind"] == KINDS[study.stability.over]).any():
        return
    needs = {
        "perturbations": "masks that can be moved",
        "readers": "rows of one case_id with a different reader each",
        "retest": "rows of second scans, with the case_id that they repeat in the column retest_of",
    }[study.stability.over]
    msg = f"stability over {study.stability.over}: no case has a repeat; wanted are {needs}"
    raise InputError(msg, code="no_repeats")
