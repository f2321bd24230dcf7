"""What variants of a study share, and what a sweep writes."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from radpred.config import StudySettings
from radpred.config.study.habitats import BAGGING
from radpred.config.sweep import MEASURED, Sweep, Variant
from radpred.errors import InputError
from radpred.pipeline.evidence.sweep import compare_variants
from radpred.pipeline.learning.fusion import candidates_of
from radpred.pipeline.learning.selected import select_by_inner_score
from radpred.report.sweep import sweep_picture, sweep_text
from radpred.stages.inputs.shards import planned
from radpred.stages.work.files import as_json, read_json, write_bytes, write_if_changed
from radpred.stages.work.lock import NAME as LOCK
from radpred.stages.work.lock import FolderLock
from radpred.table import read_table

MARK = "variant.json"
# What changes no measurement: variants that differ in nothing else are measured once.
_LATER = ("name", "title", "out", "device", "rejected_cases", "learning", "stability", "report")
# What a folder of measurements keeps for itself.
_OWN = {".snakemake", "logs", "masks", "cache", "study.json", "study.yaml", LOCK, MARK}


def measured_folder(sweep: Sweep, variant: Variant) -> Path:
    """Return the folder in which what a variant measures is kept, one for equal settings."""
    settings = variant.study.model_dump(mode="json", exclude=set(_LATER))
    stability = variant.study.stability
    settings["over"] = None if stability is None else stability.over
    if variant.study.habitats is not None:  # how many there are is learnt, not measured
        settings["habitats"] = variant.study.habitats.model_dump(mode="json", include=set(BAGGING))
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()
    return sweep.settings.out / MEASURED / digest[:12]


def targets(study: StudySettings) -> list[str]:
    """Return the files of a run that hold all that is measured."""
    return ["features.parquet", *(["perturbed.parquet"] if study.has_variants else [])]


def predicted(study: StudySettings) -> list[str]:
    """Return the files of a run that hold all that its models said of cases they had not seen."""
    return [f"models/repeat_{repeat}.parquet" for repeat in range(study.learning.n_repeats)]


def said_in(folder: Path) -> pd.DataFrame:
    """Return the out-of-fold predictions of all models of a variant, and of the selected one."""
    study = planned(folder / "study.json")
    parts = [read_table(folder / name)[0] for name in predicted(study)]
    table = pd.concat(parts, ignore_index=True)
    chosen, _ = select_by_inner_score(table[table["model"].isin(candidates_of(study.learning))])
    return pd.concat([chosen, table], ignore_index=True)


def write_study(study: StudySettings, folder: Path) -> Path:
    """Write a study file with all settings, results beside it, and return its path."""
    study = study.model_copy(update={"out": folder})
    write_if_changed(folder / "study.yaml", as_json(study.model_dump(mode="json")))
    return folder / "study.yaml"


def hand_over(measured: Path, folder: Path) -> int:
    """Copy what was measured into a variant's folder and return how many files are new there.

    Files keep their time, so that the workflow sees what is newer than what it made. A folder of
    a variant that was measured otherwise starts anew.

    Raises
    ------
    InputError
        The folder holds something else than a variant (``bad_input``).
    """
    mark = folder / MARK
    found = read_json(mark) if mark.is_file() else None
    if found is None and folder.exists() and any(folder.iterdir()):
        msg = f"{folder} is there, and no variant of a sweep; name another folder with --out"
        raise InputError(msg)
    if found is not None and found["measured"] != measured.name:
        shutil.rmtree(folder)
    write_if_changed(mark, as_json({"measured": measured.name}))
    n_new = 0
    with FolderLock(folder):
        for path in sorted(measured.rglob("*")):
            inside = path.relative_to(measured)
            if path.is_file() and not _OWN & set(inside.parts):
                n_new += _copied(path, folder / inside)
    return n_new


def _copied(path: Path, to: Path) -> bool:
    """Copy a file with its time unless it is there, and return whether it was copied."""
    here = path.stat()
    if to.is_file():
        there = to.stat()
        if (here.st_size, here.st_mtime_ns) == (there.st_size, there.st_mtime_ns):
            return False
    to.parent.mkdir(parents=True, exist_ok=True)
    temporary = to.with_name(f".{to.name}.tmp")
    shutil.copy2(path, temporary)
    temporary.replace(to)
    return True


def write_sweep(sweep: Sweep, folders: Mapping[str, Path]) -> dict[str, Any]:
    """Compare the variants and write ``sweep.json``, ``.csv``, ``.md`` and the picture ``.svg``."""
    first = next(v for v in sweep.variants if v.name == sweep.reference)
    rows = compare_variants(
        {name: said_in(folder) for name, folder in folders.items()},
        reference=sweep.reference,
        model=sweep.settings.model,
        bootstrap_draws=first.study.learning.bootstrap_draws,
        seed=first.study.learning.seed,
    )
    for row, variant in zip(rows, sweep.variants, strict=True):
        row["place"] = dict(variant.place)
        row["at"] = sweep.settings.axis.get(variant.name)
    found = {
        "title": sweep.settings.title or first.study.title or first.study.name,
        "reference": sweep.reference,
        "model": sweep.settings.model,
        "label": sweep.settings.label,
        "bootstrap_draws": first.study.learning.bootstrap_draws,
        "variants": rows,
    }
    out = sweep.settings.out
    write_bytes(out / "sweep.json", as_json(found))
    write_bytes(out / "sweep.csv", _flat(rows).to_csv(index=False).encode())
    write_bytes(out / "sweep.svg", sweep_picture(found, kind="svg"))
    write_bytes(out / "sweep.md", sweep_text(found, picture="sweep.svg").encode())
    return found


def _flat(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Return a table with a column for each number."""
    flat = []
    for row in rows:
        cells: dict[str, Any] = {"variant": row["variant"], "at": row["at"], **row["place"]}
        cells |= {key: row[key] for key in ("n_cases", "n_patients", "n_events")}
        for key in ("auroc", "difference"):
            ends = row.get(key) or {}
            cells |= {f"{key}_{end}": ends.get(end) for end in ("value", "low", "high")}
        cells |= {key: row.get(key) for key in ("p", "p_holm", "n_common", "folds_agree")}
        flat.append(cells)
    return pd.DataFrame(flat)
