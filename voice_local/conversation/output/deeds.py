"""Detects actions that a language model claims to have done or to be about to do. It can only talk,
so that such claims are false.

They are recognized by the wording of a segment. After a request for an action many wordings count
as a claim; otherwise only those about the user's own things ("I will remind you", "your table is
booked"), since "I have set many alarms" may belong to a story. English.
"""

from __future__ import annotations

import re


def _any_of(words: str) -> str:
    """A pattern of alternatives from `words`, separated by blanks; `_` is a blank within a word."""
    return "|".join(word.replace("_", " ") for word in words.split())


_HIM = "(?:him|her|them)"
_IT = "(?:it|that|this)"
_DONE = _any_of(
    "turned switched set added put booked ordered called rung sent cancelled canceled scheduled "
    "reserved started stopped paused played paid saved noted written_down opened closed locked "
    "unlocked dimmed dialled dialed texted emailed messaged transferred bought created updated "
    "changed deleted removed placed notified informed reminded wrote written put_down made brewed "
    "prepared arranged fixed reset found forwarded passed connected checked looked activated "
    "adjusted raised lowered increased confirmed submitted registered recorded "
    f"alerted told_{_HIM}"
)
_DO = _any_of(
    "turn switch set add put book order call ring send cancel schedule reserve start stop pause "
    "play pay save note write open close lock unlock dim dial text email message transfer buy "
    "create update change delete remove place notify inform remind alert wake bring fetch get "
    "make_sure look_into look_up check find let_you_know pass connect forward arrange prepare brew "
    "make activate adjust confirm reset fix put_you put_it take_care handle see_to "
    f"look_{_IT}_up let_{_HIM}_know go_ahead_and"
)
_DOING = _any_of(
    "turning switching setting adding putting booking ordering calling ringing sending cancelling "
    "canceling scheduling reserving starting stopping pausing playing paying saving opening "
    "closing locking unlocking dimming dialling dialing texting emailing transferring buying "
    "placing notifying connecting making brewing preparing getting looking_up looking_into "
    "checking fetching bringing arranging writing forwarding passing updating activating adjusting "
    "resetting putting_you putting_it on_it"
)
_STATE = _any_of(
    "turned_(?:on|off|up|down) switched_(?:on|off) set booked ordered added sent cancelled "
    "canceled scheduled reserved placed confirmed locked unlocked dimmed paid saved "
    "on_(?:its|the)_way playing on_now off_now activated being_(?:prepared|processed|sent|made) "
    "written_down noted updated reset coming_(?:right_)?up ready_now"
)
_SOON = r"(?:now |just |already |gladly |happily |quickly |also )?"
_CLAIM = re.compile(
    rf"\bI(?:['’]ve| have) {_SOON}(?:{_DONE})\b"
    rf"|\bI {_SOON}(?:{_DONE}) (?:the|your|a|an|it|that|him|her|them)\b"
    rf"|\bI(?:['’]ll| will|['’]m going to| am going to) {_SOON}(?:{_DO})\b"
    rf"|\bI(?:['’]m| am) {_SOON}(?:{_DOING})\b"
    rf"|\b(?:the|your|it|that|an?) ?(?:[\w'’-]+ ){{0,6}}(?:is|are|has been|have been|was|were|"
    rf"['’]s) {_SOON}(?:{_STATE})\b"
    r"|\b(?:done|all set|it['’]s done|consider it done|here we go|coming (?:right )?up|right away|"
    r"on it|got it)(?:[.,!]|$)"
    r"|^(?:(?:sure|of course|certainly|okay|ok|absolutely|great|alright|yes)[,.!]* )*(?:let me|"
    r"allow me to|let['’]s) (?:just |quickly )?"
    rf"(?:{_DO}|see|look|pull|have a look|take a look)\b"
    r"|^(?:sure|of course|certainly|absolutely|yes|okay|ok|great)[,.!]* (?:(?:you|we) (?:can|will|"
    r"could) \w+ me\b|i (?:can|will|could|shall) (?!(?:try to )?(?:help|assist|tell|explain|say|"
    r"talk|answer|give|suggest|recommend|describe|imagine|think|be|find|use|ask|start by)\b)\w+)"
    r"|^(?:okay|ok|sure|great|alright)[,.!]* (?:\w+ )?(?:adding|turning|switching|setting|starting|"
    r"stopping|calling|sending|booking|ordering|playing|opening|closing|locking|unlocking|dimming|"
    r"putting|writing|cancel+ing)\b"
    r"|^(?:(?:okay|ok|sure|great|alright)[,.!]* )?(?:turned|switched|added|booked|ordered|called|"
    r"sent|cancel+ed|scheduled|reserved|started|stopped|opened|closed|locked|unlocked|dimmed|saved|"
    r"noted)(?: (?:it|the|your|that|them)\b|[.!]$)"
    r"|^(?:okay|ok|sure|great|alright)[,.!]* (?:[\w'’-]+ ){1,5}(?:on|off)\b(?! (?:the other|a|my|"
    r"your))"
    r"|\bI(?:['’]ll| will) (?:ask|tell|look at|check on|open|put) (?:for|the|them|him|her|someone|"
    r"your|on|it)\b"
    r"|^(?:sure|okay|ok)[,.!]* (?:a|an|the|your) (?:table|room|visit|appointment|order|timer|alarm|"
    r"reminder)\b"
    r"|\bI (?:wrote|put|added|noted|saved) [\w ,]{1,40}? (?:on|to|in|into) (?:your|the) \w+",
    re.IGNORECASE,
)
_REFUSAL = re.compile(
    r"(?:(?:(?:I am|I['’]m) (?:very |so |really )?sorry|sorry|I understand|I apologize|"
    r"great)[,.!]* )?(?:but )?I (?:can ?not|can['’]t) (?:help|assist)(?: you)?(?: with (?:that|"
    r"this))?(?:,? (?:sorry|I am sorry))?[.!]?",
    re.IGNORECASE,
)
_YOURS = r"(?:you|your|yours|it for you|that for you)"
_PROMISE = re.compile(
    rf"\bI(?:['’]ve| have) {_SOON}(?:{_DONE}) (?:[\w'’-]+ ){{0,4}}?{_YOURS}\b"
    rf"|\bI(?:['’]ve| have) {_SOON}(?:set|started|booked|scheduled|reserved|cancell?ed|sent|"
    rf"ordered) (?:the|a|an|it|that|this)\b"
    rf"|\bI(?:['’]ve| have) {_SOON}(?:e-?mailed|phoned|texted|called|messaged|paid|posted|notified|"
    rf"informed|contacted) "
    r"(?:the|your|him|her|them)\b"
    r"|\bI(?:['’]ll| will| am going to|['’]m going to) (?:keep an eye on|watch over|monitor|"
    r"guard)\b"
    r"|\ball (?:the |your )?(?:bookings|orders|appointments|reservations|payments) (?:are|have "
    r"been) (?:complete|done|made|confirmed|booked|paid)"
    r"|\bI(?:['’]ll| will|['’]m going to| am going to) (?:now |just |gladly )?(?:remind|notify|"
    r"alert|wake|ring|text|email|message|connect|transfer|put|get back to) you\b(?! that\b)|"
    r"\bI(?:['’]ll| will) call you (?:back|at|later|in|when|as soon|again)\b"
    r"|\bI(?:['’]ll| will|['’]m going to| am going to) (?:now |just |gladly |quickly )?(?:check "
    r"(?:that|it|this|on that|the status|your)|look (?:that|it|this) up|look into (?:it|that|this|"
    r"your)|let you know (?:when|as soon|once)|(?:set|start|book|schedule|reserve|cancel|send|"
    r"order|add|turn|play) (?:it|that|the|your|an? (?:timer|alarm|reminder) (?:for|at|in))\b)"
    r"|\bI(?:['’]m| am) (?:now |just |already )?(?:connecting|looking for an? (?!way|word|reason|"
    r"answer|good)[\w'’-]+ (?:near\w*|for you)|recording|transferring|calling|sending|booking|"
    r"ordering|setting|checking|contacting)\b"
    r"|^(?:(?:sure|of course|certainly|okay|ok|absolutely|great|alright|yes)[,.!]* )*(?:let me|"
    r"allow me to|please wait while i) (?:just |quickly )?(?:check|look (?:that|it|this) up|look "
    r"into|look up|pull up|find out|get back to you|connect you|transfer you|get your)\b(?! (?:if|"
    r"whether|how|what|my understanding))"
    rf"|\b[Yy]our (?:[\w'’-]+ ){{1,4}}(?:is|are|has been|have been|was|were) {_SOON}(?:booked|"
    rf"ordered|sent|cancelled|canceled|scheduled|"
    r"reserved|placed|set (?:for|to)|on (?:its|the) way)\b",
    re.IGNORECASE,
)
_ASSENT = r"^(?:(?:sure|of course|certainly|okay|ok|absolutely|great|alright|yes)[,.!]* )*"
_OFFER = re.compile(
    rf"{_ASSENT}(?:(?:which|what) (?:\w+ ){{1,3}})?(?:shall|should|may) I (?:now |just )?(?:ask "
    rf"some(?:one|body)|call"
    r"(?! you\b)|ring|phone|send|book|order|connect|transfer|cancel|track|put you|add|turn|"
    r"switch)\b"
    rf"|{_ASSENT}(?:let me|allow me to) (?:just |quickly )?(?:(?:read|show|open|play|call|send|put|"
    rf"turn|ask|switch|book|"
    r"order|cancel) (?:your|the|it|that|them|him|her)|(?:see|check|get) your)\b"
    r"|\bI(?:['’]ll| will) tell you (?:at|when|in|once)\b",
    re.IGNORECASE,
)
"""An action that is offered, or a question about its details; both are as false as a claim."""
_SOMEBODY_ELSE = re.compile(r"\b(?:if|would|could|in your place|you should)\b", re.IGNORECASE)
_GIVEN = (
    r"(?:glad|relieved|happy|pleased|grateful|delighted|good|great|nice|brilliant|lovely|i see|i "
    r"hear|i trust)"
)
_PRESUMED = re.compile(
    r"\b(?:thanks|thank you|cheers|ta|nice one|nice work|good job|good work|well done|bless you|"
    r"great job)\b[\w ,]{0,20}?\b(?:for )?"
    rf"(?:{_DOING}|sending|watering|feeding|paying|ringing|watching|backing_up|picking|cleaning|"
    rf"getting|moving|telling "
    r"(?:him|her|them|my|the)|reminding|sorting)\b(?! (?:me\b|back\b|with me|to me))".replace(
        "_", " "
    )
    + rf"|^(?:(?:i am|i'm|we're|we are) )?(?:so |very |really |that's )?{_GIVEN},? (?:that |to "
    rf"(?:see|hear|know) "
    r"(?:that )?)?you(?:['’]ve| have)? (?:already |now )?"
    rf"(?:{_DONE}|watered|fed|backed|picked|cleaned|moved|rang|watched|sorted|got)\b(?! "
    rf"me\b)".replace("_", " "),
    re.IGNORECASE,
)
_NO_CLAIM = re.compile(
    r"\b(?:if|when|once|cannot|not|never|unable|would|could|should)\b|n['’]t\b|\?\s*$",
    re.IGNORECASE,
)

_NO_PROMISE = re.compile(
    r"\b(?:cannot|not|never|unable|would|could|should)\b|n['’]t\b|\?\s*$", re.IGNORECASE
)

_ASKED_TO = _any_of(
    "turn switch set add put book order call ring phone send cancel schedule reserve start stop "
    "pause play pay save note write open close shut lock unlock dim dial text e-?mail message "
    "transfer buy create make brew get give "
    f"bring fetch update change delete remove remind wake notify inform alert "
    f"tell_(?:my|the|{_HIM}) let_(?:my|{_HIM}) "
    "find check look_up heat cool raise lower mute skip record print move connect"
)
_ASKED = re.compile(
    r"^(?:(?:hey|hi|hello|okay|ok|so|now|please|and|then|also|just|well)[, ]+)*(?:(?:can|could|"
    r"would|will) you (?:please )?|i(?:['’]d| would) like (?:you )?to |"
    r"i (?:want|need) (?:you )?to |"
    rf"please |let['’]s )?(?:{_ASKED_TO})\b"
    r"|\b(?:i (?:need|want|would like)|i['’]d like|can i (?:have|get)|may i have|could i (?:have|"
    r"get))\b",
    re.IGNORECASE,
)


_FORBIDDEN = re.compile(
    r"^(?:(?:please|no|okay|ok|hey|and|but|so)[, ]+)*(?:please )?(?:do not|don['’]t|never|no need "
    r"to|you (?:don['’]t|do "
    rf"not) (?:have|need) to)(?: please)? (?:{_ASKED_TO})\b",
    re.IGNORECASE,
)
_MORE = re.compile(
    r",|[.;!?] \w|\b(?:but|just|instead|until|before|unless|tell|explain|what|how|why)\b",
    re.IGNORECASE,
)


def forbids_a_deed(text: str) -> bool:
    """Whether a user's words forbid an action and ask for nothing else ("don't turn off the
    lamp")."""
    return _FORBIDDEN.search(text.strip()) is not None and _MORE.search(text) is None


def asks_for_a_deed(text: str) -> bool:
    """Whether a user's words ask for an action."""
    return _ASKED.search(text.strip()) is not None


def presumes_a_deed(text: str) -> bool:
    """Whether a user's words presuppose that an action was done ("thanks for sending that to
    Sarah")."""
    return _PRESUMED.search(text.strip()) is not None


def promises(segment: str) -> bool:
    """Whether a segment claims or offers an action for the user, whatever was asked."""
    if _OFFER.search(segment) and not _SOMEBODY_ELSE.search(segment):
        return True
    return _PROMISE.search(segment) is not None and _NO_PROMISE.search(segment) is None


def opens(segment: str) -> bool:
    """Whether a segment consists of a word of assent only."""
    return (
        re.fullmatch(
            r"(?:okay|ok|sure|great|alright|of course|certainly|yes)[,.!]*",
            segment.strip(),
            re.IGNORECASE,
        )
        is not None
    )


def refuses(segment: str) -> bool:
    """Whether a segment only says that the assistant cannot help."""
    return _REFUSAL.fullmatch(segment.strip()) is not None


_APOLOGY = re.compile(
    r"(?:(?:I am|I['’]m) (?:very |so |really )?sorry|sorry|I understand|I apologize)[,.!]*",
    re.IGNORECASE,
)
_REMARK = re.compile(
    r"^(?:(?:well|so|oh|hey|hi|hello|and|but|you know|honestly|god|man|look|yeah|yes|no|today|"
    r"yesterday|sometimes|lately)[, ]+)*(?:i|i['’](?:m|ve|d|ll)|my|mine|we|we['’](?:re|ve|d)|our|"
    r"it|it['’]s|that|that['’]s|this|there|there['’]s|the|he|she|they|he['’]s|she['’]s|they['’]re|"
    r"nobody|no one|everyone|everybody|everything|nothing|something|someone|somebody|life|"
    r"work)\b(?! (?:want|need|would like|wonder)\b)",
    re.IGNORECASE,
)


def apologizes(segment: str) -> bool:
    """Whether a segment consists of an apology only."""
    return _APOLOGY.fullmatch(segment.strip()) is not None


def is_a_remark(text: str) -> bool:
    """Whether a user's words are a statement and no request ("I had a long day")."""
    return (
        _REMARK.search(text.strip()) is not None and "?" not in text and not asks_for_a_deed(text)
    )


def claims_a_deed(segment: str) -> bool:
    """Whether a segment says that the assistant has done an action or is about to do it."""
    return _CLAIM.search(segment) is not None and _NO_CLAIM.search(segment) is None
