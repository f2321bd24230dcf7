"""Which voxels of a label image are meant: one label, found or named."""

from __future__ import annotations

from typing import Literal

import numpy as np

from radpred.backends import to_host
from radpred.errors import InputError, RegionError
from radpred.image import Array, Image, Mask, bounding_box

# More foreground values than a map of organs has (TotalSegmentator knows 117) are intensities.
# Without a label named, a tenth of that is suspicious enough.
MOST_LABELS = 255
MOST_LABELS_UNNAMED = 32
N_LISTED = 10


def mask_of_label(image: Image, *, label: int | str = "auto", name: str = "tumour") -> Mask:
    """Return the voxels of ``image`` that carry ``label``; zero is background.

    Parameters
    ----------
    image : Image
        A label image; its name is what messages call it.
    label : int, "auto" or "all"
        The value to take, as a number or spelt; "auto" takes the only one there is, "all" every
        one. Another value than 1 taken so, or several, is recorded in the mask's steps.
    name : str
        What the region is called.

    Raises
    ------
    RegionError
        ``empty_mask``: no foreground; ``label_missing``: not this label.
    InputError
        ``several_labels``, ``mask_is_image`` or ``non_finite_mask``.
    """
    label = _as_number(label, source=image.name)
    voxels = to_host(image.voxels)
    foreground = voxels != 0
    labels, counts = _labels(voxels, foreground, source=image.name)
    _refuse_an_image(labels, source=image.name, is_named=label not in ("auto", "all"))
    if label == "all":
        taken = (f"took {labels.size} labels together",) if labels.size > 1 else ()
        return Mask(voxels=foreground, grid=image.grid, name=name, steps=(*image.steps, *taken))
    wanted = _only(labels, counts, source=image.name) if label == "auto" else label
    if wanted not in labels:
        msg = (
            f"{image.name}: label {wanted} is not there, found {_listed(labels, counts)}; "
            "set mask_label to one of these"
        )
        raise RegionError(msg, code="label_missing")
    noted = label == "auto" and wanted != 1
    steps = (f"took the only foreground value, {wanted:.6g}",) if noted else ()
    inside = foreground if labels.size == 1 else voxels == wanted
    return Mask(voxels=inside, grid=image.grid, name=name, steps=(*image.steps, *steps))


def labels_of(image: Image) -> tuple[int, ...]:
    """Return the labels in a label image, ascending; nothing where its only value is a fraction.

    Raises
    ------
    RegionError
        ``empty_mask``.
    InputError
        ``mask_is_image`` or ``non_finite_mask``.
    """
    voxels = to_host(image.voxels)
    labels, _ = _labels(voxels, voxels != 0, source=image.name)
    _refuse_an_image(labels, source=image.name, is_named=False)
    return tuple(int(label) for label in labels if label == round(float(label)))


def _as_number(label: int | str, *, source: str) -> int | Literal["auto", "all"]:
    """Return a label that may be spelt as the number that a label image holds."""
    if label == "auto":
        return "auto"
    if label == "all":
        return "all"
    try:
        return int(label)
    except ValueError as error:
        msg = f"{source}: a label image has numbers, wanted was {label!r}; set mask_label to one"
        raise RegionError(msg, code="label_missing") from error


def _labels(voxels: Array, foreground: Array, *, source: str) -> tuple[Array, Array]:
    """Return the foreground values and how many voxels carry each."""
    if voxels.dtype.kind == "f" and not np.isfinite(voxels).all():
        msg = f"{source}: holds NaN or infinite values, wanted labels; save it as integers"
        raise InputError(msg, code="non_finite_mask")
    box = bounding_box(foreground)
    if box is None:
        msg = f"{source}: no voxel differs from zero, wanted a region; draw it, or drop the case"
        raise RegionError(msg, code="empty_mask")
    labels, counts = np.unique(voxels[box][foreground[box]], return_counts=True)
    return labels, counts


def _refuse_an_image(labels: Array, *, source: str, is_named: bool) -> None:
    """Refuse intensities in the place of labels."""
    has_fractions = labels.size > 1 and bool((labels != np.round(labels)).any())
    limit = MOST_LABELS if is_named else MOST_LABELS_UNNAMED
    if has_fractions or labels.size > limit:
        msg = (
            f"{source}: {labels.size} distinct values, from {labels[0]:.6g} to {labels[-1]:.6g}: "
            "this mask looks like an image; give the mask's own file, or mask_label if these "
            "are labels"
        )
        raise InputError(msg, code="mask_is_image")


def _only(labels: Array, counts: Array, *, source: str) -> float:
    """Return the only label."""
    if labels.size > 1:
        msg = (
            f"{source}: {labels.size} labels, wanted one: {_listed(labels, counts)}; "
            "say which by mask_label, or what to do with several by lesions"
        )
        raise InputError(msg, code="several_labels")
    return labels[0].item()


def _listed(labels: Array, counts: Array) -> str:
    """Return labels with their numbers of voxels, as a person would list them."""
    pairs = zip(labels[:N_LISTED], counts[:N_LISTED], strict=True)
    text = ", ".join(f"{label:.6g} ({count} voxels)" for label, count in pairs)
    more = labels.size - N_LISTED
    return f"{text} and {more} more" if more > 0 else text
