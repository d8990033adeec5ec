"""An SVG document of matplotlib as an element of a page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree

if TYPE_CHECKING:
    pass
from voice_local.bench.plot_style import VARIABLES

SVG = "{http://www.w3.org/2000/svg}"
XLINK = "{http://www.w3.org/1999/xlink}"


def _variable(found: re.Match[str]) -> str:
    """The page's variable for a colour; its own as the fallback, should the element be taken out of
    the page."""
    return f"var({VARIABLES[found[0]]}, {found[0]})" if found[0] in VARIABLES else found[0]


def inline(document: bytes, key: str, label: str) -> str:
    """What matplotlib wrote, fit for a page: ids of its own, the page's font and colours, no
    metadata, no style sheet."""
    root = ElementTree.fromstring(document)  # noqa: S314 - matplotlib's own output, a moment ago
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in (f"{SVG}metadata", f"{SVG}style"):
                parent.remove(child)
    for element in root.iter():
        element.tag = element.tag.removeprefix(SVG)
        for name, value in list(element.attrib.items()):
            del element.attrib[name]
            name = name.removeprefix(XLINK)
            if name == "id":
                value = f"{key}-{value}"
            elif name == "href":
                value = value.replace("#", f"#{key}-", 1)
            else:
                value = value.replace("url(#", f"url(#{key}-")
            if name in ("fill", "stroke"):  # of hatches; a variable needs a style
                name, value = (
                    "style",
                    f"{element.attrib.get('style', '')};{name}:{value}".lstrip(";"),
                )
            if name == "style":
                value = re.sub(
                    r"#[0-9a-f]{6}(?!\))", _variable, re.sub(r"font-family:[^;]*;?", "", value)
                )
                value = re.sub(r"font: ([\d.]+px)[^;]*", r"font-size: \1", value)
            element.attrib[name] = value
    box = root.attrib["viewBox"]
    root.attrib.clear()
    root.attrib.update(
        {
            "xmlns": SVG[1:-1],
            "viewBox": box,
            "role": "img",
            "aria-label": label,
            "style": "stroke-linejoin: round; stroke-linecap: butt",
        }
    )
    return ElementTree.tostring(root, encoding="unicode")
