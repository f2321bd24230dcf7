"""Valid files made hostile: every change follows from the generator that comes in."""

from __future__ import annotations

import gzip
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable

import numpy as np
import pydicom

Change = Callable[[bytes, np.random.Generator], bytes]

HEADER = 700  # bytes where formats keep their numbers
LONG = 200_000  # characters of a field that is far too long
_NUMBERS = (0, -1, 1, 2**15 - 1, -(2**15), 2**31 - 1, -(2**31), 2**62, 348, 540, 65535, 7, 8)
_FLOATS = (0.0, -0.0, -1.0, 1e-38, 1e38, 1e308, float("nan"), float("inf"), -float("inf"))
_WORDS = (
    *("0", "-1", "1", "3", "4", "65536", "2147483647", "4294967296", "9223372036854775808"),
    *("1e308", "-1e308", "1e-320", "nan", "inf", "-inf", "", " ", "0x10", "1_000", "9" * 5000),
    *("None", "null", "true", "~", "LOCAL", "LIST", "gzip", "raw", "bzip2", "double", "uint64"),
    *("../../etc/passwd", "/etc/passwd", "/dev/zero", "file.nii#x[0]", "%s%n", "$(touch x)", "#"),
    *("'", '"', "\n", ",", "=", ":", "\0", "\ufeff", "\u202e", "a" * 300, "x" * LONG, "é", "2024"),
    *("2024-13-45", "!!python/object/apply:os.system [id]", "*a", "&a", "[", "{", "- ", "12:30:45"),
)
_TOKEN = re.compile(rb"[\w.+-]+")


def mutated(content: bytes, rng: np.random.Generator, *, changes: tuple[Change, ...]) -> bytes:
    """Return a file with one to four changes of its kind."""
    for _ in range(int(rng.integers(1, 5))):
        content = changes[int(rng.integers(len(changes)))](content, rng)
    return content


def _span(content: bytes, rng: np.random.Generator, most: int = 64) -> tuple[int, int]:
    """Return where a piece of a file begins and ends, oftener than not in its header."""
    reach = min(len(content), HEADER) if rng.random() < 0.6 else len(content)
    start = int(rng.integers(0, reach + 1))
    return start, min(len(content), start + int(rng.integers(1, most)))


def flip_bits(content: bytes, rng: np.random.Generator) -> bytes:
    """Flip one to eight bits."""
    changed = bytearray(content)
    for _ in range(int(rng.integers(1, 9))):
        at, _ = _span(content, rng)
        if at < len(changed):
            changed[at] ^= 1 << int(rng.integers(8))
    return bytes(changed)


def overwrite(content: bytes, rng: np.random.Generator) -> bytes:
    """Put noise, or one byte over and over, in the place of a run."""
    start, end = _span(content, rng)
    fill = rng.bytes(end - start) if rng.random() < 0.5 else rng.bytes(1) * (end - start)
    return content[:start] + fill + content[end:]


def insert(content: bytes, rng: np.random.Generator) -> bytes:
    """Push a run of bytes in."""
    start, end = _span(content, rng)
    return content[:start] + (rng.bytes(end - start) or b"\0") + content[start:]


def remove(content: bytes, rng: np.random.Generator) -> bytes:
    """Take a run of bytes out."""
    start, end = _span(content, rng)
    return content[:start] + content[end:]


def truncate(content: bytes, rng: np.random.Generator) -> bytes:
    """End the file early."""
    return content[: _span(content, rng)[0]]


def swap_blocks(content: bytes, rng: np.random.Generator) -> bytes:
    """Let two pieces change places."""
    a, b, c, d = sorted(int(n) for n in rng.integers(0, len(content) + 1, size=4))
    return content[:a] + content[c:d] + content[b:c] + content[a:b] + content[d:]


def extreme_number(content: bytes, rng: np.random.Generator) -> bytes:
    """Write an extreme number, of any type and order of bytes, where a header may hold one."""
    kind = str(rng.choice(list("hHiIqQfd")))
    raw = rng.choice(_FLOATS if kind in "fd" else _NUMBERS)
    bits = 8 * struct.calcsize(kind)
    with np.errstate(over="ignore"):
        value = float(np.float32(raw) if kind == "f" else raw) if kind in "fd" else int(raw)
    if kind in "hiq":
        value = (int(value) + 2 ** (bits - 1)) % 2**bits - 2 ** (bits - 1)
    elif kind in "HIQ":
        value = int(value) % 2**bits
    piece = struct.pack(str(rng.choice(["<", ">"])) + kind, value)
    at = 2 * (_span(content, rng)[0] // 2)
    return content[:at] + piece + content[at + len(piece) :]


BYTES: tuple[Change, ...] = (
    *(flip_bits, overwrite, insert, remove, truncate, swap_blocks),
    *(extreme_number, extreme_number),
)


def replace_token(content: bytes, rng: np.random.Generator) -> bytes:
    """Put a word that means trouble in the place of one that stands in the header."""
    found = list(_TOKEN.finditer(content, 0, 4000))
    if not found:
        return content
    token = found[int(rng.integers(len(found)))]
    word = str(_WORDS[int(rng.integers(len(_WORDS)))]).encode()
    return content[: token.start()] + word + content[token.end() :]


def reorder_lines(content: bytes, rng: np.random.Generator) -> bytes:
    """Take a line out, say it twice, or move it."""
    lines = content.split(b"\n")
    line = lines.pop(int(rng.integers(len(lines))))
    for _ in range(int(rng.integers(3))):
        lines.insert(int(rng.integers(len(lines) + 1)), line)
    return b"\n".join(lines)


def other_encoding(content: bytes, rng: np.random.Generator) -> bytes:
    """Save a text in another encoding."""
    text = content.decode("utf-8", "replace")
    kind = str(rng.choice(["utf-16", "utf-32", "latin-1", "cp500", "utf-8-sig", "utf-7"]))
    return text.encode(kind, "replace")


TEXT_HEADER: tuple[Change, ...] = (*BYTES, *(replace_token,) * 5, reorder_lines)
TEXT: tuple[Change, ...] = (
    *(flip_bits, overwrite, insert, remove, truncate, swap_blocks),
    *(*(replace_token,) * 6, reorder_lines, reorder_lines, other_encoding),
)


def yaml_bomb(content: bytes, rng: np.random.Generator) -> bytes:
    """Add aliases that unfold without end, an alias of itself, or nesting without end."""
    depth = int(rng.integers(5, 40))
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, depth)]
    key = str(rng.choice(["modalities", "filters", "regions", "extraction", "bin_width", "name"]))
    pieces = [
        "\n".join(lines) + f"\n{key}: *a{depth - 1}\n",
        f"{key}: &b [*b]\n",
        f"{key}: &b {{c: *b}}\n",
        f"{key}: " + "[" * 3000 + "\n",
        f"{key}: " + "{a: " * 3000 + "}" * 3000 + "\n",
        "- " * 3000 + "x\n",
        f"{key}: {'9' * LONG}\n",
        f"? [{key}]\n: 1\n",
    ]
    piece = pieces[int(rng.integers(len(pieces)))].encode()
    return piece if rng.random() < 0.3 else content + b"\n" + piece


YAML: tuple[Change, ...] = (*TEXT, yaml_bomb, yaml_bomb)


def in_gzip(content: bytes, rng: np.random.Generator) -> bytes:
    """Change what a gzip file holds."""
    try:
        inner = gzip.decompress(content)
    except (OSError, EOFError, zlib.error):
        return flip_bits(content, rng)
    return gzip.compress(mutated(inner, rng, changes=BYTES), 1, mtime=0)


def in_zip(content: bytes, rng: np.random.Generator) -> bytes:
    """Change one member of a zip, or its name."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError):
        return flip_bits(content, rng)
    except (zlib.error, struct.error):
        return flip_bits(content, rng)
    if not members:
        return content
    name = list(members)[int(rng.integers(len(members)))]
    inner = members.pop(name)
    hostile = str(rng.choice([name, name, name, f"../../{name}", f"/tmp/{name}", "image"]))
    members[hostile] = mutated(inner, rng, changes=TEXT_HEADER)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for key, value in members.items():
            archive.writestr(zipfile.ZipInfo(key), value)
    return out.getvalue()


def in_png(content: bytes, rng: np.random.Generator) -> bytes:
    """Change the header of a PNG file and make its check sum right again."""
    if len(content) < 33:
        return content
    header = bytearray(content[16:29])
    header[int(rng.integers(len(header)))] = int(rng.choice([0, 1, 2, 3, 4, 6, 8, 16, 127, 255]))
    check = struct.pack(">I", zlib.crc32(b"IHDR" + header))
    return content[:16] + bytes(header) + check + content[33:]


GZIP: tuple[Change, ...] = (*BYTES, *(in_gzip,) * 16)
ZIP: tuple[Change, ...] = (*BYTES, *(in_zip,) * 16)
PNG: tuple[Change, ...] = (*BYTES, *(in_png,) * 8)


def in_dicom(content: bytes, rng: np.random.Generator) -> bytes:
    """Change one element of a DICOM file, at any depth: its value, or whether it is there."""
    try:
        file = pydicom.dcmread(io.BytesIO(content), force=True)
        elements = list(_elements(file))
        holder, element = elements[int(rng.integers(len(elements)))]
        if rng.random() < 0.15:
            del holder[element.tag]
        elif element.VR == "SQ":
            element.value = list(element.value) * int(rng.choice([0, 2, 3, 50]))
        else:
            element.value = _value(element, rng)
        out = io.BytesIO()
        file.save_as(out)
    except Exception:  # noqa: BLE001 - pydicom cannot write all that it reads
        return extreme_number(content, rng)
    return out.getvalue()


def _elements(file: pydicom.Dataset) -> list[tuple[pydicom.Dataset, pydicom.DataElement]]:
    """Return each element with what holds it."""
    found = []
    for element in file:
        found.append((file, element))
        if element.VR == "SQ":
            for item in list(element.value)[:3]:
                found.extend(_elements(item))
    return found


def _value(element: pydicom.DataElement, rng: np.random.Generator) -> object:
    """Return a value that an element may hold and should not."""
    if element.VR in ("US", "UL"):
        return int(rng.choice([0, 1, 2, 3, 8, 16, 32, 64, 255, 65535]))
    if element.VR in ("FD", "FL"):
        return float(rng.choice(_FLOATS))
    if element.VR in ("OB", "OW"):
        return bytes(element.value)[: int(rng.integers(0, len(element.value) + 1))]
    words = ["0", "-1", "1", "1e30", "1e-30", "1e308", "nan", "inf", "99999999", "2147483647"]
    words += ["", "abc", "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.5", "../../etc", "\0", "ISO"]
    word = str(rng.choice(words))
    n = int(rng.choice([1, 1, 1, 2, 3, 6, 1000]))
    return word if n == 1 else [word] * n


DICOM: tuple[Change, ...] = (*BYTES, *(in_dicom,) * 12)
