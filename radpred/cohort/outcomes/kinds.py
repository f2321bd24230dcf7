"""The one decision of what kind an outcome is, for files, arrays and models alike."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal, get_args

from radpred.errors import InputError

OutcomeKind = Literal["binary", "multiclass", "continuous"]
KINDS: tuple[OutcomeKind, ...] = get_args(OutcomeKind)
MOST_CLASSES = 20  # more different values are hardly classes, unless somebody says so


def kind_of(found: Collection[str | float], *, has_codes: bool, told: str) -> OutcomeKind:
    """Return the kind of an outcome that nobody declared, from its different values.

    Two values are binary, up to 20 words are classes. Numbers of more than two values are classes
    or a measure: in an array, where codes may stand for classes, up to 20 whole numbers are
    classes and fractions a measure; in a file nobody can know, and somebody has to say it.

    Parameters
    ----------
    found : collection of str or float
        The different values.
    has_codes : bool
        Whether numbers may be codes of classes, as in an array.
    told : str
        What the outcome is called, and what its values are, for the error.

    Raises
    ------
    InputError
        ``kind_unclear``: they could be classes or a measure.

    Examples
    --------
    >>> kind_of({"low", "middle", "high"}, has_codes=False, told="grade")
    'multiclass'
    >>> kind_of({0.0, 1.0, 2.5}, has_codes=True, told="grade")
    'continuous'
    """
    if len(found) <= 2:
        return "binary"
    are_numbers = all(not isinstance(value, str) for value in found)
    if are_numbers and has_codes and any(float(value) % 1 != 0 for value in found):
        return "continuous"
    if len(found) > MOST_CLASSES or (are_numbers and not has_codes):
        msg = (
            f"{told}; they could be classes or a measure, and nobody said which; write "
            "kind: continuous for a measure, kind: multiclass for classes, or merge the values "
            "into two"
        )
        raise InputError(msg, code="kind_unclear")
    return "multiclass"
