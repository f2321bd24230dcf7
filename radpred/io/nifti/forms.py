"""Where a NIfTI header says that voxels lie: two answers, sform and qform, that may differ.

The sform counts where its code is 1 (the scanner's own axes) or where there is no qform, else the
qform: so decides ITK, and with it most tools of the field. ITK falls back to the qform where such
an sform is not rigid; here its axes are brought to right angles, or the file is refused.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from radpred.errors import InputError
from radpred.image import Array, Grid, Image
from radpred.io.axes import off_right_angles, upright
from radpred.io.nifti.whole import HEADER_BYTES, opened, promised_bytes

SCANNER = 1
SAME_PLACE = 0.01  # voxels: header rounding is less

# Size of the header -> where and as what stand pixdim, both codes, quaternion and offset, sform.
_PLACES = {
    348: (("8f", 76), ("2h", 252), ("6f", 256), ("12f", 280)),
    540: (("8d", 104), ("2i", 344), ("6d", 352), ("12d", 400)),
}
_UNITS = {348: ("b", 123), 540: ("i", 500)}
_MM_OR_UNSAID = (0, 2)


@dataclass(frozen=True, eq=False)
class Forms:
    """The affines of a header: index (x, y, z) to LPS mm, None where not stated.

    Parameters
    ----------
    sform, qform : array, shape (3, 4), or None
        What either says.
    prefers_sform : bool
        Which of them counts.
    """

    sform: Array | None
    qform: Array | None
    prefers_sform: bool

    @property
    def chosen(self) -> Array | None:
        """Return the affine that counts."""
        return self.sform if self.prefers_sform else self.qform


def is_nifti(path: Path) -> bool:
    """Tell whether a file is called as NIfTI files are."""
    return path.name.lower().endswith((".nii", ".nii.gz"))


def placed(image: Image, path: Path) -> Image:
    """Return an image that was read by ITK where its NIfTI header says, told if it says two things.

    Raises
    ------
    GeometryError
        ``sheared_axes``: the axes of the form that counts are far from right angles.
    """
    forms = _forms(path) if is_nifti(path) else None
    if forms is None or forms.chosen is None:
        return image
    if off_right_angles(forms.chosen[:, :3]):
        image = replace(image, grid=_grid_of(forms.chosen, image.grid))
        image = upright(image, source=str(path))
    return replace(image, steps=(*image.steps, *_on_difference(forms, image.grid)))


@contextmanager
def without_forms(path: Path) -> Iterator[Path]:
    """Lend a copy of a NIfTI file whose header says nothing of axes, for ITK to read.

    Raises
    ------
    InputError
        ``unreadable_file``: it has no NIfTI header.
    """
    with opened(path) as file:
        content = bytearray(file.read(HEADER_BYTES))
        content += file.read(max(0, promised_bytes(content) - len(content)))
    order, size = _order_and_size(content)
    if not size:
        msg = f"{path}: not readable (its NIfTI header is not whole); copy the file again"
        raise InputError(msg, code="unreadable_file")
    kind, at = _PLACES[size][1]
    struct.pack_into(f"{order}{kind}", content, at, 0, 0)
    with TemporaryDirectory(prefix="radpred_") as folder:
        copy = Path(folder) / "volume.nii"
        copy.write_bytes(content)
        yield copy


def _order_and_size(head: bytes | bytearray) -> tuple[str, int]:
    """Return the order of bytes and the size of a header, 0 where it is none."""
    for order in "<>":
        size = struct.unpack_from(f"{order}i", head)[0] if len(head) >= 4 else 0
        if size in _PLACES and len(head) >= size:
            return order, int(size)
    return "<", 0


def _forms(path: Path) -> Forms | None:
    """Return what a NIfTI header says of places, None where it is not in mm or says nothing."""
    with opened(path) as file:
        head = file.read(HEADER_BYTES)
    order, size = _order_and_size(head)
    if not size:
        return None
    kind, at = _UNITS[size]
    if struct.unpack_from(f"{order}{kind}", head, at)[0] & 7 not in _MM_OR_UNSAID:
        return None
    pixdim, (qcode, scode), quaternion, rows = (
        struct.unpack_from(f"{order}{kind}", head, at) for kind, at in _PLACES[size]
    )
    to_lps = np.diag([-1.0, -1.0, 1.0])
    sform = to_lps @ np.reshape(rows, (3, 4)) if scode > 0 else None
    qform = to_lps @ _rigid(quaternion, pixdim) if qcode > 0 else None
    if sform is not None and not (np.linalg.norm(sform[:, :3], axis=0) > 0).all():
        sform = None
    prefers_sform = sform is not None and (scode == SCANNER or qform is None)
    return Forms(sform=sform, qform=qform, prefers_sform=prefers_sform)


def _rigid(quaternion: tuple[float, ...], pixdim: tuple[float, ...]) -> Array:
    """Return the affine (3 x 4, RAS) of a quaternion (b, c, d), an offset and voxel sizes."""
    b, c, d, *offset = quaternion
    a = np.sqrt(max(0.0, 1.0 - (b * b + c * c + d * d)))
    turn = np.array(
        [
            [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
            [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
            [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - c * c - b * b],
        ]
    )
    steps = np.array(pixdim[1:4]) * [1, 1, -1 if pixdim[0] < 0 else 1]
    return np.column_stack([turn * steps, offset])


def _grid_of(affine: Array, grid: Grid) -> Grid:
    """Return ``grid`` with the spacing, the directions and the origin of an affine."""
    x, y, z = (float(s) for s in np.linalg.norm(affine[:, :3], axis=0))
    direction = affine[:, :3] / [x, y, z]
    left, posterior, superior = (float(p) for p in affine[:, 3])
    return replace(
        grid,
        spacing=(z, y, x),
        direction=tuple(float(d) for d in direction.ravel()),
        origin=(left, posterior, superior),
    )


def _on_difference(forms: Forms, grid: Grid) -> tuple[str, ...]:
    """Return a note if sform and qform put a corner of the volume in different places."""
    if forms.sform is None or forms.qform is None:
        return ()
    corners = np.array(list(product(*((0, n - 1) for n in grid.shape[::-1]))), dtype=float)
    indices = [grid.to_index(corners @ f[:, :3].T + f[:, 3]) for f in (forms.sform, forms.qform)]
    apart = float(np.abs(indices[0] - indices[1]).max())
    if apart < SAME_PLACE:
        return ()
    used = "sform" if forms.prefers_sform else "qform"
    return (
        f"sform_qform_differ: sform and qform of the header lie up to {apart:.3g} voxels apart; "
        f"the {used} was used",
    )
