"""Pairs of a NIfTI or Analyze header (.hdr) and its voxels (.img), either packed or not."""

from __future__ import annotations

from pathlib import Path

from radpred.io.nifti.whole import HEADER_BYTES, opened, refuse_cut
from radpred.io.promises.voxels import Voxels, broken

_HEADERS = (".hdr", ".hdr.gz")
_VOXELS = (".img", ".img.gz")


def is_pair(path: Path) -> bool:
    """Tell whether a file is called as a half of a pair."""
    return path.name.lower().endswith((*_HEADERS, *_VOXELS))


def pair_voxels(path: Path) -> Voxels:
    """Return where the voxels of a pair lie: in one .img file beside one header.

    Raises
    ------
    InputError
        ``unreadable_file``: a half is missing, there twice, or shorter than promised, or the
        header is that of a file without a second half.
    """
    name = path.name.removesuffix(path.suffix) if path.suffix.lower() == ".gz" else path.name
    stem = name[: -len(".hdr")].lower()
    halves = [p for p in path.parent.iterdir() if p.name.lower().startswith(f"{stem}.")]
    headers = [p for p in halves if p.name.lower() in {stem + e for e in _HEADERS}]
    voxels = [p for p in halves if p.name.lower() in {stem + e for e in _VOXELS}]
    if not headers:
        return Voxels(path=path)  # no pair: other scanners call their files so, too
    if len(headers) != 1 or len(voxels) != 1:
        there = ", ".join(sorted(p.name for p in (*headers, *voxels)))
        raise broken(path, f"wanted one header (.hdr) and one .img file by its name, found {there}")
    if _is_whole(headers[0]):
        raise broken(path, f"{headers[0].name} says that voxels follow in the same file")
    refuse_cut(headers[0], voxels=voxels[0])
    return Voxels(path=voxels[0], is_packed=voxels[0].suffix.lower() == ".gz")


def _is_whole(header: Path) -> bool:
    """Tell whether a header is one of those that voxels follow in the same file."""
    with opened(header) as file:
        head = file.read(HEADER_BYTES)
    return head[344:347] == b"n+1" or head[4:7] == b"n+2"
