"""Patterns of Markdown, HTML and LaTeX that `markup` removes or replaces."""

from __future__ import annotations

import re

HEADING = re.compile(r"#{1,6}[ \t]+")
BULLET = re.compile(r"[-*+•◦▪‣·–](?:[ \t]+)(?:\[[ xX]\][ \t]+)?")
NUMBERED = re.compile(r"\d{1,3}[.)][ \t]")
WHOLE_RULE = re.compile(r"(?:[-*_=][ \t]*){3,}|(?=[ \t|:]*-)[|:-][ \t|:-]*")
"""A horizontal rule, or the line between the head and the body of a table."""

UNFINISHED_LINE = re.compile(
    r"(?:[-*_=][ \t]*)+|[|:-][ \t|:-]*|\|.*|[+•◦▪‣·–][ \t]*|#{1,6}|\d{1,3}[.)]?|\[[^\]]*"
    r"(?:\](?::.*)?)?"
)
"""The beginning of a line that may still become a rule, a table row, a bullet, a heading or a link
definition."""

FENCE = re.compile(r"(?P<marks>`{3,}|~{3,})(?P<about>.*)")
PLAIN_FENCES = frozenset({"text", "txt", "plain", "plaintext", "markdown", "md"})
"""Info strings of fenced blocks that hold prose, not code."""

LINK_DEFINITION = re.compile(r"[ \t]*\[[^\]]{1,60}\]:[ \t]+\S.*")
LINK = re.compile(
    r"\[(?P<text>(?:[^\[\]\n]|\[[^\[\]\n]*\]){0,300})\](?:\((?P<target>[^()\n]*"
    r"(?:\([^()\n]*\)[^()\n]*)*)\)|\[(?P<reference>[^\]\n]{0,60})\])?"
)
CITATION = re.compile(
    r"\s*|[\^*†‡]?\d{1,3}(?:\s?[,;–-]\s?\d{1,3})*|\^[\w-]+|[xX]|citation needed|source|sources|ref|"
    r"note \d+|\d{1,2}†.*"
)
TAG = re.compile(
    r"<!--.*?-->|<(?P<close>/)?(?P<name>[A-Za-z][A-Za-z0-9-]*)(?:\s[^<>]*|:[^<>\s]*|@[^<>\s]*|"
    r"\.[^<>\s]*)?/?>|<![A-Za-z][^<>]*>",
    re.DOTALL,
)
AUTOLINK = re.compile(r"<(?P<address>(?:https?|ftp|mailto):[^<>\s]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+)>")
HIDDEN_TAGS = frozenset({"script", "style"})
_INLINE = (
    "a abbr acronym b bdi bdo big cite code data del dfn em font i img input ins kbd label mark "
    "meta q s samp small span strike strong sub sup time tt u var wbr svg path button select "
    "option textarea form iframe audio video source canvas object link"
)
_BLOCK = (
    "address article aside blockquote body br caption center col colgroup dd details div dl dt "
    "fieldset figcaption figure footer h1 h2 h3 h4 h5 h6 head header hr html legend li main nav ol "
    "p pre section summary table tbody td tfoot th thead title tr ul"
)
HTML_TAGS = {**dict.fromkeys(_INLINE.split(), ""), **dict.fromkeys(_BLOCK.split(), " ")}
"""HTML elements, and what replaces their tags. Other words in angle brackets are text."""

EMOJI = re.compile(
    "[\U0001f000-\U0001faff\U0001fb00-\U0001fbff\u2600-\u2604\u2607-\u2664\u2666-\u27bf\u2b00-\u2bff\u2300-\u23ff\u25a0-\u25ff\ufe00-\ufe0f\u200d\u20e3"
    "\U000e0020-\U000e007f\u3030\u303d\u3297\u3299\u2139\u2049\u203c]"
)
"""Emoji; not ★ ☆ ♥, which also stand for words."""

KEY_PRESSED = re.compile(
    r"\b(?:(?P<dialled>press|dial|hit|push|tap)|enter|type|use|then|or|and)(?: the)?\s$",
    re.IGNORECASE,
)
"""Text after which an asterisk may be a key of a telephone."""

KEY = re.compile(r"\*(?:#?\d+#?|(?=[.,;:!?)\s]|$))")
PLAIN_RUN = re.compile(r"[^*_~`\[\]!<\\|\n^]+")
ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
UNFINISHED_ENTITY = re.compile(r"&(?:#\w{0,7}|[A-Za-z][A-Za-z0-9]{0,30})?$")
_BRACED = r"(?:[^{}\n]|\{[^{}\n]{0,80}\})"
MATH = re.compile(rf"\\[dt]?frac\{{(?P<top>{_BRACED}*)\}}\{{(?P<bottom>{_BRACED}*)\}}")
_OPEN_BRACED = rf"\{{{_BRACED}{{0,99}}(?:\{{[^{{}}\n]{{0,80}})?"
UNFINISHED_MATH = re.compile(
    rf"\\[dt]?(?:f(?:r(?:a(?:c(?:{_OPEN_BRACED}(?:\}}(?:{_OPEN_BRACED})?)?)?)?)?)?)?"
)
POWER = re.compile(rf"\^\{{(?P<power>{_BRACED}{{1,60}})\}}")
DEGREE = re.compile(r"\^(?:\\circ(?![A-Za-z])|\{\\circ\})")
UNFINISHED_DEGREE = re.compile(r"\^(?:\\(?:c(?:i(?:r(?:c)?)?)?)?)?")
RAISED = re.compile(r"<sup>\s?(?P<raised>[^<>\n]{1,12}?)\s?</sup>", re.IGNORECASE)
RAISED_TO = re.compile(r"(?:(?<!\d)\d{1,3}|\d{5,}|\)|\b[A-Za-z]|\b(?:cm|mm|km|ft|in|mi|yd))$")
"""Text before a raised number that is a power; elsewhere it is the number of a note."""

LATEX = {
    "times": "×",
    "cdot": "×",
    "div": "÷",
    "pm": "±",
    "le": "≤",
    "leq": "≤",
    "ge": "≥",
    "geq": "≥",
    "ne": "≠",
    "neq": "≠",
    "approx": "≈",
    "pi": "π",
    "infty": "∞",
    "degree": "°",
    "circ": "°",
    "sqrt": "√",
    "text": "",
    "mathrm": "",
    "mathbf": "",
    "left": "",
    "right": "",
    "mathbb": "",
    "mathcal": "",
    "operatorname": "",
    "quad": " ",
    "boxed": "",
    "to": "→",
    "rightarrow": "→",
    "ldots": "...",
    "dots": "...",
    "alpha": "α",
    "beta": "β",
    "gamma": "γ",
    "delta": "δ",
    "theta": "θ",
    "lambda": "λ",
    "sigma": "σ",
    "omega": "ω",
    "epsilon": "ε",
    "phi": "φ",
    "tau": "τ",
    "Delta": "Δ",
    "Sigma": "Σ",
    "sum": "∑",
    "int": "∫",
    "partial": "∂",
    "in": "∈",
    "cup": "∪",
    "cap": "∩",
    "subset": "⊂",
    "forall": "∀",
    "exists": "∃",
    "lt": "<",
    "gt": ">",
    "mod": "mod",
}
