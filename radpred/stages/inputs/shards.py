"""What a plan leaves for its steps: settings, the cases of each shard, the state of their files.

Every job of a study reads a part of this before it starts, so that nothing that measures is
loaded here. A workflow that watched each scan of a hundred thousand cases would pay seconds and
hundreds of megabytes before it starts: it watches one small file a shard, which changes whenever
one of the shard's scans or masks does.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from radpred.cohort import Case
from radpred.config import StudySettings
from radpred.config.study.habitats import BAGGING
from radpred.sources import split_source
from radpred.stages.work.files import read_json

# The sections of a study file that a case's values depend on.
MEASURING = ("regions", "extraction", "modalities", "lesions")
_PLACES = ("box", "place", "point", "extreme_points")


def planned(study_json: str | Path) -> StudySettings:
    """Return the settings that a plan wrote for its steps."""
    return StudySettings.model_validate(read_json(Path(study_json)))


def measuring_settings(study: StudySettings) -> dict[str, Any]:
    """Return the settings that a case's values depend on; of habitats only how bags are made."""
    settings = study.model_dump(mode="json", include=set(MEASURING))
    if study.habitats is not None:
        settings["habitats"] = study.habitats.model_dump(mode="json", include=set(BAGGING))
    return settings


def masking_sections(study: StudySettings) -> tuple[str, ...]:
    """Return the sections of the settings that masks depend on."""
    reading = ("lesions", "extraction", "modalities")
    has_readers = study.readers.consensus != "refused"
    return ("segmentation", *(("readers", *reading) if has_readers else ()))


def shard_cases(path: str | Path) -> list[Case]:
    """Return the cases of one shard file."""
    return [_case(item) for item in read_json(Path(path))]


def _case(item: dict[str, Any]) -> Case:
    """Return a case from its JSON form."""
    lists = {name: tuple(item[name]) for name in _PLACES if item[name]}
    return Case(**{**item, **lists})


def as_lines(cases: Sequence[Case]) -> bytes:
    """Return cases as a JSON list with a line for each."""
    names = [field.name for field in fields(Case)]
    lines = [
        json.dumps({name: getattr(case, name) for name in names}, ensure_ascii=False)
        for case in cases
    ]
    return ("[\n" + ",\n".join(lines) + "\n]\n").encode()


def sources_of(cases: Sequence[Case]) -> list[str]:
    """Return the scans and masks that cases are read from, in order, each once."""
    masks = [path for case in cases for path in (*case.masks.values(), case.organ_mask)]
    masks += [p for case in cases for own in case.readers.values() for p in own.values()]
    scans = [path for case in cases for path in case.images.values()]
    return sorted({split_source(path)[0] for path in (*masks, *scans) if path})


def state_file(out: Path, shard: str) -> Path:
    """Return where the state of a shard's files is kept, in a folder of results."""
    return out / "shards" / "state" / f"{shard}.txt"


def state_of(sources: Iterable[str]) -> bytes:
    """Return a line for each file: size, time of its last change in ns, and path."""
    return "".join(f"{_size_and_time(path)} {path}\n" for path in sources).encode()


def _size_and_time(path: str) -> str:
    """Return size and time of a file or folder; of one that is gone, that it is."""
    try:
        state = os.stat(path)  # noqa: PTH116 - a hundred thousand of them
    except OSError:
        return "absent"
    return f"{state.st_size} {state.st_mtime_ns}"
