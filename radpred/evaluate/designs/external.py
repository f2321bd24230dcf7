"""An external set that opens for a frozen model only, and remembers for whom it was opened."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from radpred.errors import InputError, LeakageError, warn


class Rows(Protocol):
    """Anything that says how many rows it has."""

    def __len__(self) -> int:
        """Return the number of rows."""
        ...


T = TypeVar("T", bound=Rows)
_HASH = re.compile(r"[0-9a-f]{64}")
_N_SHOWN = 12


@dataclass(frozen=True, kw_only=True)
class Opening:
    """One line of the access log.

    Attributes
    ----------
    model_hash : str
        Of the frozen model that the set was opened for.
    opened_at : str
        When, as the caller tells the time.
    n_rows : int
        How many rows it was shown.
    note : str
        Who had opened the set before; empty for the first.
    """

    model_hash: str
    opened_at: str
    n_rows: int
    note: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class ExternalSet(Generic[T]):
    """Rows behind a seal: first `admit` a frozen model, write the log, then read `rows`.

    Nothing here opens a file: ``read`` does, and only `rows` calls it.

    Attributes
    ----------
    read : callable
        Returns the rows.
    n_rows : int
        How many they are, as known without reading them.
    log : tuple of Opening
        All openings so far, the first first.

    Examples
    --------
    >>> sealed = ExternalSet(read=lambda: [1, 2, 3], n_rows=3)
    >>> frozen = frozen_hash(b"the bytes of model.radpred")
    >>> opened = sealed.admit(frozen, opened_at="2026-01-31")
    >>> opened.rows(frozen)
    [1, 2, 3]
    """

    read: Callable[[], T] = field(repr=False)
    n_rows: int
    log: tuple[Opening, ...] = ()

    def admit(self, model_hash: str, *, opened_at: str) -> ExternalSet[T]:
        """Return the set with this opening in its log; the log is to be written before `rows`.

        The same model on the same number of rows is in the log once, however often it asks.

        Raises
        ------
        LeakageError
            What is given is not the hash of a frozen model.

        Warns
        -----
        RadpredWarning
            Another model, or other rows, came first: results are no longer of an unseen set.
        """
        _refuse_unfrozen(model_hash)
        if any(one.model_hash == model_hash and one.n_rows == self.n_rows for one in self.log):
            return self
        note = _before(self.log, model_hash, n_rows=self.n_rows)
        if note:
            warn(f"external set: {note}; report it as seen before, or find an unseen set")
        opening = Opening(model_hash=model_hash, opened_at=opened_at, n_rows=self.n_rows, note=note)
        return replace(self, log=(*self.log, opening))

    def rows(self, model_hash: str) -> T:
        """Return the rows for a model that was admitted.

        Raises
        ------
        LeakageError
            It was not.
        InputError
            There are more or fewer rows than the log says.
        """
        _refuse_unfrozen(model_hash)
        if not any(one.model_hash == model_hash for one in self.log):
            msg = (
                f"model {model_hash[:_N_SHOWN]} was not admitted to the external set; freeze the "
                "model, admit its hash and write the log before reading rows"
            )
            raise LeakageError(msg)
        rows = self.read()
        if len(rows) != self.n_rows:
            msg = (
                f"the external set holds {len(rows)} rows, the log says {self.n_rows}; the file "
                "was changed between the two: admit the model again"
            )
            raise InputError(msg)
        return rows


def frozen_hash(bundle: bytes) -> str:
    """Return the hash by which a frozen model is known: SHA-256 of its serialised bundle.

    Parameters
    ----------
    bundle : bytes
        All bytes of ``model.radpred``.

    Raises
    ------
    LeakageError
        There are none: nothing was frozen.
    """
    if not bundle:
        msg = "no bytes of a model came; write the bundle first: an external set opens once it is"
        raise LeakageError(msg)
    return hashlib.sha256(bundle).hexdigest()


def records_of(log: Iterable[Opening]) -> list[dict[str, Any]]:
    """Return the log as plain values, one mapping a line, for a file."""
    return [asdict(opening) for opening in log]


def log_of(records: Iterable[Mapping[str, Any]]) -> tuple[Opening, ...]:
    """Return the log from what `records_of` made.

    Raises
    ------
    InputError
        A line that is none.
    """
    try:
        log = tuple(Opening(**record) for record in records)
        is_sound = all(_HASH.fullmatch(one.model_hash) and one.n_rows >= 0 for one in log)
    except TypeError:
        is_sound = False
    if not is_sound:
        msg = (
            "the access log of the external set holds a line that radpred did not write; wanted "
            "are model_hash, opened_at, n_rows and note; restore the file"
        )
        raise InputError(msg, code="bad_log")
    return log


def refuse_known_patients(development: ArrayLike, external: ArrayLike) -> None:
    """Refuse an external set with patients that a model was made with.

    Parameters
    ----------
    development, external : array of shape (n,), (m,)
        The patient of each row of either set.

    Raises
    ------
    LeakageError
        With the number of patients in both sets and the first of them.
    """
    both = np.intersect1d(np.asarray(development).astype(str), np.asarray(external).astype(str))
    if len(both):
        msg = (
            f"{len(both)} patients are in the development and in the external set, first "
            f"{both[:3].tolist()}; take them out of the external set"
        )
        raise LeakageError(msg)


def _refuse_unfrozen(model_hash: str) -> None:
    """Refuse what is no hash of a frozen model."""
    if not isinstance(model_hash, str) or not _HASH.fullmatch(model_hash):
        msg = (
            f"{str(model_hash)[:80]!r} is no hash of a frozen model; write the bundle and give "
            "frozen_hash of its bytes"
        )
        raise LeakageError(msg)


def _before(log: tuple[Opening, ...], model_hash: str, *, n_rows: int) -> str:
    """Say who opened the set before, and whether it has changed since."""
    if not log:
        return ""
    others = [one for one in log if one.model_hash != model_hash]
    notes = []
    if others:
        first = others[0]
        more = f" and {len(others) - 1} more" if len(others) > 1 else ""
        notes.append(
            f"opened before by model {first.model_hash[:_N_SHOWN]} ({first.opened_at}){more}"
        )
    if log[-1].n_rows != n_rows:
        notes.append(f"{n_rows} rows, and {log[-1].n_rows} when it was last opened")
    return "; ".join(notes)
