"""Word lists for finding codes: names of digits and letters, and words around a code. English."""

from __future__ import annotations


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
"""Names of letters that are written out."""

SOUNDS_LIKE = _table(
    "see=C sea=C are=R you=U why=Y tea=T queue=Q eye=I be=B to=2 too=2 for=4 ate=8 won=1"
)
"""Words that are letters or digits only between two that are spelled out: "a see four"."""

ANCHORS = frozenset(
    "order orders reference ref code confirmation booking reservation tracking parcel package "
    "shipment delivery purchase ticket invoice case claim number numbers nr #".split()
)
"""Words that announce a code."""

STRONG = frozenset(
    "number numbers nr no no. id code reference ref confirmation tracking invoice #".split()
)
"""Words that make it nearly certain that the number after them is a code ("order number")."""

LEADS = frozenset(
    "number numbers no no. nr id code reference is it's its it was are the called reads says say "
    "said goes with that would be here should following actually only just my our yes uh um er erm "
    "uhm hmm please under should begins starts".split()
)
"""Words that may stand between an anchor and its code ("order number is")."""

JOINS = frozenset(
    "- – — / _ dash hyphen minus slash then uh um er erm uhm hmm capital uppercase lowercase "
    "letter digit digits followed".split()
)
"""Words and signs that may stand between the parts of a code."""

FILLERS = frozenset("uh um er erm hmm".split())
"""Of `JOINS`, hesitations; in capitals they may be the letters of a code."""

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
"""Short words that often stand before a number and are not letters of a code ("in 2024")."""
