"""How the cells of one outcome column are read: as classes by code, or as numbers."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from radpred.cohort._cells import is_missing, number_in
from radpred.cohort.outcomes.end_point import EndPoint, Label, key_of
from radpred.cohort.outcomes.kinds import OutcomeKind, kind_of
from radpred.errors import InputError, SettingsError

_N_NAMED = 10


@dataclass(frozen=True)
class Doubt:
    """A value that nobody is sure of; equal where the probability is.

    Parameters
    ----------
    chance : float or None
        The probability of the event; None where the case is to be dropped.
    said : str
        The value.
    """

    chance: float | None
    said: str = field(compare=False)


@dataclass(frozen=True)
class Stray:
    """A value that the outcome, or the probability of an uncertain one, cannot have.

    Parameters
    ----------
    said : str
        The value.
    is_chance : bool
        Whether it is the probability.
    """

    said: str
    is_chance: bool = False


Answer = Label | Doubt | Stray


@dataclass(frozen=True, kw_only=True)
class Scale:
    """What the values of an outcome mean.

    Parameters
    ----------
    kind : str
        ``binary``, ``multiclass`` or ``continuous``.
    classes : tuple of (str or float)
        The classes as they are compared, by code; empty for a continuous outcome.
    spelt : mapping
        How the file, or the settings, spell a class.
    merged : mapping
        The class that a value belongs to, where it is not its own.
    chances : mapping
        The probability of the event of each uncertain value.
    """

    kind: OutcomeKind
    classes: tuple[Label, ...] = ()
    spelt: Mapping[Label, str] = field(default_factory=dict)
    merged: Mapping[Label, Label] = field(default_factory=dict)
    chances: Mapping[Label, float | None] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """Return the classes for readers, by code."""
        return tuple(self.spelt[key] for key in self.classes)

    def answer(self, cell: str, chance: str = "") -> Answer | None:
        """Return what a cell says, None where it says nothing.

        Parameters
        ----------
        cell : str
            The outcome.
        chance : str
            The probability of the event beside it, for an uncertain one.
        """
        key = key_of(cell)
        if key in self.chances and is_missing(chance):
            return Doubt(self.chances[key], cell.strip())
        if key in self.chances:
            p = number_in(chance)
            is_fit = p is not None and 0 < p < 1
            return Doubt(p, cell.strip()) if is_fit else Stray(chance.strip(), is_chance=True)
        if is_missing(cell):
            return None
        key = self.merged.get(key, key)
        is_fit = isinstance(key, float) if self.kind == "continuous" else key in self.classes
        return key if is_fit else Stray(cell.strip())

    def value(self, answer: Answer) -> float:
        """Return the code of a class, or a number; of a doubt that of the likelier class."""
        if isinstance(answer, Doubt):
            return float((answer.chance or 0.0) >= 0.5)
        if isinstance(answer, float) and self.kind == "continuous":
            return answer
        return float(self.classes.index(answer))

    def without(self, empty: Sequence[Label]) -> Scale:
        """Return the scale without the classes ``empty``."""
        return replace(self, classes=tuple(key for key in self.classes if key not in empty))


def is_infinite(cell: str) -> bool:
    """Say whether a cell spells a number that is not finite."""
    try:
        return not math.isfinite(float(cell))
    except ValueError:
        return False


def scale_of(cells: Sequence[str], *, column: str, positive: str, end_point: EndPoint) -> Scale:
    """Return how the cells of an outcome are read, its kind found unless it is declared.

    Parameters
    ----------
    cells : sequence of str
        The whole column.
    column : str
        Its name, for errors.
    positive : str
        The value that is the event of a binary outcome.
    end_point : EndPoint
        What is known of it.

    Raises
    ------
    InputError
        The values do not make such an outcome.
    SettingsError
        A merged class is called as a value that it does not hold, or uncertain values are to be
        kept of an outcome that is not binary.
    """
    chances = end_point.uncertain.chances() if end_point.uncertain else {}
    said = [cell for cell in cells if key_of(cell) not in chances and not is_missing(cell)]
    merged = _merged(end_point, said)
    spelt = {key_of(name): name for name in (*end_point.merge, *end_point.classes)}
    counts: Counter[Label] = Counter()
    for cell in said:
        key = merged.get(key_of(cell), key_of(cell))
        spelt.setdefault(key, cell.strip())
        counts[key] += 1
    kind = end_point.kind or ("multiclass" if end_point.classes else _found(counts, column))
    end_point.refuse_policy(kind)
    classes: tuple[Label, ...] = ()
    if kind == "binary":
        classes = _two(counts, column=column, positive=positive)
    elif kind == "multiclass":
        classes = _several(counts, column=column, declared=end_point.classes)
    return Scale(kind=kind, classes=classes, spelt=spelt, merged=merged, chances=chances)


def _merged(end_point: EndPoint, said: Sequence[str]) -> dict[Label, Label]:
    """Return the class of each value that belongs to a merged one."""
    found = {key_of(cell) for cell in said}
    merged = {}
    for name, values in end_point.merge.items():
        keys = {key_of(value) for value in values}
        if key_of(name) in found - keys:
            msg = (
                f"the merged class {name!r} holds {values!r}, and {name!r} is another value of "
                "the file; call the class otherwise, or list the value among its own"
            )
            raise SettingsError(msg)
        merged.update(dict.fromkeys(keys, key_of(name)))
    return merged


def _listed(counts: Counter[Label]) -> str:
    """Return the most frequent values with how often each came."""
    found = ", ".join(f"{value!r} ({n}x)" for value, n in counts.most_common(_N_NAMED))
    more = f" and {len(counts) - _N_NAMED} more" if len(counts) > _N_NAMED else ""
    return f"{found or 'none'}{more}"


def _found(counts: Counter[Label], column: str) -> OutcomeKind:
    """Return the kind of an outcome that nobody declared."""
    told = f"the outcome column {column} has {len(counts)} distinct values: {_listed(counts)}"
    return kind_of(counts, has_codes=False, told=told)


def _two(counts: Counter[Label], *, column: str, positive: str) -> tuple[Label, Label]:
    """Return the absence of the event and the event, or refuse the column."""
    if len(counts) != 2:
        msg = (
            f"the outcome column {column} has {len(counts)} distinct values: {_listed(counts)}"
            "; wanted are exactly two, the event and its absence; recode the column"
        )
        raise InputError(msg, code="not_binary")
    event = key_of(positive)
    if event not in counts:
        msg = (
            f"the outcome column {column} has the values {_listed(counts)}; wanted is the event "
            f"{positive!r} among them; name the event as the file spells it"
        )
        raise InputError(msg, code="positive_not_found")
    (other,) = set(counts) - {event}
    return other, event


def _several(counts: Counter[Label], *, column: str, declared: Sequence[str]) -> tuple[Label, ...]:
    """Return the classes in order, or refuse the column."""
    absent = [name for name in declared if key_of(name) not in counts]
    if absent:
        msg = (
            f"the outcome column {column} has the values {_listed(counts)}; wanted are the "
            f"classes {absent!r} among them; name the classes as the file spells them"
        )
        raise InputError(msg, code="class_not_found")
    classes = [key_of(name) for name in declared] or sorted(
        counts, key=lambda key: (isinstance(key, str), key)
    )
    if len(classes) < 2:
        msg = (
            f"the outcome column {column} has the values {_listed(counts)}; wanted are at least "
            "two classes; check the outcome, or add cases"
        )
        raise InputError(msg, code="one_class")
    return tuple(classes)
