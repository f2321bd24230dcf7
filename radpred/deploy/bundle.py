"""`model.radpred`: a zip of data (JSON, arrays, skops) that opens without running foreign code."""

from __future__ import annotations

import hashlib
import io
import json
import os
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import skops.io
from numpy.typing import NDArray

from radpred.config import StudySettings
from radpred.errors import BundleError
from radpred.model import CrossConformal, Fitted, Sigmoid
from radpred.model.conformal import ConformalFold
from radpred.version import __version__

FORMAT = 1
MOST_BYTES = 1 << 30  # of all members, unpacked
# Beyond what skops trusts by itself: our own steps, and the libraries' models as data.
_TRUSTED = (
    "sklearn.tree._tree.Tree",
    "sklearn._loss.link.LogitLink",
    "sklearn._loss.link.Interval",
    "sklearn._loss.loss.HalfBinomialLoss",
    "xgboost.core.Booster",
    "xgboost.sklearn.XGBClassifier",
)
_QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """Everything that a prediction needs, and how it came to be.

    Parameters
    ----------
    fitted : Fitted
        Chain, calibrator and conformal scores.
    study : StudySettings
        How images become columns, and what the outcome is.
    modalities : tuple of str
        Image columns that the model was made with, in order.
    reference : DataFrame
        For each column: quantiles and share of missing values among the training cases.
    record : dict
        Versions, hashes, number of cases and events, evidence of the run.
    """

    fitted: Fitted
    study: StudySettings
    modalities: tuple[str, ...]
    reference: pd.DataFrame
    record: dict[str, Any]


def reference_of(X: pd.DataFrame) -> pd.DataFrame:
    """Return what each numeric column looked like in training: quantiles and missing share."""
    numbers = X.select_dtypes("number")
    table = numbers.quantile(list(_QUANTILES)).T
    table.columns = [f"q{100 * q:g}" for q in _QUANTILES]
    table.insert(0, "minimum", numbers.min())
    table["maximum"] = numbers.max()
    table["missing"] = numbers.isna().mean()
    return table.rename_axis("column").reset_index()


def write_fitted(fitted: Fitted, path: Path) -> None:
    """Write a fitted model as a zip of data."""
    _write_zip(path, _fitted_members(fitted))


def read_fitted(path: Path) -> Fitted:
    """Return the fitted model in a file of `write_fitted`."""
    return _fitted_from(_read_zip(path), source=path)


def write_bundle(bundle: Bundle, path: Path) -> None:
    """Write `model.radpred`; every member's hash stands in its manifest."""
    table = io.BytesIO()
    bundle.reference.to_parquet(table, index=False)
    members = {
        **_fitted_members(bundle.fitted),
        "study.json": _json(bundle.study.model_dump(mode="json")),
        "reference.parquet": table.getvalue(),
        "record.json": _json(bundle.record),
    }
    manifest = {
        "format": FORMAT,
        "radpred": __version__,
        "modalities": list(bundle.modalities),
        "columns": list(bundle.fitted.columns),
        "sha256": {name: hashlib.sha256(data).hexdigest() for name, data in members.items()},
    }
    _write_zip(path, {"manifest.json": _json(manifest), **members})


def read_bundle(path: str | Path) -> Bundle:
    """Return the bundle in a file.

    Raises
    ------
    BundleError
        The file is no bundle, is damaged, comes from a later format, or holds types that a
        radpred model never has.
    """
    members = _read_zip(Path(path))
    try:
        return _bundle_from(members, path)
    except BundleError:
        raise
    except Exception as error:  # whatever a foreign file holds in the place of a model
        msg = f"{path}: not a radpred model ({type(error).__name__}: {error}); give another file"
        raise BundleError(msg) from error


def _bundle_from(members: dict[str, bytes], path: str | Path) -> Bundle:
    """Return the bundle in the members of a zip."""
    if "manifest.json" not in members:
        msg = f"{path}: holds no manifest; give a model.radpred that `radpred run` wrote"
        raise BundleError(msg)
    manifest = json.loads(members["manifest.json"])
    if manifest["format"] > FORMAT:
        msg = f"{path}: written by radpred {manifest['radpred']}; update radpred to open it"
        raise BundleError(msg)
    for name, digest in manifest["sha256"].items():
        if hashlib.sha256(members.get(name, b"")).hexdigest() != digest:
            msg = f"{path}: {name} is missing or was changed after the model was written"
            raise BundleError(msg)
    return Bundle(
        fitted=_fitted_from(members, source=path),
        study=StudySettings.model_validate_json(members["study.json"]),
        modalities=tuple(manifest["modalities"]),
        reference=pd.read_parquet(io.BytesIO(members["reference.parquet"])),
        record=json.loads(members["record.json"]),
    )


def _fitted_members(fitted: Fitted) -> dict[str, bytes]:
    """Return a fitted model as named pieces of data."""
    folds = fitted.conformal.folds
    facts = {
        "model": fitted.model,
        "params": fitted.params,
        "columns": list(fitted.columns),
        "inner_score": fitted.inner_score,
        "slope": fitted.calibrator.slope,
        "intercept": fitted.calibrator.intercept,
        "notes": list(fitted.notes),
        "n_columns": fitted.n_columns,
        "folds": [
            {
                "strangeness": [values.tolist() for values in fold.strangeness],
                "fitted_rows": fold.fitted_rows.tolist(),
                "scored_rows": fold.scored_rows.tolist(),
            }
            for fold in folds
        ],
    }
    chains = {f"fold_{i}.skops": skops.io.dumps(f.chain) for i, f in enumerate(folds)}
    return {"fitted.json": _json(facts), "chain.skops": skops.io.dumps(fitted.chain), **chains}


def _fitted_from(members: dict[str, bytes], *, source: str | Path) -> Fitted:
    """Return a fitted model from its pieces."""
    facts = json.loads(members["fitted.json"])
    folds = [
        ConformalFold(
            chain=_load(members[f"fold_{i}.skops"], source=source),
            strangeness=_pair(fold["strangeness"]),
            fitted_rows=np.array(fold["fitted_rows"], dtype=np.intp),
            scored_rows=np.array(fold["scored_rows"], dtype=np.intp),
        )
        for i, fold in enumerate(facts["folds"])
    ]
    return Fitted(
        model=facts["model"],
        params=facts["params"],
        chain=_load(members["chain.skops"], source=source),
        calibrator=Sigmoid(slope=facts["slope"], intercept=facts["intercept"]),
        conformal=CrossConformal(folds=tuple(folds)),
        columns=tuple(facts["columns"]),
        inner_score=facts["inner_score"],
        notes=tuple(facts["notes"]),
        n_columns=facts["n_columns"],
    )


def _pair(values: list[list[float]]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return two lists of numbers as arrays."""
    first, second = (np.array(v, dtype=np.float64) for v in values)
    return first, second


def _load(data: bytes, *, source: str | Path) -> Any:
    """Return an estimator from data, refusing every type that is not on the list."""
    unknown = [
        name
        for name in skops.io.get_untrusted_types(data=data)
        if name not in _TRUSTED and not name.startswith("radpred.model.")
    ]
    if unknown:
        msg = f"{source}: holds types that a radpred model never has: {', '.join(unknown)}"
        raise BundleError(msg)
    return skops.io.loads(data, trusted=skops.io.get_untrusted_types(data=data))


def _json(value: Any) -> bytes:
    """Return ``value`` as JSON; floats come back to the last bit."""
    return json.dumps(value, indent=1, default=_plain).encode()


def _plain(value: Any) -> Any:
    """Return a NumPy scalar as Python's own, anything else as text."""
    return value.item() if isinstance(value, np.generic) else str(value)


def _write_zip(path: Path, members: dict[str, bytes]) -> None:
    """Write a zip whose bytes depend on its members only, then rename it into place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    temporary.replace(path)


def _read_zip(path: Path) -> dict[str, bytes]:
    """Return the members of a zip by name."""
    if not path.is_file():
        msg = f"{path}: no such model file"
        raise BundleError(msg)
    try:
        with zipfile.ZipFile(path) as archive:
            _refuse_hostile(archive, path)
            return {name: archive.read(name) for name in archive.namelist()}
    # zipfile passes on what the system and zlib say of offsets and streams that cannot be.
    except (
        *(zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError),
        *(NotImplementedError, RuntimeError, struct.error, MemoryError),
    ) as error:
        msg = f"{path}: not a radpred model, or cut short: {error}"
        raise BundleError(msg) from error


def _refuse_hostile(archive: zipfile.ZipFile, path: Path) -> None:
    """Refuse a zip with members that lie outside it, or that unpack to more than a model is."""
    outside = [n for n in archive.namelist() if n != Path(n).name or "\\" in n or n in ("", "..")]
    if outside:
        msg = f"{path}: {outside[0]!r} is no name inside a radpred model; give another file"
        raise BundleError(msg)
    n_bytes = sum(member.file_size for member in archive.infolist())
    if n_bytes > MOST_BYTES:
        msg = f"{path}: unpacks to {n_bytes} bytes, wanted at most {MOST_BYTES}; give another file"
        raise BundleError(msg)
