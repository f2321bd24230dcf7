"""`model.radpred`: a zip of data (JSON, arrays, skops) that opens without running foreign code."""

from __future__ import annotations

import hashlib
import io
import json
import struct
import zipfile
import zlib
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from radpred.config import StudySettings
from radpred.errors import BundleError
from radpred.model import Fitted
from radpred.model.calibrators import calibrator_of, state_of
from radpred.model.conformal import conformal_of
from radpred.model.conformal import state_of as conformal_state
from radpred.model.others.fit import AnyFitted
from radpred.model.others.state import chains_of
from radpred.model.others.state import fitted_of as other_of
from radpred.model.others.state import state_of as other_state
from radpred.version import __version__
from radpred.writing import write_whole

FORMAT = 2  # 1 knew neither the calibrations nor the prediction sets of today
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
    fitted : Fitted, FittedClasses or FittedNumber
        Chain, calibrator and conformal scores, by the kind of the outcome.
    study : StudySettings
        How images become columns, and what the outcome is.
    modalities : tuple of str
        Image columns that the model was made with, in order.
    reference : DataFrame
        For each column: quantiles and share of missing values among the training cases.
    record : dict
        Versions, hashes, number of cases and events, evidence of the run.
    """

    fitted: AnyFitted
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


def write_fitted(fitted: AnyFitted, path: Path) -> None:
    """Write a fitted model as a zip of data."""
    _write_zip(path, _fitted_members(fitted))


def read_fitted(path: Path) -> Any:
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
        The file is no bundle, is damaged, comes from an earlier or later format, or
        holds types that a radpred model never has.
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
    _refuse_other_format(manifest, path)
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


def _refuse_other_format(manifest: dict[str, Any], path: str | Path) -> None:
    """Raise where a model was written in another form than this radpred reads."""
    found, wrote = manifest["format"], manifest["radpred"]
    if found > FORMAT:
        msg = f"{path}: written by radpred {wrote}; update radpred to open it"
        raise BundleError(msg, code="later_format")
    if found < FORMAT:
        msg = (
            f"{path}: a model of format {found}, written by radpred {wrote}; this radpred reads "
            f"format {FORMAT}: train it again with `radpred run`, or open it with radpred {wrote}"
        )
        raise BundleError(msg, code="old_format")


def _fitted_members(fitted: AnyFitted) -> dict[str, bytes]:
    """Return a fitted model as named pieces of data; no case is named in them."""
    if not isinstance(fitted, Fitted):
        own = {f"fold_{i}.skops": _skops().dumps(c) for i, c in enumerate(chains_of(fitted))}
        members = {"fitted.json": _json(other_state(fitted))}
        return {**members, "chain.skops": _skops().dumps(fitted.chain), **own}
    fitted = fitted.at_sites(None)
    folds = fitted.conformal.folds
    facts = {
        "model": fitted.model,
        "params": fitted.params,
        "columns": list(fitted.columns),
        "inner_score": fitted.inner_score,
        "calibrator": state_of(fitted.calibrator),
        "notes": list(fitted.notes),
        "n_columns": fitted.n_columns,
        "conformal": conformal_state(fitted.conformal),
    }
    chains = {f"fold_{i}.skops": _skops().dumps(f.chain) for i, f in enumerate(folds)}
    return {"fitted.json": _json(facts), "chain.skops": _skops().dumps(fitted.chain), **chains}


def _fitted_from(members: dict[str, bytes], *, source: str | Path) -> Any:
    """Return a fitted model from its pieces."""
    facts = json.loads(members["fitted.json"])
    if facts.get("kind") in ("multiclass", "continuous"):
        own = [_load(members[f"fold_{i}.skops"], source=source) for i in range(len(facts["folds"]))]
        return other_of(facts, _load(members["chain.skops"], source=source), own)
    if "conformal" not in facts:
        msg = f"{source}: a model of format 1, wanted format {FORMAT}; train it again"
        raise BundleError(msg, code="old_format")
    n_folds = len(facts["conformal"]["folds"])
    chains = [_load(members[f"fold_{i}.skops"], source=source) for i in range(n_folds)]
    return Fitted(
        model=facts["model"],
        params=facts["params"],
        chain=_load(members["chain.skops"], source=source),
        calibrator=calibrator_of(facts["calibrator"]),
        conformal=conformal_of(facts["conformal"], chains),
        columns=tuple(facts["columns"]),
        inner_score=facts["inner_score"],
        notes=tuple(facts["notes"]),
        n_columns=facts["n_columns"],
    )


def _skops() -> Any:
    """Return what reads and writes chains; it takes a second to load, and few steps need it."""
    return import_module("skops.io")


def _load(data: bytes, *, source: str | Path) -> Any:
    """Return an estimator from data, refusing every type that is not on the list."""
    unknown = [
        name
        for name in _skops().get_untrusted_types(data=data)
        if name not in _TRUSTED and not name.startswith("radpred.model.")
    ]
    if unknown:
        msg = f"{source}: holds types that a radpred model never has: {', '.join(unknown)}"
        raise BundleError(msg)
    return _skops().loads(data, trusted=_skops().get_untrusted_types(data=data))


def _json(value: Any) -> bytes:
    """Return ``value`` as JSON; floats come back to the last bit."""
    return json.dumps(value, indent=1, default=_plain).encode()


def _plain(value: Any) -> Any:
    """Return a NumPy scalar as Python's own, anything else as text."""
    return value.item() if isinstance(value, np.generic) else str(value)


def _write_zip(path: Path, members: dict[str, bytes]) -> None:
    """Write a zip whose bytes depend on its members only, then rename it into place."""

    def write(unfinished: Path) -> None:
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in members.items():
                archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)

    write_whole(path, write)


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
