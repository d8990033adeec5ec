"""Wordings of requests about timers, alarms and reminders, as patterns of bare words (see
`words.bare`)."""

from __future__ import annotations

import re

from voice_local.skills.abilities.spoken_times import DURATION, NUMBER, UNIT

_THING = r"(?P<thing>timers?|countdowns?|alarms?(?: clocks?)?|reminders?)"
_MAKE = (
    r"(?:set(?: up)?|start|make|create|begin|put(?: on)?|run|add|give me|schedule|get|have|need|"
    r"want|use)"
)
_ONE = (
    r"(?:(?:a|an|one) (?!(?:second|minute|hour|day)s?\b)|another |the |my |me an? |new |second |"
    r"third |"
    r"quick )*"
)
SET = (
    re.compile(rf"^{_MAKE} {_ONE}(?P<before>(?:[\w:'.]+ ){{0,6}}?){_THING}\b(?P<rest>.*)$"),
    re.compile(
        rf"^(?:a |an |another |new )*(?P<before>(?:[\w:'.]+ ){{0,6}}?){_THING}(?: set| going| set "
        rf"up| started)?(?P<rest>(?: (?:(?:for|in|at|of|to)\b|\d).*)?)$"
    ),
)
ASKS = re.compile(
    r"^(?!(?:how|what) about\b|why (?:do not|not)\b)(?:is|are|was|were|does|did|has|"
    r"have (?:i|you|we)|do (?:i|you|we)|should|shall|how|why|what|which|who|when|where|"
    r"buy|(?:i|we) (?:already )?(?:have|had) (?:an?|the|my))\b"
)
"""A question or a remark, which sets nothing."""
_DAYS = r"(?:mon|tues|wednes|thurs|fri|satur|sun)days"
REPEATS = re.compile(
    r"\b(?:every|each) (?!minute timer)(?:\w+ )?(?:seconds?|minutes?|hours?|days?|mornings?|noon|"
    r"afternoons?|evenings?|nights?|weeks?|weekdays?|weekends?|months?|years?|time|"
    rf"{_DAYS}?)\b|"
    r"\b(?:daily|weekly|hourly)\b(?= (?:timer|alarm|reminder|at|to|for|about|in)\b|$)|"
    rf"\b(?:on|for) (?:weekdays|weekends|{_DAYS})\b"
)
SEVERAL = re.compile(
    rf"^{_MAKE} (?:me )?(?:two|three|four|five|[2-9]|a couple of|several) "
    rf"(?!(?:second|minute|hour)s?\b)(?:\w+ )?(?:timers|alarms|reminders)\b|"
    rf"\b(?:timer|alarm)\b.* and (?:also )?(?:another|a second|one more|one)(?: one| timer| alarm)?"
    rf"(?: for| of| at)+ {NUMBER}\b"
)
WAKE = re.compile(r"^(?:please )?wake (?:me|us)(?: up)?\b(?P<rest>.*)$")
REMIND = re.compile(
    r"^(?:remind (?:me|us)|(?:do not|never) let me forget|make sure (?:that )?i do not forget|"
    r"(?:ping|alert|notify) me)\b(?P<rest>.*)$"
)
TELL_ME = re.compile(
    r"^(?:when|once|after|in) (?P<length>.+?)(?: (?:are|is|have|has) (?:up|over|passed|gone|"
    r"done))?$"
)
NOTIFY = re.compile(r"^(?:.* )?(?:tell me|let me know|call me|warn me) (?:when|once|after|in) ")
TIME_FIRST = re.compile(
    r"^(?P<when>(?:at|in|after|tomorrow|on) (?:[\w:']+ ){1,6}?)remind (?:me|us) (?P<what>.+)$"
)
COUNT = re.compile(r"^(?:count|time|measure|start counting)(?: down)?(?: from| for)? (?P<rest>.+)$")
CANCEL = re.compile(
    rf"^(?:cancel|stop|delete|remove|clear|turn off|switch off|shut off|end|kill|dismiss|drop|"
    rf"abort|forget about|forget|reset|scrap|scratch|ditch|get rid of|never mind|silence|mute|"
    rf"(?:i|we) (?:do not|no longer) (?:need|want)(?= (?:the|my|that|this|your|those)\b))"
    rf"(?P<all>(?: all| every| both| each)?(?: of)?)"
    rf"(?: the| my| that| this| your| those| these)* ?(?P<before>(?:[\w:'.]+ ){{0,5}}?){_THING}"
    rf"(?: any ?more| any longer)?"
    rf"(?P<rest>(?: (?:for|at|to|about|in|of|that) .*)?)$"
)
OFF = re.compile(
    rf"^(?:turn|switch|shut) (?:the|my|that) (?P<before>(?:[\w:'.]+ ){{0,5}}?){_THING} "
    rf"off(?P<rest>)$"
)
LEFT = re.compile(
    r"^(?:how (?:long|much (?:time|longer)|many (?:seconds|minutes|hours)|much)|what|what time)(?: "
    r"(?:is|are|do i have|have i got|does it have|time is|time do i have|does (?:the|my) \w+ "
    r"have))*"
    rf"(?: still)? (?:left|remaining|remains|to go)(?: (?:on|for|of|in|until|before|till) (?:the |"
    rf"my |that )*(?P<before>(?:[\w:'.]+ ){{0,4}}?){_THING}(?: (?:rings|ends|goes off))?)?$"
)
UNTIL = re.compile(
    r"^(?:(?:check|see) )?how (?:long|much (?:time|longer)|many (?:seconds|minutes|hours))(?: is| "
    r"are| does| do| will| has| have| i| we| it| got| left)*(?: remaining)?(?: (?:until|till|til|"
    rf"before|on|for|of|in))?(?: (?:the|my|that|next))+ (?P<before>(?:[\w:'.]+ ){{0,3}}?){_THING}"
    r"(?: (?:has|have|got|is|will|to|left|remaining|set|for|going|goes?|off|rings?|ends?|done|up|"
    r"over|run|last|finish(?:es)?))*$"
)
LONGER = re.compile(
    rf"^how much longer(?: is| does| do i have| will| until| till| before| on| for| of| in| with)*"
    rf"(?: the| my| that| next)* (?P<before>(?:[\w:'.]+ ){{0,4}}?){_THING}(?: (?:have|run|ring|"
    rf"rings|going|take|last|be|go|goes|off|on|running|for|left))*$"
)
WHEN = re.compile(
    rf"^(?:when|at what time|what time|for when|how soon)(?: is| does| do| will| are| did i set)+"
    rf"(?: the| my| that| next)* (?P<before>(?:[\w:'.]+ ){{0,4}}?){_THING}(?: be| going to| going| "
    rf"to)*(?: (?:end|ring|go off|off|done|over|finish|set for|set|due|up|for|stop))?$"
)
LIST = re.compile(
    rf"^(?:(?:list|tell me|show(?: me)?|read(?: me)?|check|are there|is there|do i (?:still )?have|"
    rf"have i(?: got)?)(?: any| all| a| an| my| the| other| active| running)* "
    rf"(?P<before>(?:[\w:'.]+ ){{0,2}}?){_THING}(?: (?:there|set|running|active|on|going|left|"
    rf"right|waiting|i have|that i have|upcoming))*(?: (?:for|on) (?:today|tomorrow|this \w+|"
    rf"\w+day)(?: \w+)?)?"
    rf"|(?:what (?:is|are)|when is) (?:my|the)(?: next| other)* "
    rf"{_THING.replace('thing', 'thing3')}(?: (?:set (?:for|to)|at))?"
    rf"|do you have (?:my|the|any|an?) {_THING.replace('thing', 'thing4')}(?: (?:set|for|at) ?.*)?"
    rf"|any {_THING.replace('thing', 'thing5')}(?: (?:running|set|active|on|going|left))*"
    rf"|(?:what|which|how many) (?P<before2>(?:[\w:'.]+ )?){_THING.replace('thing', 'thing2')}(?: "
    rf"(?:do i have|have i(?: set| got)?|are|is|there|set|running|active|on|going|left|right|did i "
    rf"set|you have|do you have|upcoming))+(?: (?:for|on) (?:today|tomorrow|this \w+|\w+day)(?: "
    rf"\w+)?)?)$"
)
IS_IT = re.compile(
    rf"^(?:is|are|has|will|did|does) (?:the |my |any )+(?P<before>(?:[\w:'.]+ ){{0,3}}?){_THING} "
    r"(?:still |almost |nearly |already |about to |going to )*(?:on|running|set|active|going|done|"
    r"over|up|finished|ready|ringing|ring|rung|gone off|go off|started)(?: yet| today| tonight| "
    r"tomorrow)*(?: (?:for|at|to|on) (?P<rest>.+))?$"
)
DOING = re.compile(
    rf"^how (?:is )?(?:the|my|that) (?P<before>(?:[\w:'.]+ ){{0,3}}?){_THING}(?: is)? "
    r"(?:doing|going|looking)$"
)
_IT = r"(?:it|that|this|that one|this one|they)"
ABOUT_IT = re.compile(
    r"^(?:how (?:long|much (?:time|longer)|many (?:minutes|seconds|hours))(?: is| are| does| do| "
    rf"will| has| until| till| before)*(?: still)? {_IT}(?: still| has| have| got| is| will| going "
    r"to| yet| left| to go| run| runs| running| ring| rings| go off| goes off| last| be| up| done| "
    r"over| remaining)*"
    rf"|(?:when|what time|how soon)(?: is| does| do| will| would)? {_IT}(?: be| go off| goes off| "
    r"ring| rings| done| over| up| end| ends| finish| due| going off| going to ring| going to go "
    r"off| set for| set to)+"
    rf"|(?:is|are|has|does|will|did) (?:it|they)(?: still| almost| nearly| already| about to| "
    r"going to| be| been| soon| yet| on| off| running| run| going| go off| set| done| over| up| "
    r"finished| "
    r"ready| active| ringing| ring| cancelled| canceled| stopped| gone)+"
    r"|how (?:is it|are they) doing)$"
)
"""Of a timer that was just talked about."""
CANCEL_IT = re.compile(
    r"^(?:(?:cancel|delete|remove|clear|dismiss|abort|reset) (?:it|that|that one|this one|this|"
    r"(?P<all>them all|them both|them|all of them|both of them|both|all|everything))|"
    r"(?:turn|switch|shut) (?:it|that) off)(?: again)?$"
)
PAUSE = re.compile(
    rf"^(?:pause|hold|resume|continue|unpause)(?: the| my| that)* (?P<before>){_THING}$"
)
SNOOZE = re.compile(
    rf"^(?:snooze(?: it| that| this)?(?:(?: the| my| that)+ {_THING})?|(?:remind|wake) (?:me|us)"
    rf"(?: up| about (?:it|that))* again)(?: (?:for|by|in|another))*"
    rf"(?: (?P<length>{DURATION.pattern}|{NUMBER})(?: more)?)?$"
)
CHANGE = re.compile(
    rf"^(?P<verb>change|move|reset|switch|update|adjust|reschedule|postpone|delay|push|bump|bring)"
    rf"(?: the| my| that| this)+ (?P<before>(?:[\w:'.]+ ){{0,4}}?){_THING}"
    r"(?: back| forward| up| on)?(?P<rest>(?: (?:for|at|from|about|of) .+?)?)"
    r"(?: (?:to|until|till|for) (?P<to>.+?))?(?: instead)?$"
)
INSTEAD = re.compile(
    rf"^(?:set (?:the|my|that) (?P<before>(?:[\w:'.]+ ){{0,4}}?){_THING}|"
    r"(?P<wake>wake) (?:me|us)(?: up)?|"
    r"(?P<remind>remind) (?:me|us))(?P<rest>)(?: (?:to|for|at))* (?P<to>.+?) instead$"
)
CHANGES_TO = re.compile(
    rf"^make (?:the|my|that|this) (?P<before>(?:[\w:'.]+ ){{0,4}}?){_THING}(?P<rest>)"
    r"(?: (?:ring|go off|be|for|at|to))* (?P<to>.+?)(?: instead)?$"
)
MINE = re.compile(
    r"^(?!how (?:do|can|could|would|should|to|loud)\b|why\b|any (?:idea|tips?|advice)\b|what (?:do|"
    r"does|is the (?:best|point|difference|word|plural)|is wrong|happens|would|song)\b|where (?:is|"
    r"did)\b|(?:have|are) you (?!set|got|cancell?ed|started)|do you (?!have|see|know)|"
    r"(?:what|what time|when|how early) should\b|which\b(?! (?:alarms?|timers?|reminders?) ))"
    r"(?!.*\b(?:oven|phone|app|code|microwave|watch|radio|kitchen|if|best|sends?|sent|invented|"
    r"built|final|launch)\b)"
    rf"(?:is|are|was|were|has|have|will|did|does|do|when|what|how|which|where|any|so)\b.*"
    rf"\b(?P<whose>my|the|your) (?:(?!an?\b|send\b)\w+ ){{0,2}}?{_THING}\b(?! (?:clock|letters?|"
    r"cards?|e ?mails?|lists?|apps?|notes?|messages?|texts?|sounds?|tones?|codes?|systems?|"
    r"compan\w+|settings?)\b)(?! (?:on|in|at|of|from|to) (?:the|an?|my|work|school)\b).*$"
)
"""Any other question about timers: how they stand is a true answer, if not always the best."""
KINDS = re.compile(r"\b(?:timers?|alarms?|reminders?) (?:and|or)\b")
OTHERS = re.compile(
    r"\b(?:smoke|fire|burglar|car|house|gas|security|intruder|carbon monoxide) alarms?\b"
)
"""Alarms that are nobody's clock."""
REMARK = re.compile(
    r"^(?:if|whether|write|order|recommend|describe|imagine|explain|teach|sing)\b|"
    r"^(?:i|we|he|she|they|you|my \w+) (?:\w+ )?(?:hate|love|missed|forgot|overslept|slept|bought|"
    r"got|paid|gave|has|already|always|usually|never)\b|"
    r"\b(?:timers?|countdowns?|alarms?(?: clocks?)?|reminders?) (?:.* )?(?:woke|was|were|is|are)\b|"
    r"\bfor (?:\w+ )?\w+ (?:pounds|euros|dollars|quid|bucks)\b"
)
"""Tells of a timer or an alarm, and asks for none."""
LAST_PART = re.compile(r"[.!?,]\s*((?:please )?(?:set|start|wake|remind)\b[^.!?]*)[.!?]*\s*$", re.I)
EACH = frozenset(
    ("both", "all", "all of them", "both of them", "them all", "them both", "them", "everything")
)
_MORE = r"(?:more |extra |additional )"
_WHOSE = r"(?:it|(?:the|my|that) (?P<{name}>(?:\w+ ){{0,2}}?)(?:timer|alarm|reminder))"
_AMOUNT = rf"{NUMBER} {_MORE}?{UNIT}|{DURATION.pattern}"
ADD = re.compile(
    r"^(?=.*\b(?:add|more|another|extend|increase|extra|longer|additional|delay|postpone|push|"
    r"later|back)\b)"
    rf"(?:add |(?:extend|delay|postpone) {_WHOSE.format(name='before2')} (?:by |for )?|"
    rf"(?:push|move|put) {_WHOSE.format(name='before3')} back (?:by )?|"
    rf"make {_WHOSE.format(name='before4')} (?:longer by )?|"
    rf"increase {_WHOSE.format(name='before5')} by |give (?:me |it ))?"
    rf"(?:another |an extra )?(?P<length>{_AMOUNT})"
    rf"(?: more| longer| extra| later)?(?: (?:to|on|onto) {_WHOSE.format(name='before')})?$"
)
LESS = re.compile(
    rf"^(?:(?:make|set) {_WHOSE.format(name='before')} (?P<length>{_AMOUNT}) (?:shorter|less|"
    rf"earlier|sooner)|(?:shorten|reduce|decrease) {_WHOSE.format(name='before2')} by "
    rf"(?P<length2>{_AMOUNT})|(?:take|remove|subtract|knock) (?P<length3>{_AMOUNT}) (?:off|from|"
    rf"away from|off of)(?: {_WHOSE.format(name='before3')})?|(?:bring|move|pull) "
    rf"{_WHOSE.format(name='before4')} (?:forward|ahead)(?: by)? (?P<length5>{_AMOUNT})|"
    rf"(?P<length4>{_AMOUNT}) (?:less|shorter|sooner|earlier))$"
)
NOT_THEN = re.compile(
    r"^(?:do not|never|no need to|you do not (?:need|have) to|there is no need to) (?P<what>wake|"
    r"remind) (?:me|us)\b(?: up)?(?P<rest>(?: (?:to|about|at|for|in|tomorrow|tonight|today|on|"
    r"any ?more)\b.*)?)$"
)
MAKE_IT = re.compile(
    r"^(?:actually |rather |better |i meant |i mean )*(?:make (?:it|that)|change (?:it|that|the "
    r"timer|the alarm) to|set it to|i meant|i mean) (?P<rest>.+)$"
)
NOT_LABELS = frozenset(
    "for in at on of to a an the my me another new one quick timer alarm reminder clock wake up "
    "and i it that please set from now is any with today tomorrow tomorrow's tonight morning "
    "afternoon evening still about one minute hour monday tuesday wednesday thursday friday "
    "saturday sunday do turn lets let us could should would if you how again yep are "
    "setting not never why already usually always she he they think need explain teach sing "
    "song".split()
)
