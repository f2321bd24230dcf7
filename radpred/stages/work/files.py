"""Files between steps: written under a temporary name, then renamed, so that none is half there."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd

from radpred.errors import InputError
from radpred.sources import split_source
from radpred.writing import write_whole

LONGEST_NAME = 120  # file systems take 255 bytes, and endings follow


def write_bytes(path: Path, content: bytes) -> None:
    """Write ``content`` so that ``path`` holds either the old bytes or all of the new."""
    write_whole(path, lambda unfinished: unfinished.write_bytes(content))


def write_if_changed(path: Path, content: bytes) -> bool:
    """Write ``content`` unless ``path`` holds it already, and return whether it was written."""
    if path.is_file() and path.read_bytes() == content:
        return False
    write_bytes(path, content)
    return True


def as_json(value: Any) -> bytes:
    """Return ``value`` as readable JSON, paths as text, keys in the order given."""
    text = json.dumps(value, indent=1, ensure_ascii=False, default=str, allow_nan=False)
    return (text + "\n").encode()


def read_json(path: Path) -> Any:
    """Return the JSON value in ``path``."""
    return json.loads(path.read_text(encoding="utf-8"))


def read_text_table(path: Path) -> pd.DataFrame:
    """Return a CSV file with every cell as the text that stands in it.

    Raises
    ------
    InputError
        The file is missing, empty, or not a table.
    """
    if not path.is_file():
        msg = f"{path}: no such table; name an existing CSV file in the study file"
        raise InputError(msg, code="missing_file")
    try:
        return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        msg = f"{path}: not readable as a CSV table in UTF-8: {error}"
        raise InputError(msg, code="bad_table") from error


def sha256_of(path: str | Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha256_of_source(source: str) -> str:
    """Return the SHA-256 of what a source names: of a file, or of all names and files in a folder.

    Of a part of a file or a folder it is that of the whole, with the part's name.
    """
    path, part = split_source(source)
    if not Path(path).is_dir() and not part:
        return sha256_of(path)
    files = sorted(file for file in Path(path).rglob("*") if file.is_file()) or [Path(path)]
    content = [(file.relative_to(path).as_posix(), sha256_of(file)) for file in files]
    return hashlib.sha256(json.dumps([content, part]).encode()).hexdigest()


def file_name_of(case_id: str) -> str:
    """Return a case id as a file name: one to one, whatever characters it has, and how many."""
    name = quote(case_id, safe=" ").replace(".", "%2E")
    if len(name) <= LONGEST_NAME:
        return name
    # A plus sign stands in no quoted text, so that no other id has this name.
    return f"{name[:LONGEST_NAME]}+{hashlib.sha256(case_id.encode()).hexdigest()[:32]}"
