"""What earlier runs kept of a case, by the content of what it was made from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from radpred.stages.work.files import file_name_of, read_json


def kept_file(cache: Path, case_id: str, ending: str = "json") -> Path:
    """Return the file in which what became of a case is kept."""
    return cache / f"{file_name_of(case_id)}.{ending}"


def kept_content(path: Path, key: str) -> dict[str, Any] | None:
    """Return what an earlier run kept, if it was made the same way from the same files."""
    if not path.is_file():
        return None
    content: dict[str, Any] = read_json(path)
    return content if content["key"] == key else None
