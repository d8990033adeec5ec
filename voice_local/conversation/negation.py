"""Which acts a sentence denies: "do not cancel it" is no order to cancel, whatever a model takes it for.

Only wordings that forbid, decline or call off an act count. That something "has not arrived" or "does not work" denies
nothing, nor do questions that ask for an act with a "not" in them ("why don't you cancel it"). In doubt an act is denied:
then somebody is answered, and nothing is done.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from voice_local.conversation.refusals import stripped

_SPELLINGS = tuple((re.compile(pattern), written) for pattern, written in (
    (r"[’‘`´]", "'"), (r"\bwon'?t\b", "will not"), (r"\bcan'?t\b|\bcannot\b", "can not"),
    (r"\b(do|does|did|is|are|was|were|has|have|had|should|would|could|must|need)n'?t\b", r"\1 not"),
    (r"\bi'?m\b", "i am"), (r"\b(you|we|they)'re\b", r"\1 are"), (r"\b(he|she|it|that|there|what)'s\b", r"\1 is"),
    (r"\b(i|you|we|they|it|he|she)'d\b", r"\1 would"), (r"\bid (?=rather|prefer|like|not)", "i would "),
    (r"\b(i|you|we|they|it)'ll\b", r"\1 will"), (r"\b(i|you|we|they)'?ve\b", r"\1 have"),
    (r"\blet's\b|\blets\b", "let us"), (r"\byou are not to\b", "you must not"),
    (r"\s*([.,;:!?…—])(?!\d)\s*", r" \1 "), (r"\s+", " ")))

_ACTS = {intent: re.compile(rf"\b(?:{pattern})\b") for intent, pattern in {
    "cancel_order":
        r"cancel\w*|call(?:ed|ing)?(?: \w+){0,3} off|scrap\w*|drop(?:ping|ped)? (?:it|my|the|that)|void\w*|abort\w*|"
        r"touch\w*|"
        r"(?:stop|end|kill|terminat)\w* (?:it|my|the|that|this|any) ?(?:order|purchase|subscription|delivery)?",
    "human_agent":
        r"(?:transfer|connect|forward|redirect|switch|pass|hand|put|putting|patch)\w* (?:me|us|this|the call)|"
        r"transferr?\w*|"
        r"persons?|people|humans?|agents?|operators?|representatives?|reps?|managers?|someone|somebody|anyone|"
        r"anybody|supervisors?|colleagues?|human being|staff|customer service|call cent(?:er|re)",
    "check_order_status":
        r"(?:my|the|that|an?y?|your|our) (?:\w+ )?(?:orders?|parcels?|packages?|deliver\w*|shipments?)|"
        r"(?:check|look|locat|find)\w*(?: \w+)? (?:it|that|on|up)|track\w*",
    "technical_support":
        r"help\w*|support|fix\w*|repair\w*|assist\w*|technicians?|troubleshoot\w*|restart\w*|reset\w*",
    "billing": r"bills?|invoices?|statements?|receipts?|billing|refunds?|payments?",
    "product_question": r"prices?|products?|costs?|warranty|offers?|stock|about (?:the|this|that|it)|details",
    "farewell":
        r"hang(?:ing)?(?: up)?|leav\w+|go(?:ing)?(?: away)?|disconnect\w*|sa(?:y|ying|id) (?:good)?bye|"
        r"end (?:the|this) (?:call|conversation)",
    "stop": r"stop\w*|paus\w*|quit\w*|(?:be|stay|get|go) (?:quiet|silent)|shut\w*(?: up)?|hush|silence|mut(?:e|ing)",
    "repeat": r"repeat\w*|again|twice|once more|over that|say (?:it|that)",
    "emergency":
        r"(?:call|send|get|phone|ring|fetch|alarm|alert|bother|need|want|bring|contact|dial|involv)\w*\b.*"
        r"\b(?:ambulances?|police|cops|911|999|112|nine one one|fire (?:brigade|department|service|fighters)|"
        r"firefighters|"
        r"paramedics?|emergency|doctor|help|anyone|anybody|rescue)|an? (?:\w+ )?emergency|ambulances?|police|cops|"
        r"firefighters|paramedics|alarm the \w+",
    "home_control":
        r"turn\w*|switch\w*|dim\w*|open\w*|clos\w+|lock\w*|unlock\w*|shut\w*|rais\w+|lower\w*|heat\w*|cool\w*|"
        r"touch\w*|chang\w+|activat\w*|(?:the|my|any|that) (?:lights?|lamps?|heat\w*)|lights? (?:on|off)",
    "timer_reminder": r"remind\w*|wak\w+|alarms?|timers?",
    "music": r"play\w*|music|songs?|radio|(?:put|turn)\w* (?:on|it|that|up|down)",
    "shopping_list": r"add\w*|lists?|(?:put|writ)\w*",
    "booking": r"book\w*|reserv\w*|tables?|rooms?|cancel\w*|chang\w+|mov\w+",
    "appointment": r"book\w*|appointments?|schedul\w*|doctors?|cancel\w*|chang\w+|mov\w+",
    "return_item":
        r"return\w*|exchang\w*|send\w* (?:it|them|this|that|the \w+) back|swap\w*|pick\w* (?:it|them) up",
    "translate": r"translat\w*|say",
    "explain": r"explain\w*|tell\w*|defin\w*",
    "small_talk": r"jokes?|stor(?:y|ies)|tell\w*",
    "command": r"speak\w*|talk\w*|call me|louder|slower|faster|quieter|chang\w+",
}.items()}
"""What acts of an intent, or what they are about, are called. An intent that is not here is never denied."""

_BASE = (
    r"(?:cancel|track|check|call|connect|transfer|put|get|give|send|stop|tell|turn|switch|dim|open|close|play|add|"
    r"book|remind|"
    r"wake|repeat|help|fix|show|find|look|keep|leave|let|return|go on|keep)")
_OPENERS = (
    r"(?:(?:i|we) (?:just |only |really |do |still )*(?:want|need|would like|would love|prefer|wish|said|"
    r"asked)\b(?! not)|"
    r"(?:can|could|would|will) you\b|please\b|(?:let|give|get|help|tell|show|connect|transfer|put) me\b|"
    r"but\b|instead\b(?! of)|however\b|because\b)")


def _not_after(*words: str) -> str:
    return "".join(rf"(?<!\b{word} )" for word in words)


_FREE = _not_after("not", "never", "to", "thing", "way", "why", "earth", "world", "hell")
_FREER = _FREE + _not_after("you", "even", "can")
_BARE = _not_after("to", "not", "never", "you", "just", "please", "ever", "even", "dare", "go", "and", "or", "ahead", "simply",
                   "really", "actually", "also", "i", "we", "they", "he", "she", "nobody", "anyone", "anybody", "someone", "agent",
                   "me", "him", "her", "them", "people", "than", "circumstances", "means", "account", "whatever", "should", "would", "could", "will", "must", "may", "help", "rather")
_UNTOLD = _not_after("know", "care", "ask", "mind", "me", "about", "matter", "matters", "see", "check", "you", "asking", "to",
                     "wonder", "wondering", "of", "out", "asked", "cares", "less", "hear", "up")
_ENDED = "|".join(rf"(?<= {word})" for word in (
    "it", "them", "this", "anymore", "more", "again", "yet", "now", "longer", "instead"))
_BREAKS = re.compile(
    r" [.,;:!?…—] | [.,;:!?…—]$|^[.,;:!?…—] "
    rf"| {_FREE}(?={_OPENERS})| {_FREER}(?=(?:just|only|so|and|or|then) (?:{_OPENERS}|(?:please )?do not|never))"
    rf"| {_FREER}(?=(?:just|only|so) {_BASE} )"
    rf"|(?:{_ENDED}|(?<=\d)) (?={_BASE}\b)|(?<=\bno do not) (?=i\b)"
    rf"| {_BARE}(?=cancel (?:it|that|my|the|order)\b)| {_BARE}(?=stop$)"
    rf"| {_UNTOLD}(?=(?:where|when|what|how) (?:is|are|did|does|do i|can i|will)\b)")
_SURELY = (r"(?:really |actually |just |ever |even |certainly |definitely |absolutely |honestly |still |simply |"
           r"in fact |also |at all )*")
_OWN = r"(?! (?:\w+ )?to (?:pay|wait|keep|lose|miss|owe|argue|spend|be charged|complain|have it|own)\b)"
"""What somebody does not want to do themselves, which denies no act of ours."""
_WISHED = (
    r"(?:want|need|wish|like|intend|plan|ask|asked|mean|meant|say|said|tell|told|order|request|requested|require|"
    r"care(?= to| for| about)|"
    r"authorize|allow|expect)")
_BECOMING = r"(?:being|getting|receiving|seeing|hearing|finding|understanding|feeling|having)"
_ALONE = ("i", "you", "we", "they", "who")
"""Subjects: after them a "do not" or "never" tells something and orders nothing."""
_AUXILIARIES = tuple("do does did can could will would should may is are am was has have had".split())
_CUES = re.compile("|".join(rf"(?:{cue})" for cue in (
    rf"\b(?:i|we|nobody|no one|my \w+) {_SURELY}(?:do|did|does|would|have|had|should) (?:not|"
    rf"never) {_SURELY}{_WISHED}\b{_OWN}",
    rf"\b(?:i|we) {_SURELY}never {_SURELY}{_WISHED}(?:ed)?\b{_OWN}",
    r"\b(?:nobody|no one|who) (?:asked|told|said|wants|needs)\b",
    r"\b(?:i|we) (?:would|had|will|do) (?:\w+ )?(?:rather|prefer)(?: that)?(?: you| we| it| to| if you)*(?: do| did|"
    r" could)? not\b",
    r"\b(?:i|we) prefer (?:you |it )?not\b",
    rf"\b(?:i|we) {_SURELY}(?:am|are|was|were) {_SURELY}not {_SURELY}(?!.* (?:until|before|unless)\b)(?:going to\b{_OWN}|about to|interested|"
    rf"here (?:for|to|about)|after|ready|in need|in favou?r|(?=(?!{_BECOMING}\b)\w+ing\b))",
    rf"\b(?:i|we) {_SURELY}(?:will|shall) {_SURELY}(?:not|never)\b(?!.* (?:until|before|unless)\b)(?! (?:be (?!\w+ing\b)|(?:pay|wait|accept|stand|"
    rf"take)\b))",
    r"\b(?:you|we) (?:really )?(?:do not (?:really )?(?:have to|need)|need not|must not|must never|should not|"
    r"should never|may not|shall not|ought not|better not)\b(?! (?:you|forget|fail|hesitate|be (?:afraid|shy))\b)",
    r"\bno (?:need|reason|wish|desire|intention|plans?|interest|use|point|call)\b",
    r"\bnot (?:necessary|needed|required|worth)\b",
    r"\b(?:a mistake|a bad idea|wrong|a pity|unnecessary|too early|premature) (?:to|if you)\b",
    r"\b(?:without|instead of|rather than|refrain from|forget about|hold off(?: on)?|abstain from)(?= \w+ing\b)",
    r"(?<!reason )\b(?:not to|better not)\b(?! (?:forget|fail|hesitate)\b)",
    r"\blet us not\b",
    r"\b(?:hope|trust|pray|suppose)(?: that)? (?:you|nobody|no one) (?:do|will|are|would) not\b",
    r"\b(?:i|we) (?:want|need|require) no(?= (?!more\b|less\b|longer\b)\w)",
    r"\bno way (?:that )?(?:i|we)\b",
    r"\bwho cares\b",
    r"\bno(?= (?:cancel|call|track|check|transferr?|connect|book|play|remind|turn|send|stop)\w*ing\b)",
    rf"\b(?={_BASE} (?:nothing|nobody|none)\b)",
    r"\bnot feel like\b",
    r"\bbetter (?:if you|you) (?:do |did )?not\b",
    r"\byou (?:can|may|could) (?:stop|skip|quit)(?= \w+ing\b)",
    r"\bkeep (?:me |it )?away from\b",
    r"\b(?:rather|sooner|prefer\w*|better|instead)\b(?= .*\bthan\b)(?!.*\b(?:later|never)\b).*?\bthan\b",
    r"\b(?:stop|quit|enough with|no more) (?:trying|attempting|offering|asking|threatening|wanting|pushing)(?: me)? to\b",
    r"\b(?:stop|quit|avoid|no more)(?= (?:cancell?|transferr?|connect|track|check|call|fix|repair|restart|book|remind|forward)ing\b)",
    r"\b(?:make (?:very |absolutely )?sure|ensure|see to it|promise|swear|check)(?: me)?(?: that)? (?:nobody|no one|none of you|you do not|"
    r"you never|you will not|not)\b",
    r"\b(?:hate|furious|upset|angry|annoyed|cross|livid|mad|unhappy|sad|disappointed|awful|terrible|complain|sorry)(?: it| me)? if "
    r"(?:you|anyone|anybody|someone|somebody|they|he|she|it|my|the)\b",
    r"\bwould (?:really )?hate (?:for|to (?:see|have|lose))\b",
    r"\b(?:must|should|may|shall|need|is|are|ought) (?:not|never)(?: \w+)? (?:to )?(?:be|get)\b",
    r"\b(?:it|this|that) is not (?:about |for )?(?=(?:my|the|an?|your) (?:\w+ ){1,3}(?:that )?(?:i|we) (?:am|are|was|want|need)\b)",
    r"\b(?:why|what) (?:on earth |the hell |in the world )?(?:would|makes) (?:you|anyone|i|we|me)(?: think)?\b(?! not\b)",
    r"\b(?:god|heaven) forbid\b|\b(?:hope|trust|pray) (?:that )?(?:nobody|no one|you never)\b",
    r"\b(?:nobody|no one) (?:should|must|may|is to|needs to|has to|ever)\b",
    r"\b(?:by no means|(?:under|in) no (?:circumstances?|case|way|event)|on no account|at no time)\b",
    r"\bwould (?:really |only )?(?:bother|annoy|upset|ruin|hurt|anger|sadden|disappoint) (?:\w+ ){1,3}if\b",
    r"\b(?:i|we) would (?:\w+ )?(?:complain|not like it|protest|sue|mind it|regret it) if\b",
    r"\b(?:prefer|rather|like|love|happy|happier|glad|appreciate|grateful|better|best|nice|nicer|thankful|relieved)(?: it)? if "
    r"(?:you|nobody|they) (?:did|do|would|could)(?: not)?\b(?! (?:it|that|this|so)\b)",
    r"\bnot (?:remember|recall) (?:asking|telling|saying)\b",
    r"\b(?:you|they|we) are not (?:really )?(?:going|about|supposed|allowed|meant) to\b",
    r"\b(?:i|we) no longer (?:want|wish|need|plan|intend)(?: you| anyone)?(?= to\b)",
    r"\bnot agree (?:with|to)\b",
    r"\b(?:can|could|would|will) you please not\b",
    r"\b(?:whatever|no matter what)(?: you do| happens)? (?:do not|never)\b",
    r"(?<=\bokay )no(?= \w)|(?<=\bwell )no(?= \w)|(?<=\bjust you )(?:no|not)(?= \w)",
    _not_after(*_AUXILIARIES, *_ALONE, "why") + rf"\bnot(?= {_BASE}\b)",
    r"\blast thing (?:that )?(?:i|we) (?:want|need)\b",
    r"\b(?:i|we) (?:refuse|decline|forbid)\b",
    r"(?:^|(?<=please )|(?<=no )|(?<=thanks ))no(?= (?!one\b|more\b|thanks\b|thank\b|is\b|does\b|do\b|are\b|did\b|can\b|could\b|"
    r"just\b|i\b|we\b|you\b|the\b|that\b|it\b|my\b|if\b|please\b|in\b|what\b|where\b|when\b|how\b)\w)",
    # An imperative: no subject before it, and no question ("do not you want to …").
    _not_after(*_ALONE, "which", "why", "people", "children", r"\w[a-hj-rt-z]s") + r"\b(?:do not|dont)\b"
    r"(?! (?:you(?! (?:dare|cancel|call|connect|transfer|turn|send|play|book|add|hang|stop))|we|i|they|it|he|she|the|"
    r"my|forget|hesitate|fail|wait|delay|mind|know|think|worry|be (?:afraid|shy|scared)|not)\b)",
    _not_after(*_ALONE, "has", "have", "had", "was", "is", "it", "he", "she", "order", "package", "parcel") +
    r"\b(?:please not|never)\b(?! (?:mind|forget|arrived|came|got|worked)\b)",
)))
_REQUEST = re.compile(
    r"^(?:what|where|when|how|why|who|which|is|are|do|does|did|can|could|would|will|should|have|has)\b|"
    r"\b(?:cancel|track|check|call|connect|transfer|put|get|give|send|tell|turn|switch|dim|open|close|play|add|book|"
    r"remind|wake|"
    r"repeat|help|fix|show|find|look|talk|let)\b|\b(?:i|we) (?:\w+ )?(?:want|need|would like|would rather|prefer)\b")
_INSTEAD = re.compile(r"\b(not (?:send|ship|deliver|process|dispatch)\b[^.,;!?]*?) and (?=cancel\b)")
"""Where "don't ship it and cancel it" asks for something."""
_DOING = re.compile(r"^ ?(?:(?:you|anyone|anybody|someone|them|him|her|people|ever|even|just|please|really|go|and|try|bother|dare|"
                    r"thinking of|simply) )*(to )?(?!to\b|the\b|my\b|an?\b|any\b|it\b|that\b|this\b|your\b|be\b|have\b|more\b|so\b|i\b|"
                    r"we\b|worry\b|know\b|think\b|want\b|need\b|like\b|change my mind|argue|make me|ask\b|stop you|wait\b|forget|fail|"
                    r"hesitate|care|mind|believe)(\w+)")
"""A denied part that begins with a verb."""
_VERBAL = re.compile(r"\b(?:not|never|to|than|circumstances?|means|account|forbid|should|must|may|if|you|they|(?:any|some)(?:one|body)|"
                     r"think|nobody|no one|dare)$")
"""Cues after which a bare verb is one."""
_WHATEVER = {intent: re.compile(rf"(?:{own})") for intent, own in {
    "cancel_order": r"sen[dt]|ship|deliver|need|keep|wait|pay|receiv|get|buy|charg|process|dispatch|order|afford|track|check|want|go|tak|"
                    r"let|hold|proceed|continue|leave",
    "human_agent": r"wait|hold|listen|argu|typ|explain|solv|answer|understand|repeat|tell|sa[yi]|hear",
    "check_order_status": r"wait|miss|los|com|arriv|receiv|cancel|refund|return|get|deliver",
    "technical_support": r"work|start|turn|connect|charg|los|get|print|load|open|log|buy|wait|go|respond|see|hear",
    "billing": r"pay|charg|ow|buy|order|author|receiv|get|understand|agree|see|tell",
    "product_question": r"pay|spend|buy|wast|know|get|find|tell",
    "farewell": r"talk|speak|bother|keep|tak|need|want|hold|chat|wast|hear|disturb|go",
    "stop": r"talk|sa[yi]|speak|tell|go|read|hear|listen|continu|keep|know|sing|play|interrupt|explain|answer|need|repeat|mak|yell|shout",
    "repeat": r"mumbl|hear|understand|speak|talk|catch|follow|get|rush|go|whisper|mak",
}.items()}
"""Acts that are denied by any denied verb, and the beginnings of verbs whose denial may well ask for them ("don't ship it")."""
_MACHINE = re.compile(r"\b(?:robots?|machines?|bots?|computers?|you|automat\w+|recordings?|assistant|ai|menu)\b")
_NOTHING_MORE = re.compile(r"^(?: (?:do|not|please|it|that|so|this|you dare|ever|thanks|thank you|at all))*$")


@dataclass(frozen=True)
class _Part:
    """Words that hang together, and whether they are denied, by which words."""

    words: str
    denied: bool
    cue: str = ""


def denies(text: str, intent: str) -> bool:
    """Whether `text` denies the act of `intent` and asks for it nowhere else: "don't cancel it, track it" asks to track."""
    act = _ACTS.get(intent)
    if act is None:
        return False
    text = _INSTEAD.sub(r"\1 , ", written_out(text))
    left, declined = stripped(text, intent)
    parts = _parts(left)
    bare = [part.denied and bool(_NOTHING_MORE.match(part.words)) for part in parts]
    if bare and bare[-1] and any(act.search(part.words) for part in parts):
        return True  # "… so please don't": whatever was spoken of
    asked = any(act.search(part.words) for part in parts if not part.denied)
    if asked:
        return False
    if any(_whatever(part, intent) for part in parts) and not any(_requests(part) for part in parts):
        return True  # nothing is asked for, and an act is denied, whatever it is called
    return (declined or any(bare) or any(act.search(part.words) for part in parts if part.denied))


def _whatever(part: _Part, intent: str) -> bool:
    """Whether `part` denies an act, whatever it is called, that may be one of `intent`."""
    doing, own = _DOING.match(part.words) if part.denied else None, _WHATEVER.get(intent)
    if doing is None or own is None or own.match(doing.group(2)):
        return False
    if intent == "human_agent" and _MACHINE.search(part.words):
        return False
    return bool(doing.group(1)) or _VERBAL.search(part.cue) is not None


def _requests(part: _Part) -> bool:
    """Whether `part` asks for something; "would you" alone does not."""
    return not part.denied and len(part.words.split()) > 2 and _REQUEST.search(part.words) is not None


def wanted(text: str, intent: str) -> str:
    """`text` without what it denies of `intent`: of "don't cancel 12, cancel 34" the last part."""
    act = _ACTS.get(intent)
    left, declined = stripped(written_out(text), intent)
    parts = _parts(left) if act else []
    if act is None or not (declined or any(part.denied and act.search(part.words) for part in parts)):
        return text
    return ", ".join(part.words.strip() for part in parts if part.words.strip() and not part.denied)


def nothing_else(text: str, intent: str = "") -> bool:
    """Whether `text` asks for nothing beside what it denies (of `intent`)."""
    left, _ = stripped(written_out(text), intent)
    return not any(_REQUEST.search(part.words) for part in _parts(left) if not part.denied)


def written_out(text: str) -> str:
    """`text` in lower case, its contractions written out, single spaces, marks standing alone."""
    words = f" {text.lower()} "
    for pattern, written in _SPELLINGS:
        words = pattern.sub(written, words)
    return words.strip()


def _parts(words: str) -> list[_Part]:
    """Written out `words` in parts: clauses, each of them cut where a denial begins."""
    found = []
    for clause in _BREAKS.split(words):
        cue = _CUES.search(clause)
        if cue is None:
            found.append(_Part(clause, False))
        else:
            found += [_Part(clause[: cue.start()].strip(), False), _Part(clause[cue.end() :], True, cue.group(0))]
    return [part for part in found if part.words or part.denied]
