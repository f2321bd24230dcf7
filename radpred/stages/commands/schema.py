"""The JSON schema of a study file, from the settings themselves."""

from __future__ import annotations

from pathlib import Path

from radpred.config import StudySettings
from radpred.stages.work.files import as_json, write_bytes

NAME = "study.schema.json"


def schema() -> bytes:
    """Return the schema as JSON text."""
    dialect = "https://json-schema.org/draft/2020-12/schema"
    return as_json({"$schema": dialect, **StudySettings.model_json_schema()})


def write_schema(folder: Path) -> Path:
    """Write the schema into ``folder`` and return its path."""
    path = folder / NAME
    write_bytes(path, schema())
    return path
