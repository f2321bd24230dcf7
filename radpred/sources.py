"""Where an image or a mask is: a path, or a part of what a path holds, as ``path#part``."""

from __future__ import annotations

import os

_REMOTE = "s3://"
# Of files that are whole by themselves: a slice of a series and a header have others beside them.
WHOLE_FILES = (".nii", ".nii.gz", ".nrrd", ".mha", ".npy", ".npz")


def split_source(source: str | os.PathLike[str]) -> tuple[str, str]:
    """Return the path of a source, and the part of it that is meant, "" for all there is.

    Examples
    --------
    >>> split_source("cohort.npz#train_images[17]")
    ('cohort.npz', 'train_images[17]')
    >>> split_source("scan.nii.gz")
    ('scan.nii.gz', '')
    """
    text = os.fspath(source)
    path, sign, part = text.rpartition("#")
    return (path, part) if sign and not os.path.lexists(text) else (text, "")


def joined_source(path: str | os.PathLike[str], part: str) -> str:
    """Return the source that `split_source` takes apart.

    Examples
    --------
    >>> joined_source("series", "1.2.3")
    'series#1.2.3'
    """
    return f"{os.fspath(path)}#{part}" if part else os.fspath(path)


def is_remote(source: str | os.PathLike[str]) -> bool:
    """Tell whether a source is an object in S3: what reads it needs a copy on this machine.

    Examples
    --------
    >>> is_remote("s3://hospital/ct/P1.nii.gz"), is_remote("ct/P1.nii.gz")
    (True, False)
    """
    return os.fspath(source).startswith(_REMOTE)


def is_whole(path: str | os.PathLike[str]) -> bool:
    """Tell whether a file of this name needs no other file beside it.

    Examples
    --------
    >>> is_whole("P1.nii.gz"), is_whole("IM0001.dcm"), is_whole("P1.mhd")
    (True, False, False)
    """
    return os.fspath(path).lower().endswith(WHOLE_FILES)
