"""Where the voxels of a file lie: in the file itself, or in one file beside its header."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from radpred.errors import InputError

HEAD_BYTES = 1 << 20  # where a header has to end
# No path, no pattern (%), no standard input, and no list of files.
_NAME = re.compile(r"(?!LIST)(?!-$)(?!\.{1,2}$)[^/\\%\x00-\x1f\x7f]{1,255}")


@dataclass(frozen=True, kw_only=True)
class Voxels:
    """The file that holds the voxels.

    Parameters
    ----------
    path : Path
        The file.
    is_packed : bool
        Whether they may take less room there than in memory.
    """

    path: Path
    is_packed: bool = True


def head_of(path: Path, *, n_bytes: int = HEAD_BYTES) -> bytes:
    """Return the beginning of a file."""
    with path.open("rb") as file:
        return file.read(n_bytes)


def file_beside(path: Path, name: str) -> Path:
    """Return the file beside a header that the header names.

    Raises
    ------
    InputError
        ``unreadable_file``: a path, a pattern or a list, or no such file.
    """
    if not (_NAME.fullmatch(name) and (path.parent / name).is_file()):
        msg = (
            f"{path}: its voxels are said to lie in {name[:100]!r}, which is no file beside it; "
            "save image and header in one file (.mha, .nrrd or NIfTI)"
        )
        raise InputError(msg, code="unreadable_file")
    return path.parent / name


def broken(path: Path, reason: str) -> InputError:
    """Return the error on a file that ITK must not see."""
    msg = f"{path}: not readable ({reason}); copy the file again, or save the image again"
    return InputError(msg, code="unreadable_file")
