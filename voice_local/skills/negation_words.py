"""Tables of wordings for `negation`: negating words, and the ends of negated parts."""

from __future__ import annotations

import re

BASE = (
    r"(?:cancel|track|check|call|connect|transfer|put|get|give|send|stop|tell|turn|switch|dim|open|"
    r"close|play|add|book|remind|wake|repeat|help|fix|show|find|look|keep|leave|let|return|go on|"
    r"keep)"
)
OPENERS = (
    r"(?:(?:i|we) (?:just |only |really |do |still )*(?:want|need|would like|would love|prefer|"
    r"wish|said|asked)\b(?! not)|(?:can|could|would|will) you\b|please\b|(?:let|give|get|help|tell|"
    r"show|connect|transfer|put) me\b|but\b|instead\b(?! of)|however\b|because\b)"
)


def _not_after(*words: str) -> str:
    return "".join(rf"(?<!\b{word} )" for word in words)


FREE = _not_after("not", "never", "to", "thing", "way", "why", "earth", "world", "hell", "would")
FREER = FREE + _not_after("you", "even", "can")
BARE = _not_after(
    *(
        "to not never you just please ever even dare go and or ahead simply really actually also i "
        "we they he she nobody anyone anybody someone agent me him her them people than "
        "circumstances means account whatever should would could will must may help rather"
    ).split()
)
UNTOLD = _not_after(
    *(
        "know care ask mind me about matter matters see check you asking to wonder wondering of "
        "out asked cares less hear up"
    ).split()
)
ENDED = "|".join(
    rf"(?<= {word})"
    for word in (
        "it",
        "them",
        "this",
        "anymore",
        "more",
        "again",
        "yet",
        "now",
        "longer",
        "instead",
    )
)
BREAKS = re.compile(
    r" [.,;:!?…—] | [.,;:!?…—]$|^[.,;:!?…—] "
    rf"| {FREE}(?={OPENERS})| {FREER}(?=(?:just|only|so|and|or|then) (?:{OPENERS}|(?:please )?do "
    rf"not|never))"
    rf"| {FREER}(?=(?:just|only|so) {BASE} )"
    rf"|(?:{ENDED}|(?<=\d)) (?={BASE}\b)|(?<=\bno do not) (?=i\b)"
    rf"| {BARE}(?=cancel (?:it|that|my|the|order)\b)| {BARE}(?=stop$)"
    rf"| {UNTOLD}(?=(?:where|when|what|how) (?:is|are|did|does|do i|can i|will)\b)"
)
SURELY = (
    r"(?:really |actually |just |ever |even |certainly |definitely |absolutely |honestly |still |"
    r"simply |in fact |also |at all )*"
)
OWN = (
    r"(?! (?:\w+ )?to (?:pay|wait|keep|lose|miss|owe|argue|spend|be charged|complain|have it|"
    r"own)\b)"
)
"""Not after a negated wish: what speakers do not want to do themselves denies no act of the
assistant."""
WISHED = (
    r"(?:want|need|wish|like|intend|plan|ask|asked|mean|meant|say|said|tell|told|order|request|"
    r"requested|require|care(?= to| for| about)|authorize|allow|expect)"
)
BECOMING = r"(?:being|getting|receiving|seeing|hearing|finding|understanding|feeling|having)"
ALONE = ("i", "you", "we", "they", "who")
"""Subjects: after them "do not" or "never" is a statement and no order."""
AUXILIARIES = tuple(
    "do does did can could will would should may is are am was has have had".split()
)
OBJECT_CUES = (
    r"(?:(?:^|(?<=please )|(?<=just )|(?<=you can )|(?<=let us ))skip|\bspare (?:me|us)|"
    r"\b(?:can|could|will|would) do without|\bnot (?:\w+ )?care (?:less )?about)"
    r"(?= (?:the|that|this|your|another|all|any)(?! (?:\w+ )?(?:song|track|episode|chapter|step|"
    r"question|one)s?\b)(?: \w+){1,3}?(?: ?$| [.,;:!?]| (?:i|we|it|please|thanks|thank)\b))"
)
"""Cues before the thing that is not wanted: "skip the order update"."""
OBJECT = re.compile(r"(?:skip|spare (?:me|us)|without|about)$")
CUES = re.compile(
    "|".join(
        rf"(?:{cue})"
        for cue in (
            rf"\b(?:i|we|nobody|no one|my \w+) {SURELY}(?:do|did|does|would|have|had|should) "
            rf"(?:not|never) {SURELY}{WISHED}\b{OWN}",
            rf"\b(?:i|we) {SURELY}never {SURELY}{WISHED}(?:ed)?\b{OWN}",
            r"\b(?:nobody|no one|who) (?:asked|told|said|wants|needs)\b",
            r"\b(?:i|we) (?:would|had|will|do) (?:\w+ )?(?:rather|prefer)(?: that)?(?: you| we| it|"
            r" to| if you)*(?: do| did| could)? not\b",
            r"\b(?:i|we) prefer (?:you |it )?not\b",
            OBJECT_CUES,
            rf"\b(?:i|we) {SURELY}(?:am|are|was|were) {SURELY}not {SURELY}(?!.* (?:until|before|"
            rf"unless)\b)(?:going to\b{OWN}|about to|interested|bothered|fussed|after|ready|"
            rf"here (?:for|to|about)|in need|in favou?r|(?=(?!{BECOMING}\b)\w+ing\b))",
            rf"\b(?:i|we) {SURELY}(?:will|shall) {SURELY}(?:not|never)\b(?!.* (?:until|before|"
            rf"unless)\b)(?! (?:be (?!\w+ing\b)|(?:pay|wait|accept|stand|take)\b))",
            r"\b(?:you|we) (?:really )?(?:do not (?:really )?(?:have to|need)|need not|must not|"
            r"must never|should not|should never|may not|shall not|ought not|better not)\b(?! "
            r"(?:you|forget|fail|hesitate|be (?:afraid|shy))\b)",
            r"\bno (?:need|reason|wish|desire|intention|plans?|interest|use|point|call)\b(?! "
            r"not\b)",
            r"\b(?:nothing|neither|none of (?:it|them|this|that)) (?:is|are|should|must|may|needs?|"
            r"has|shall)\b(?: to)?(?: be)?",
            r"\bnot (?:necessary|needed|required|worth)\b",
            r"\b(?:a mistake|a bad idea|wrong|a pity|unnecessary|too early|premature) (?:to|if "
            r"you)\b",
            r"\b(?:without|instead of|rather than|refrain from|forget about|hold off(?: on)?|"
            r"abstain from)(?= \w+ing\b)",
            r"(?<!reason )\b(?:not to|better not)\b(?! (?:forget|fail|hesitate)\b)",
            r"\blet us not\b(?! (?:go (?:ahead|through)|proceed|continue|do this|buy|order)\b)",
            r"\b(?:hope|trust|pray|suppose)(?: that)? (?:you|nobody|no one) (?:do|will|are|would) "
            r"not\b",
            r"\b(?:i|we) (?:want|need|require) no(?= (?!more\b|less\b|longer\b)\w)",
            r"\bno way (?:that )?(?:i|we)\b",
            r"\bwho cares\b",
            r"\bno(?= (?:cancel|call|track|check|transferr?|connect|book|play|remind|turn|send|"
            r"stop)\w*ing\b)",
            rf"\b(?={BASE} (?:nothing|nobody|none)\b)",
            r"\bnot feel like\b",
            r"\bbetter (?:if you|you) (?:do |did )?not\b",
            r"\byou (?:can|may|could) (?:stop|skip|quit)(?= \w+ing\b)",
            r"\bkeep (?:me |it )?away from\b",
            r"\b(?:rather|sooner|prefer\w*|better|instead)\b(?= .*\bthan\b)(?!.*\b(?:later|"
            r"never)\b).*?\bthan\b",
            r"\b(?:stop|quit|enough with|no more) (?:trying|attempting|offering|asking|threatening|"
            r"wanting|pushing)(?: me)? to\b",
            r"\b(?:stop|quit|avoid|no more)(?= (?:cancell?|transferr?|connect|track|check|call|fix|"
            r"repair|restart|book|remind|forward)ing\b)",
            r"\b(?:make (?:very |absolutely )?sure|ensure|see to it|promise|swear|check)(?: "
            r"me)?(?: that)? (?:nobody|no one|none of you|you do not|you never|you will not|not)\b",
            r"\b(?:hate|furious|upset|angry|annoyed|cross|livid|mad|unhappy|sad|disappointed|awful|"
            r"terrible|complain|sorry)(?: it| me)? if (?:you|anyone|anybody|someone|somebody|they|"
            r"he|she|it|my|the)\b",
            r"\bwould (?:really )?hate (?:for|to (?:see|have|lose))\b",
            r"\b(?:must|should|may|shall|need|is|are|ought) (?:not|never)(?: \w+)? (?:to )?(?:be|"
            r"get)\b",
            r"\b(?:it|this|that) is not (?:about |for )?(?=(?:my|the|an?|your) (?:\w+ ){1,3}"
            r"(?:that )?(?:i|we) (?:am|are|was|want|need)\b)",
            r"\b(?:why|what) (?:on earth |the hell |in the world )?(?:would|makes) (?:you|anyone|i|"
            r"we|me)(?: think)?\b(?! not\b)",
            r"\b(?:god|heaven) forbid\b|\b(?:hope|trust|pray) (?:that )?(?:nobody|no one|you "
            r"never)\b",
            r"\b(?:nobody|no one) (?:should|must|may|is to|needs to|has to|ever)\b",
            r"\b(?:by no means|(?:under|in) no (?:circumstances?|case|way|event)|on no account|at "
            r"no time)\b",
            r"\bwould (?:really |only )?(?:bother|annoy|upset|ruin|hurt|anger|sadden|disappoint) "
            r"(?:\w+ ){1,3}if\b",
            r"\b(?:i|we) would (?:\w+ )?(?:complain|not like it|protest|sue|mind it|regret it) "
            r"if\b",
            r"\b(?:prefer|rather|like|love|happy|happier|glad|appreciate|grateful|better|best|nice|"
            r"nicer|thankful|relieved)(?: it)? if (?:you|nobody|they) (?:did|do|would|could)(?: "
            r"not)?\b(?! (?:it|that|this|so)\b)",
            r"\bnot (?:remember|recall) (?:asking|telling|saying)\b",
            r"\b(?:you|they|we) are not (?:really )?(?:going|about|supposed|allowed|meant) to\b",
            r"\b(?:i|we) no longer (?:want|wish|need|plan|intend)(?: you| anyone)?(?= to\b)",
            r"\bnot agree (?:with|to)\b",
            r"\b(?:beg(?:ging)?|implor(?:e|ing)|urg(?:e|ing)|ask(?:ing)?|tell(?:ing)?|"
            r"warn(?:ing)?) you (?:do not|never|not to)\b",
            r"\b(?:can|could|would|will) you please not\b",
            r"\b(?:whatever|no matter what)(?: you do| happens)? (?:do not|never)\b",
            r"(?<=\bokay )no(?= \w)|(?<=\bwell )no(?= \w)|(?<=\bjust you )(?:no|not)(?= \w)",
            _not_after(*AUXILIARIES, *ALONE, "why") + rf"\bnot(?= {BASE}\b)",
            r"\blast thing (?:that )?(?:i|we) (?:want|need)\b",
            r"\b(?:i|we) (?:refuse|decline|forbid)\b",
            r"(?:^|(?<=please )|(?<=no )|(?<=thanks ))no(?= (?!one\b|more\b|thanks\b|thank\b|is\b|"
            r"does\b|do\b|are\b|did\b|can\b|could\b|just\b|i\b|we\b|you\b|the\b|that\b|it\b|my\b|"
            r"if\b|please\b|in\b|what\b|where\b|when\b|how\b)\w)",
            # An imperative: without a subject before it, and no question ("do not you want to …").
            _not_after(*ALONE, "which", "why", "people", "children", r"\w[a-hj-rt-z]s")
            + r"\b(?:do not|dont)\b(?! (?:you(?! (?:dare|cancel|call|connect|transfer|turn|send|"
            r"play|book|add|hang|stop))|we|i|they|it|he|she|the|my|forget|hesitate|fail|wait|delay|"
            r"mind|know|think|worry|be (?:afraid|shy|scared)|not)\b)",
            _not_after(
                *ALONE,
                "has",
                "have",
                "had",
                "was",
                "is",
                "it",
                "he",
                "she",
                "order",
                "package",
                "parcel",
            )
            + r"\b(?:please not|never)\b(?! (?:mind|forget|arrived|came|got|worked)\b)",
        )
    )
)
BASE_VERB = re.compile(rf"\b{BASE}\b")
REQUEST = re.compile(
    r"^(?:what|where|when|how|why|who|which|is|are|do|does|did|can|could|would|will|should|have|"
    r"has)\b|\b(?:cancel|track|check|call|connect|transfer|put|get|give|send|tell|turn|switch|dim|"
    r"open|close|play|add|book|remind|wake|repeat|help|fix|show|find|look|talk|let)\b|\b(?:i|we) "
    r"(?:\w+ )?(?:want|need|would like|would rather|prefer)\b"
)
INSTEAD = re.compile(r"\b(not (?:send|ship|deliver|process|dispatch)\b[^.,;!?]*?) and (?=cancel\b)")
"""Where the request begins in "don't ship it and cancel it"."""
NOT_THAT = re.compile(r"\bit is not that (i|we) (?=(?:want|need|wish)\b)")
DOING = re.compile(
    r"^ ?(?:(?:you|anyone|anybody|someone|them|him|her|people|ever|even|just|please|really|go|and|"
    r"try|bother|dare|thinking of|simply) )*(to )?(?!to\b|the\b|my\b|an?\b|any\b|it\b|that\b|"
    r"this\b|your\b|be\b|have\b|more\b|so\b|i\b|we\b|worry\b|know\b|think\b|want\b|need\b|like\b|"
    r"change my mind|argue|make me|ask\b|stop you|wait\b|forget|fail|hesitate|care|mind|"
    r"believe)(\w+)"
)
"""A negated part that begins with a verb."""
VERBAL = re.compile(
    r"\b(?:not|never|to|than|circumstances?|means|account|forbid|should|must|may|if|you|they|"
    r"(?:any|some)(?:one|body)|think|nobody|no one|dare)$"
)
"""Negating words after which an infinitive is the verb."""
WHATEVER = {
    intent: re.compile(rf"(?:{own})")
    for intent, own in {
        "cancel_order": r"sen[dt]|ship|deliver|need|keep|wait|pay|receiv|get|buy|charg|process|"
        r"dispatch|order|afford|track|check|want|go|tak|let|hold|proceed|continue|leave",
        "human_agent": r"wait|hold|listen|argu|typ|explain|solv|answer|understand|repeat|tell|"
        r"sa[yi]|hear",
        "check_order_status": r"wait|miss|los|com|arriv|receiv|cancel|refund|return|get|deliver",
        "technical_support": r"work|start|turn|connect|charg|los|get|print|load|open|log|buy|wait|"
        r"go|respond|see|hear",
        "billing": r"pay|charg|ow|buy|order|author|receiv|get|understand|agree|see|tell",
        "product_question": r"pay|spend|buy|wast|know|get|find|tell",
        "farewell": r"talk|speak|bother|keep|tak|need|want|hold|chat|wast|hear|disturb|go",
        "stop": r"talk|sa[yi]|speak|tell|go|read|hear|listen|continu|keep|know|sing|play|"
        r"interrupt|explain|answer|need|repeat|mak|yell|shout",
        "repeat": r"mumbl|hear|understand|speak|talk|catch|follow|get|rush|go|whisper|mak",
    }.items()
}
"""Intents whose act is denied by any negated verb, and the beginnings of the verbs that are
exceptions, since their negation may be a reason for the act ("don't send it")."""
MACHINE = re.compile(
    r"\b(?:robots?|machines?|bots?|computers?|you|automat\w+|recordings?|assistant|ai|menu)\b"
)
NOTHING_MORE = re.compile(
    r"^(?: (?:do|not|please|it|that|so|this|you dare|ever|thanks|thank you|at all))*$"
)
DOUBT = re.compile(
    r"\b(?:not|never|no|nobody|none|nothing|without|rather|sooner|instead|hold off|mind|forget|"
    r"keep|kept|leave|left|skip|spare|avoid|against|alone|nor|hardly|unless|refuse|than)\b"
)
"""Words that often occur where an act is denied."""

OWN_ANSWER = re.compile(
    r"^([^?]*)\?\W*(?:(?:oh|ah|god|lord|heavens|hell|good|my|absolutely|definitely|certainly|"
    r"of course|please)\W+)*(?:no|nope|nah|never)\b(?=\W*$|\s*[,.!;]|\s+(?:i|thanks|thank|way|"
    r"do ?n['’]?t|please)\b)",
    re.IGNORECASE,
)
"""A question that speakers answer with "no" themselves; the group is the question."""
