"""Tables of predictions, put together in an order that callers can rely on."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from radpred.pipeline.variants.repeats import KEYS


def together(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return tables as one; those without rows have no say in it."""
    held = [table for table in tables if len(table)]
    return pd.concat(held, ignore_index=True) if held else tables[0]


def placed(rows: pd.DataFrame, site: pd.Series | None) -> pd.DataFrame:
    """Return predictions with the sites of their cases."""
    if site is None:
        places = pd.Series("", index=rows.index)
    else:
        by_case = site.rename(index=str).astype(object)
        places = rows["case_id"].map(by_case).fillna("").astype(str)
    return rows.assign(site=places)


def ordered(rows: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Return predictions in the order that the caller can rely on."""
    rows = rows.assign(_order=rows["model"].map(list(names).index))
    keys = ["_order", "repeat", "fold", *(key for key in KEYS if key in rows)]
    return rows.sort_values(keys, ignore_index=True).drop(columns="_order")
