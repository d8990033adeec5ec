"""E-mail and web addresses, names of files, handles."""

from __future__ import annotations

import re

from voice_local.text.speech import initials
from voice_local.text.speech.numbers import digits
from voice_local.text.speech.rules import (
    Reading,
    Rule,
)
from voice_local.text.speech.slashes import is_path

_ENDINGS = (
    "com|org|net|edu|gov|mil|int|info|biz|io|co|ai|app|dev|me|tv|uk|us|eu|de|fr|es|it|nl|ca|au|in|"
    "jp|cn|br|ru|"
    "ch|at|be|se|no|dk|pl|ie|nz|za|mx|xyz|online|shop|store|tech|blog|news|cloud|site|local"
)
_FILES = (
    "pdf|docx?|xlsx?|pptx?|txt|csv|tsv|py|js|ts|html?|css|json|xml|ya?ml|toml|md|png|jpe?g|gif|svg|"
    "bmp|webp|"
    "mp[34]|wav|flac|ogg|zip|tar|gz|7z|exe|dll|sh|bat|cpp|rs|java|ini|cfg|conf|log|db|sql|ipynb|"
    "onnx|gguf|iso|apk|deb|rpm|avi|"
    "mkv|mov"
)
_SAID_AS_WORDS = frozenset(
    "com org net info biz gov mil app dev online shop store tech blog news cloud site local co "
    "me doc docx zip tar java log wav gif bat ini jpeg json toml conf bitmap flac avi".split()
)
_EMAIL = re.compile(
    r"(?:mailto:)?(?P<name>[A-Za-z0-9][\w.+-]*)@(?P<host>[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)"
)
_WEB = re.compile(
    r"(?<![\w@.])(?:(?P<scheme>(?:https?|ftp|wss?|file):/{2,3})(?P<rest>[^\s<>\"]+)"
    rf"|(?P<bare>(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+(?:{_ENDINGS})(?![A-Za-z0-9-]|"
    rf"\.[A-Za-z]\w)"
    rf"(?:[/?#:][^\s<>\"]*)?)"
    r"|(?P<www>www\.[^\s<>\"]+))",
    re.IGNORECASE,
)
_FILE = re.compile(
    rf"(?<![\w@])(?P<path>[~.]{{0,2}}/?(?:[\w.+-]+/)*[\w+-]+(?:\.[\w+-]+)*\.(?:{_FILES}))(?![\w@]|"
    rf"\.\w)",
    re.IGNORECASE,
)
_PATH = re.compile(
    r"(?<![\w/.])(?P<path>(?:~|\.{1,2})?(?:/[\w.+-]*[\w+-]){2,}/?|"
    r"[A-Za-z_][\w.+-]*(?:/[\w.+-]*[\w+-]){2,})(?![\w/])"
)
_HANDLE = re.compile(r"(?<![\w.@])(?P<sign>[@#])(?P<name>[A-Za-z_]\w*)(?!-?\d|\w)")
_ENDING = re.compile(
    rf"(?<![\w.])\.(?P<ending>{_FILES}|env|bashrc|zshrc|gitignore|com|org|net|edu|gov)(?![\w.])"
)
_TRAILING = ".,;:!?)]}'\"…”’>*_"
_SIGNS = {
    ".": "dot",
    "-": "dash",
    "_": "underscore",
    "+": "plus",
    "/": "slash",
    ":": "colon",
    "~": "tilde",
    "%": "percent",
    "&": "and",
    "=": "equals",
    "@": "at",
}
MOST_STEPS = 3
"""Most steps of a path that are read out; more are hard to follow by ear."""


def name_words(text: str) -> str:
    """ "jane.doe_99" → "jane dot doe underscore nine nine"."""
    said = []
    for run in re.findall(r"\d+|[A-Za-z]+|[^\W\d_]+|.", text):
        if run.isdigit() and run.isascii():
            said.append(digits(run))
        elif run.isalpha():
            said.append(_name(run))
        elif run in _SIGNS:
            said.append(_SIGNS[run])
    return " ".join(said)


def _name(run: str) -> str:
    if run.lower() in _SAID_AS_WORDS:
        return run
    if run.isupper():
        return initials.said_as_word(run) if initials.is_word(run) else initials.spell(run)
    said = (
        (len(run) > 2 and re.search("[aeiouyAEIOUY]", run))
        or initials.is_word(run)
        or not run.isascii()
    )
    return run if said else initials.spell(run)


def _host(host: str) -> str:
    parts = host.removeprefix("www.").removeprefix("WWW.").split(".")
    *names, last = parts
    said = [name_words(name) for name in names]
    spelled = len(last) < 4 and last.isalpha() and last.lower() not in _SAID_AS_WORDS
    return " dot ".join([*said, initials.spell(last) if spelled else name_words(last)])


def _email(match: re.Match[str], reading: Reading) -> str:
    return f"{name_words(match['name'])} at {_host(match['host'])}"


def _web(match: re.Match[str], reading: Reading) -> str | None:
    rest = match["rest"] or match["bare"] or match["www"]
    address = rest.rstrip(_TRAILING)
    end = rest[len(address) :]
    place = re.split(r"[?#]", address, maxsplit=1)[0]
    host, *steps = place.split("/")
    name, _, port = host.rpartition("@")[2].partition(":")
    if not any(char.isalnum() for char in name):
        return None
    said = _host(name) + (f" colon {digits(port)}" if port.isdigit() else "")
    for step in [step for step in steps if step][:MOST_STEPS]:
        said += f" slash {name_words(step)}"
    return said + "".join(char for char in end if char in ".,;:!?)\"'")


def _path(match: re.Match[str], reading: Reading) -> str | None:
    path = match["path"]
    steps = [step for step in path.split("/") if step]
    if match.re is _PATH and path[0].isalpha() and not is_path(steps):
        return None  # "red/green/blue"
    if len(steps) > MOST_STEPS:
        steps = steps[-MOST_STEPS:]
    lead = (
        "slash "
        if path.startswith("/") and len(steps) == len([step for step in path.split("/") if step])
        else ""
    )
    return lead + " slash ".join(_file_name(step) for step in steps)


def _file_name(step: str) -> str:
    name, point, ending = step.rpartition(".")
    if not point or not name:
        return name_words(step)
    said = ending if ending.lower() in _SAID_AS_WORDS else name_words(ending.upper())
    return f"{name_words(name)} dot {said}"


def _ending(match: re.Match[str], reading: Reading) -> str:
    """ "a .pdf" → "a dot P D F"."""
    ending = match["ending"]
    said = ending if ending.lower() in _SAID_AS_WORDS else name_words(ending.upper())
    return f"dot {said if len(ending) < 5 else ending}"


def _handle(match: re.Match[str], reading: Reading) -> str:
    """ "#MeToo" → "hashtag Me Too", without the word where it stands before it already."""
    word = "at" if match["sign"] == "@" else "hashtag"
    before = match.string[: match.start()].lower()
    parts = re.split(r"(?<=[a-z])(?=[A-Z][a-z])", match["name"])
    name = " ".join(map(name_words, parts))
    return name if re.search(rf"\b{word}s?\s$", before) else f"{word} {name}"


RULES = (
    Rule(_EMAIL, _email),
    Rule(_WEB, _web),
    Rule(_FILE, _path),
    Rule(_PATH, _path),
    Rule(_HANDLE, _handle),
    Rule(_ENDING, _ending),
)
