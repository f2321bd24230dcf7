"""Headers that ITK must not see: it crashes, waits for ever, or reads files elsewhere."""

from __future__ import annotations

from pathlib import Path

import SimpleITK as sitk

from radpred.errors import InputError
from radpred.io.promises.meta import is_meta, meta_voxels
from radpred.io.promises.nrrd import is_nrrd, nrrd_voxels
from radpred.io.promises.pairs import is_pair, pair_voxels
from radpred.io.promises.voxels import Voxels

# Formats that may name any file of the machine as theirs.
_ELSEWHERE = ("Bruker2dseqImageIO", "HDF5ImageIO", "MINCImageIO", "StimulateImageIO")


def refuse_broken_header(path: Path) -> None:
    """Refuse a header that ITK crashes or hangs on, or that names files elsewhere.

    Raises
    ------
    InputError
        ``unreadable_file``; ``unknown_file_type``: a format whose voxels may lie anywhere.
    """
    voxels_of(path)
    kind = sitk.ImageFileReader.GetImageIOFromFileName(str(path))
    if kind in _ELSEWHERE:
        msg = f"{path}: a file of {kind}, whose voxels may lie in any file; save it as NIfTI"
        raise InputError(msg, code="unknown_file_type")


def voxels_of(path: Path) -> Voxels:
    """Return where the voxels of a file lie.

    Raises
    ------
    InputError
        ``unreadable_file``.
    """
    if is_nrrd(path):
        return nrrd_voxels(path)
    if is_meta(path):
        return meta_voxels(path)
    return pair_voxels(path) if is_pair(path) else Voxels(path=path)
