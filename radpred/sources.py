"""Where an image or a mask is: a path, or a part of what a path holds, as ``path#part``."""

from __future__ import annotations

import os


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
