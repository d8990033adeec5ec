"""Indirect refusals of an act: "never mind the cancellation", "leave my order alone", "… can wait".

`negation` handles a negated verb. Here an expression has the name of an act as its object ("hold
off on cancelling") or its subject ("cancelling can wait"), or asks for the opposite of the act
("let the order go ahead"). All words are as in the result of `written_out`.
"""

from __future__ import annotations

import re
from functools import lru_cache

NAMES = {
    "cancel_order": r"cancell?ations?|cancell?ing|call(?:ing)?(?: \w+){1,3} off|calling off|"
    r"scrapping|dropping|voiding|stopping|aborting|withdrawing|undoing|halting",
    "human_agent": r"humans?|human (?:agents?|beings?)|persons?|people|agents?|operators?|"
    r"representatives?|reps?|managers?|supervisors?|colleagues?|staff|call cent(?:er|re)|customer "
    r"service|any(?:one|body)(?: else)?|some(?:one|body)(?: else)?|transfers?|(?:transferr?|"
    r"connect|switch|forward|pass|hand|putt|patch|speak|talk|fetch|gett|escalat)ing(?: \w+){0,4}",
    "check_order_status": r"(?:order|delivery|shipping|package|parcel)? ?status|track(?:ing)?(?: "
    r"number)?|delivery dates?|(?:check|look|locat|find|trac|chas)ing(?: \w+){0,3}|orders?|"
    r"parcels?|packages?|deliver(?:y|ies)|shipments?",
    "technical_support": r"(?:tech(?:nical)? |it )?support|troubleshooting|repairs?|assistance|"
    r"technicians?|help|(?:repair|fix|restart|reset|reboot|diagnos|sort|look|help|troubleshoot|"
    r"walk)\w*ing(?: \w+){0,4}",
    "billing": r"bills?|billing(?: details)?|invoices?|refunds?|statements?|receipts?|payments?|"
    r"money back|account balance|(?:refund|charg|bill|send|explain|invoic)ing(?: \w+){0,3}",
    "product_question": r"prices?|price list|products?|offers?|catalog(?:ue)?s?|quotes?|"
    r"specifications|stock|(?:describ|recommend|compar|quot)ing(?: \w+){0,3}",
    "farewell": r"goodbyes?|farewells?|hanging up|leaving|(?:end|finish)ing (?:the|this) \w+|"
    r"saying (?:good)?bye|disconnecting|going away",
    "stop": r"stopping|pausing|pauses?|silence|being (?:quiet|silent)|shutting up|going quiet|"
    r"breaking off",
    "repeat": r"repeating(?: \w+){0,2}|repeats?|repetitions?|saying (?:it|that)(?: again)?|"
    r"encores?",
    "emergency": r"ambulances?|police|cops|paramedics?|fire (?:brigade|department|service)|"
    r"firefighters|emergency services|911|999|112|nine one one|(?:call|send|phon|ring|alert|fetch|"
    r"notify)ing(?: \w+){0,3}",
    "home_control": r"lights?|lamps?|heat(?:er|ing)|blinds|thermostat|(?:turn|switch|dimm|open|"
    r"clos|lock)ing(?: \w+){0,4}",
    "timer_reminder": r"alarms?|timers?|reminders?|(?:remind|wak|sett)ing(?: \w+){0,4}",
    "music": r"music|songs?|radio|playing(?: \w+){0,3}",
    "shopping_list": r"(?:shopping )?list|adding(?: \w+){0,5}",
    "booking": r"bookings?|reservations?|tables?|rooms?|(?:book|reserv)ing(?: \w+){0,3}",
    "appointment": r"appointments?|(?:book|schedul|mak)ing(?: \w+){0,3}",
    "return_item": r"returns?|exchanges?|(?:return|exchang|send|swapp)ing(?: \w+){0,3}",
    "translate": r"translations?|translating(?: \w+){0,3}",
}
"""Nouns for the acts of an intent."""
_SURELY = (
    r"(?:really |actually |just |even |definitely |certainly |honestly |still |simply |only |also |"
    r"so )*"
)
_NO_SONG = r"(?! (?:to )?(?:(?:this|that|the|my) )?(?:\w+ )?(?:songs?|tracks?|ads?|chapters?)\b)"
_DECLINED = "|".join(
    (
        r"never mind(?: about)?",
        rf"(?:you can |please |just |let us )?(?:forget|skip{_NO_SONG})(?: about)?(?: what i said "
        r"about)?",
        rf"(?:can|could|may) skip{_NO_SONG}",
        r"(?:please )?(?:spare|save) (?:me|us|yourself|your\w*)",
        r"(?:hold off|hold back|wait)(?: on| with)",
        r"put off",
        r"postpone",
        r"refrain from",
        r"abstain from",
        r"avoid",
        r"leave out",
        r"do without",
        r"enough (?:of|about|with)",
        r"(?:chang\w+ (?:my|our) minds?|(?:having |had |have |got )?second thoughts|doubts) "
        r"(?:about|on)(?! wanting)",
        r"(?:decid\w+|am|are|was) (?:totally |completely |strictly |firmly )?(?:against|opposed "
        r"to)",
        r"(?:fine|good|okay|happy|better off|all right|alright|well) without",
        r"(?:could|do|did|does) not care(?: less| much)?(?: about| for)?",
        r"could care less(?: about)?",
        rf"not {_SURELY}(?:interested in|keen on|after|looking for|asking (?:for|about)|calling "
        rf"(?:about|for)|talking about|"
        r"here (?:for|about|to see)|up for|in the mood for|in favou?r of|concerned with|worried "
        r"about|thinking (?:of|about)|planning(?: on)?|speaking (?:of|about))",
        r"(?:never|not) (?:ask|asked) (?:for|about)",
        r"(?:anything|anyone|anybody) but",
        r"no (?:need|call|use|room|point|sense|reason) (?:for|in|of)",
        r"(?:rather|prefer) not (?:have|do|to have|to do|use)",
        r"not (?:need|want|require)",
        r"(?:no longer|never) (?:want|need|wanted|needed|asked for)",
        r"(?:take back|withdraw|ignore|disregard|scratch) (?:what i said|my (?:request|words|"
        r"wish))(?: about| for)?",
        r"(?:take back|withdraw|ignore|disregard)",
        r"(?:am|are) done with",
        r"bother(?: me)? with",
        r"say no to",
        r"(?:against|instead of|rather than|sooner than|out of the question is)",
    )
)
_BETWEEN = (
    r"(?:(?!get)\w+ing )?(?:(?:where|when|what|how|if|whether|any kind of|any sort of) )?(?:(?:the|"
    r"my|your|our|that|this|those|these|any|an?|all|some|more|his|its|idea of|thought of|plan of|"
    r"whole) ){0,2}(?!it\b|this\b|that\b|me\b|you\b|them\b|get\b|give\b|just\b|please\b|now\b|"
    r"and\b|or\b)(?:\w+ )?"
)
_OUT = (
    r"(?: \w+){0,6}? (?:(?:is|are|was|were|would be|will be|would only be|seems|sounds like) "
    r"(?:\w+ )?(?:the (?:very )?last thing|out of the question|unnecessary|an? (?:\w+ )?(?:mistake|"
    r"bad idea|pity|shame|disaster)|pointless|off the table|forbidden|no longer (?:needed|"
    r"necessary|wanted))|would be wrong|(?:can|could|may) (?:surely |easily |really )?wait\b|(?:is|"
    r"are|was|were|will|would|does|do) not (?:be |really )*(?:necessary|needed|required|wanted|"
    r"an option|the plan|my intention|what i|allowed|worth|help(?:ful)?|on the table|make sense)|"
    r"makes? no sense|was never (?:the plan|my \w+)|on (?:ice|hold|the back ?burner|pause)\b|"
    r"aside\b|to one side|would (?:only )?make (?:me|us) (?:\w+ )?(?:angry|furious|sad|unhappy|"
    r"cross))"
)
_THINGS = (
    r"(?:orders?|purchases?|subscription|delivery|deliveries|reservation|booking|account|settings|"
    r"password|\w+)"
)
_HELD = (
    rf"(?:(?:my|the|that|this|our|these|those|his|her) (?:\w+ ){{0,2}}?{_THINGS}(?: (?:[a-z] |\d+ "
    rf"?){{1,8}})?|it|them|"
    r"everything|things|all of it|orders? (?:(?:number )?[a-z0-9]+ ?){1,6})"
)
_LEAD = (
    r"(?:\b(?:(?:no|well|please|just|really|then|actually|better|rather|okay) )*(?:(?:i|we) "
    r"(?:(?:would|will|do|have|am|are|did|only|really|just|still) )*(?:(?:rather|prefer|like|love|"
    r"want|need|wish|decided|going|better) )?(?:(?:it|that|if|you|to|for|they|everyone) )*|(?:can|"
    r"could|would) you |let us |you (?:can|may|should|better) )?)"
)
KEPT = re.compile(
    rf"{_LEAD}(?:\b(?:keep|keeping|kept|leave|left|leaving) {_HELD} ?(?:alone|be\b|as (?:it|they|"
    rf"is)\b(?: (?:is|are|was|stands))?|"
    r"(?:exactly )?(?:the way|where|how) (?:it|they) (?:is|are)|exactly as it is|in (?:place|peace|"
    r"it|the system)|in\b|running|active|open|going|untouched|alive|on(?: the books)?\b|standing|"
    r"valid|unchanged|for now)"
    r"|\b(?:hands off|keep your hands off|stay away from|do not (?:touch|mess with)) \w+(?: "
    r"\w+){0,2})"
)
"""Requests to leave things as they are, so that no act is wanted."""
KEPT_ORDER = re.compile(
    rf"{_LEAD}\b(?:(?:keep|hold on to|stick (?:with|to)|go (?:ahead|through|on) with|going "
    rf"(?:ahead|through) with|proceed with|continue with|keeping|stand by) (?:my |the |that |this |"
    rf"our )?(?:\w+ )?(?:orders?|purchase|it\b(?! (?:simple|short|quick|down|brief|real|on|up|"
    rf"cool))|subscription|everything)"
    rf"|let (?:it|them|{_HELD}) (?:stand|be|go ahead|go through|proceed|run(?: its course)?|ship|"
    rf"come)\b"
    rf"|(?:order|purchase|it) (?:should |must |is to |can )?(?:stays?|stands?|remains?|go(?:es)? "
    rf"ahead)\b)"
)
"""Requests to go on with an order, so that nothing is to be cancelled."""
PUT_OFF = re.compile(
    r"\b(?:i|we) will (?!need|want|like|have to)(?:\w+ ){1,12}?(?:(?:some other|another|"
    r"a different) (?:day|time|week)|later|tomorrow|next (?:week|time|month)|(?:in my|on my) "
    r"own(?: time)?|myself|when (?:i am|we are|i feel) (?:\w+ )*ready)\b"
    r"|\blet us (?:\w+ )?(?:wait|hold)(?: off)?(?: a (?:bit|while|moment|little))? (?:before|until|"
    r"with|on) (?:\w+ ?){1,8}"
    r"|\bnot (?:got |have )?(?:an?|any|the slightest) (?:\w+ )?(?:problems?|questions?|issues?|"
    r"complaints?|quarrel|doubts?|concerns?|query|queries) (?:with|about|over|on|as to) "
    r"(?:\w+ ?){1,8}"
)
"""Statements that an act is postponed, that speakers will do it themselves, or that there is no
reason for it."""
_UNKEPT = re.compile(r"\b(?:not|never|no longer|why|can not) (?:\w+ ){0,3}$")
_WITHDRAWN = re.compile(
    r"\b(?:scrap|scratch|drop|forget|strike|ignore|disregard|undo|cancel) (?:that|my|the|this)(?: "
    r"last| previous| first)? (?:request|question|idea|thought|suggestion|what i said|command|"
    r"thing i said)\b"
)
"""Withdrawals of something that was said, as opposed to an order."""


def stripped(words: str, intent: str) -> tuple[str, bool]:
    """`words` without indirect refusals of the acts of `intent`, and whether there were any."""
    left, found = _WITHDRAWN.sub(" , ", words), False
    patterns = _patterns(intent)
    if patterns is None:
        return words, False
    kept = (KEPT, KEPT_ORDER, PUT_OFF) if intent == "cancel_order" else (KEPT, PUT_OFF)
    for pattern in (*patterns, *kept):
        for match in reversed(list(pattern.finditer(left))):
            if pattern in kept and _UNKEPT.search(left[: match.start()]):
                continue  # "I can't keep it"
            ahead = left[match.end() :]
            left = f"{left[: match.start()]} {'so' if ahead.startswith(' than') else ','} {ahead}"
            found = True
    return " ".join(left.split()), found


@lru_cache(maxsize=64)
def _patterns(intent: str) -> tuple[re.Pattern[str], ...] | None:
    """Patterns of refusals of the acts of `intent`; None for an intent without nouns."""
    name = NAMES.get(intent)
    if name is None:
        return None
    ahead = re.compile(rf"\b(?:{_DECLINED}) {_BETWEEN}(?:{name})\b")
    behind = re.compile(rf"\b(?:{name})\b{_OUT}")
    without = re.compile(
        rf"\bleave (?:the |your |any )?(?:\w+ )?(?:{name})\b (?:out|alone|be|in peace|where|"
        rf"aside)\b"
    )
    return ahead, behind, without
