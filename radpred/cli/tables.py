"""Options that name files: NAME=FILE."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from radpred.errors import InputError


def named_files(given: Sequence[str]) -> dict[str, Path]:
    """Return files by name from words such as ``deep=embedding.csv``.

    Raises
    ------
    InputError
        A word without a name or a file, or a name that comes twice.
    """
    files: dict[str, Path] = {}
    for word in given:
        name, sign, file = word.partition("=")
        if not (name and sign and file) or name in files:
            msg = f"got {word!r}; write NAME=FILE, each name once, as in deep=embedding.csv"
            raise InputError(msg)
        files[name] = Path(file)
    return files
