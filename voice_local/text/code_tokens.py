"""The words of a sentence as parts of a code: letters, digits, numbers, and what stands between
them.

"B as in Bravo" and "bravo" are the letter B, "double" repeats what follows, "oh" is a zero.
English.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import Enum, auto


class Kind(Enum):
    """What a word may be to a code. `GROUP`: two letters or more, written as one. `MANY`:
    "fives"."""

    LETTER = auto()
    GROUP = auto()
    DIGIT = auto()
    NUMBER = auto()
    MIXED = auto()
    TEEN = auto()
    TENS = auto()
    SCALE = auto()
    TIMES = auto()
    MANY = auto()
    JOIN = auto()
    COMMA = auto()
    POINT = auto()
    STOP = auto()
    ANCHOR = auto()
    LEAD = auto()
    WORD = auto()


@dataclass(frozen=True)
class Token:
    """One word or sign.

    Attributes:
        text: as written. start: where it begins. end: one past it.
        kind: see `Kind`.
        value: what it adds to a code: capitals or digits; of `TIMES` how often, of `SCALE` how
            much.
        sure: whether it is part of a code without an order word before it, too.
        spelled: whether it was said or written by itself, one sign: a letter, a digit or its name.
    """

    text: str
    start: int
    end: int
    kind: Kind
    value: str = ""
    sure: bool = True
    spelled: bool = False


def _table(names: str) -> dict[str, str]:
    """{"word": "value"} of "word=value other=value"."""
    return dict(pair.split("=") for pair in names.split())


DIGITS = _table(
    "zero=0 nought=0 naught=0 one=1 two=2 three=3 four=4 five=5 six=6 seven=7 eight=8 nine=9 "
    "niner=9 oh=0"
)
TEENS = _table(
    "ten=10 eleven=11 twelve=12 thirteen=13 fourteen=14 fifteen=15 sixteen=16 seventeen=17 "
    "eighteen=18 nineteen=19"
)
TENS = _table(
    "twenty=20 thirty=30 forty=40 fourty=40 fifty=50 sixty=60 seventy=70 eighty=80 ninety=90"
)
SCALES = _table("hundred=100 thousand=1000")
TIMES = _table("double=2 triple=3 treble=3 quadruple=4")
MANY = _table(
    "zeros=0 zeroes=0 ones=1 twos=2 threes=3 fours=4 fives=5 sixes=6 sevens=7 eights=8 nines=9"
)
NATO = {
    word: word[0].upper()
    for word in (
        "alpha alfa bravo charlie delta echo foxtrot golf hotel india juliett juliet kilo lima "
        "mike november oscar papa quebec romeo sierra tango uniform victor whiskey whisky xray "
        "yankee zulu"
    ).split()
}
NAMED = _table(
    "bee=B dee=D eff=F gee=G aitch=H haitch=H jay=J kay=K el=L em=M pee=P cue=Q ess=S tee=T vee=V "
    "ex=X zee=Z zed=Z"
)
_SOUNDS_LIKE = _table(
    "see=C sea=C are=R you=U why=Y tea=T queue=Q eye=I be=B to=2 too=2 for=4 ate=8 won=1"
)
"""Only between two signs that were spelled: by themselves they are words."""

ANCHORS = frozenset(
    "order orders reference ref code confirmation booking reservation tracking parcel package "
    "shipment delivery purchase ticket invoice case claim number numbers nr #".split()
)
STRONG = frozenset(
    "number numbers nr no no. id code reference ref confirmation tracking invoice #".split()
)
_LEADS = frozenset(
    "number numbers no no. nr id code reference is it's its it was are the called reads says say "
    "said goes with that would be here should following actually only just my our yes uh um er erm "
    "uhm hmm please under should begins starts".split()
)
_JOINS = frozenset(
    "- – — / _ dash hyphen minus slash then uh um er erm uhm hmm capital uppercase lowercase "
    "letter digit digits followed".split()
)
_FILLERS = frozenset("uh um er erm hmm".split())
NO_LETTERS = frozenset(
    "a an and am as at be by do for from go had has have he her hi him his i id if in is it its me "
    "may mr mrs ms my no not nr of off oh ok old on one or our out over own paid pay room sent she "
    "so than that the them they till to took top two ten six up us use via vs was we were what "
    "when who why will with year yes yet you your about age almost also after been best both bus "
    "buy but call can come cost code day dear did due each even ever fix full gate get gets give "
    "goes good got here how into item just keep know last late left less let like line list live "
    "long look made make many mid more most much must near need new next nine five four now only "
    "open page part past per plus pre put read said same save say says send set sub such sure take "
    "tell then this time try type until upto wait want week well went whose won pm tv pc usb uk eu "
    "gb mb tb kg km cm mm ml st nd rd th dr vat case ref sorry mean eur usd gbp chf pack flat door "
    "card unit days pin been some any all its too her ours very when back does were been see say "
    "hey how why".split()
)
"""Words that stand before numbers without being the letters of a code ("in 2024")."""
LONGEST_GROUP, LONGEST_DOUBTFUL = 6, 4
"""Letters written as one: in capitals, and in small letters, where they may be a word."""
_WORD = re.compile(r"no\.(?=\s*#?\d)|\d{1,3}(?:,\d{3})+(?![\d,])|[A-Za-z0-9]+(?:['’][A-Za-z]+)*|\S")
_MIXED = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[A-Za-z0-9]+")
_CODED = (
    Kind.LETTER,
    Kind.GROUP,
    Kind.DIGIT,
    Kind.NUMBER,
    Kind.MIXED,
    Kind.TEEN,
    Kind.TENS,
    Kind.SCALE,
    Kind.TIMES,
    Kind.MANY,
)


def coded(token: Token | None) -> bool:
    """Whether `token` is part of a code."""
    return token is not None and token.kind in _CODED


def tokens(text: str) -> list[Token]:
    """The words and signs of `text`. What only sounds like a letter or a digit is one where its
    neighbours are."""
    found = [_token(match, text) for match in _WORD.finditer(_prepared(text))]
    found = [
        replace(token, kind=Kind.JOIN) if _is_and(found, index) else token
        for index, token in enumerate(found)
    ]
    found = [_heard(found, index) for index in range(len(found))]
    return _without_explanations(found)


def _prepared(text: str) -> str:
    """`text`, as long as before, its rarer spellings made alike."""
    text = re.sub(r"\b(x)[- ](ray)\b", r"\1\2 ", text, flags=re.IGNORECASE)
    return re.sub(
        r"\bdouble[- ](?:u|you)\b", lambda m: "W".ljust(len(m[0])), text, flags=re.IGNORECASE
    )


def _token(match: re.Match[str], text: str) -> Token:
    word, start, end = match[0], match.start(), match.end()
    low = word.lower()

    def of(kind: Kind, value: str = "", *, sure: bool = True, spelled: bool = False) -> Token:
        return Token(word, start, end, kind, value, sure, spelled)

    if word.isascii() and word.replace(",", "").isdigit() and word[0] != ",":
        digits = word.replace(",", "")
        single = len(digits) == 1
        return of(
            Kind.DIGIT if single else Kind.NUMBER, digits, sure="," not in word, spelled=single
        )
    for kind, table in (
        (Kind.DIGIT, DIGITS),
        (Kind.TEEN, TEENS),
        (Kind.TENS, TENS),
        (Kind.SCALE, SCALES),
        (Kind.TIMES, TIMES),
        (Kind.MANY, MANY),
    ):
        if low in table:
            return of(kind, table[low], spelled=kind is Kind.DIGIT)
    if low in NATO:
        return of(Kind.LETTER, NATO[low], spelled=True)
    if len(word) == 1 and word.isascii() and word.isalpha():
        return of(Kind.LETTER, word.upper(), spelled=True)
    if low in _JOINS and not (low in _FILLERS and word.isupper()):
        return of(Kind.JOIN)
    if low in ANCHORS:
        return of(Kind.ANCHOR)
    if (low in _LEADS and low not in _FILLERS) or word == ":":
        return of(Kind.LEAD)
    if word in ",;":
        return of(Kind.COMMA)
    if word == ".":
        return of(Kind.POINT)
    if word in "?!":
        return of(Kind.STOP)
    if _MIXED.fullmatch(word):
        return _mixed(word, of(Kind.MIXED, word.upper()))
    if word.isascii() and word.isalpha() and len(word) <= LONGEST_GROUP and low not in NO_LETTERS:
        shouted = (
            not any(char.islower() for char in text) and len(re.findall("[A-Z]{3,}", text)) > 1
        )
        sure = len(word) == 2 or (word.isupper() and not shouted)
        if sure or len(word) <= LONGEST_DOUBTFUL or low in NAMED:
            return of(Kind.GROUP, word.upper(), sure=sure)
    return of(Kind.WORD)


def _mixed(word: str, token: Token) -> Token:
    """ "AB1234"; of "order1234" only the number, and of "iphone15" nothing without an order word
    before."""
    letters = re.match("[A-Za-z]*", word)
    lead = letters[0] if letters else ""
    if lead.lower() in ANCHORS:
        return replace(token, kind=Kind.NUMBER, value=word[len(lead) :].upper())
    return replace(token, sure=len(lead) < 5)


def _heard(found: list[Token], index: int) -> Token:
    """The token at `index`, with what its neighbours make of it."""
    token = found[index]
    before = _neighbour(found, index, -1)
    after = _neighbour(found, index, 1)
    low = token.text.lower()
    if token.kind is Kind.GROUP:
        if low in NAMED and (_spelled(before) or _spelled(after)):
            return replace(token, kind=Kind.LETTER, value=NAMED[low], sure=True, spelled=True)
        glued = (
            after is not None
            and found[index + 1].text == "-"
            and found[index + 1].end == after.start
        )
        if _numeric(after) or (token.sure and (coded(after) or coded(before))):
            return replace(token, sure=token.sure or (glued and len(token.text) <= 4))
        return replace(token, kind=Kind.WORD)
    if low in _SOUNDS_LIKE and _next_to(found, index, -1) and _next_to(found, index, 1):
        value = _SOUNDS_LIKE[low]
        return replace(
            token,
            kind=Kind.DIGIT if value.isdigit() else Kind.LETTER,
            value=value,
            sure=True,
            spelled=True,
        )
    if (
        token.value == "O"
        and len(token.text) == 1
        and before is not None
        and before.kind is Kind.DIGIT
    ):
        return replace(token, kind=Kind.DIGIT, value="0")  # "five o eight"
    if (
        low == "oh"
        and not coded(before)
        and found[index + 1 : index + 2]
        and found[index + 1].kind is Kind.COMMA
    ):
        return replace(token, kind=Kind.WORD)  # "oh, it is ..."
    return token


def _is_and(found: list[Token], index: int) -> bool:
    """Whether the token at `index` is the "and" of "two hundred and five" or "AB and then 1234"."""
    if found[index].text.lower() != "and" or not 0 < index < len(found) - 1:
        return False
    return coded(found[index - 1]) and (
        found[index + 1].text.lower() == "then"
        or (found[index - 1].kind is Kind.SCALE and coded(found[index + 1]))
    )


def _neighbour(found: list[Token], index: int, step: int) -> Token | None:
    """The next word before or after, marks and joining words left out."""
    index += step
    while 0 <= index < len(found):
        if found[index].kind not in (Kind.JOIN, Kind.COMMA, Kind.POINT):
            return found[index]
        index += step
    return None


def _next_to(found: list[Token], index: int, step: int) -> bool:
    """Whether the very next token was spelled, and is no word by itself."""
    other = index + step
    return (
        0 <= other < len(found)
        and found[other].spelled
        and found[other].text.lower() not in ("a", "i")
    )


def _spelled(token: Token | None) -> bool:
    return token is not None and (
        token.spelled or token.kind is Kind.TIMES or token.text.lower() in NAMED
    )


def _numeric(token: Token | None) -> bool:
    return token is not None and token.kind in (
        Kind.DIGIT,
        Kind.NUMBER,
        Kind.TEEN,
        Kind.TENS,
        Kind.TIMES,
        Kind.MIXED,
    )


def _without_explanations(found: list[Token]) -> list[Token]:
    """ "B as in Bravo", "B for Bob", "B, bravo": the letter alone."""
    kept: list[Token] = []
    index = 0
    while index < len(found):
        token = found[index]
        kept.append(token)
        index += 1
        if token.kind is Kind.LETTER and len(token.text) == 1:
            index += _explanation(found, index, token)
    return kept


def _explanation(found: list[Token], index: int, letter: Token) -> int:
    """How many tokens from `index` on only explain `letter`."""
    begin = index
    if index < len(found) and found[index].kind is Kind.COMMA:
        index += 1
    words = [token.text.lower() for token in found[index : index + 4]]
    for cue in (["as", "in"], ["is", "for"], ["is", "in"], ["for"], ["like"], ["of"]):
        if words[: len(cue)] == cue and len(words) > len(cue) and words[len(cue)][0].isalpha():
            word = words[len(cue)]
            alike = word[0] == letter.text.lower() and len(word) > 1
            safe = letter.text.lower() not in ("a", "i") or word in NATO or cue != ["like"]
            if cue == ["as", "in"] or (alike and safe):
                return index + len(cue) + 1 - begin
    if words and NATO.get(words[0]) == letter.value:
        return index + 1 - begin
    return 0
