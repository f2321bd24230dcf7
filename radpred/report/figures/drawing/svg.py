"""A matplotlib figure as SVG that lives inside a page: unique ids, the page's font and colours."""

from __future__ import annotations

import io
import re
from html import escape

import matplotlib as mpl
from markupsafe import Markup
from matplotlib.figure import Figure

from radpred.report.figures.drawing.palette import Palette


def inline_svg(figure: Figure, *, key: str, description: str, colours: Palette) -> Markup:
    """Return ``figure`` as an SVG element for an HTML page.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Drawn in the roles of ``colours``.
    key : str
        Put before every id, so that two figures of one page never share one.
    description : str
        What the figure shows, for readers who cannot see it.
    colours : Palette
        Each of its colours is written as a CSS variable, so that the page can change all of
        them at once, for a dark screen or for paper.

    Returns
    -------
    Markup
        Text stays text and takes the font of the page; nothing refers to the outside.
    """
    buffer = io.StringIO()
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "radpred", "path.simplify": True}):
        empty = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        figure.savefig(buffer, format="svg", transparent=True, dpi=72, metadata=empty)
    text = _body(buffer.getvalue())
    text = _own_ids(_short(text), key=key)
    text = _as_variables(text, colours)
    width, height = (round(72 * inches) for inches in figure.get_size_inches())
    head = (
        f'<svg class="figure" role="img" aria-label="{escape(description)}" '
        f'viewBox="0 0 {width} {height}" style="--native: {width}px" '
        'stroke-linejoin="round" focusable="false">'
    )
    return Markup(f"{head}{text}</svg>")


def _body(text: str) -> str:
    """Return what is inside the svg element, without metadata and style rules for the page."""
    text = text[text.index(">", text.index("<svg")) + 1 : text.rindex("</svg>")]
    for element in ("metadata", "style"):
        text = re.sub(rf"<{element}\b.*?</{element}>", "", text, flags=re.DOTALL)
    text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    return re.sub(r"<defs>\s*</defs>|<metadata\s*/>", "", text)


def _short(text: str) -> str:
    """Return the same drawing in fewer characters: short numbers, styles said once a group."""
    text = text.replace("xlink:href", "href")
    number = re.compile(r"(-?\d+\.\d{2})\d+")
    text = re.sub(r"<[^>]+>", lambda tag: number.sub(r"\1", tag[0]), text)  # not what is written
    text = re.sub(r"font: (\w+) ([\d.]+px) [^;\"]+", r"font-weight: \1; font-size: \2", text)
    text = re.sub(r"font: ([\d.]+px) [^;\"]+", r"font-size: \1", text)
    text = re.sub(r"; font-family: [^;\"]+", "", text)
    text = re.sub(r' transform="rotate\(-0 [^"]*"', "", text)
    text = _hoisted(text)
    return re.sub(r">\s+<", "><", text.strip())


def _hoisted(text: str) -> str:
    """Return marks with the style that a whole run of them shares moved to a group around it."""
    mark = r'<use href="#\w+" x="[^"]*" y="[^"]*" style="([^"]*)"/>'
    run = re.compile(rf'{mark}(?:\s*<use href="#\w+" x="[^"]*" y="[^"]*" style="\1"/>)*')

    def group(found: re.Match[str]) -> str:
        marks = re.sub(r' style="[^"]*"', "", found[0])
        return f'<g style="{found[1]}">{marks}</g>'

    return run.sub(group, text)


def _own_ids(text: str, *, key: str) -> str:
    """Return the drawing with ids that start with ``key``, without those that nothing uses."""
    used = set(re.findall(r'(?:href="|url\()#([\w-]+)', text))

    def renamed(found: re.Match[str]) -> str:
        return f' id="{key}-{found[1]}"' if found[1] in used else ""

    text = re.sub(r' id="([^"]*)"', renamed, text)
    return re.sub(r'(href="|url\()#([\w-]+)', rf"\1#{key}-\2", text)


def _as_variables(text: str, colours: Palette) -> str:
    """Return the drawing with the roles' colours as CSS variables."""
    for variable, value in colours.variables().items():
        text = re.sub(rf"{value}\b", f"var({variable})", text, flags=re.IGNORECASE)
    return text
