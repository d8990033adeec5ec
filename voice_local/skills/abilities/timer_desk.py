"""Answers requests about the timers of one conversation."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from voice_local.conversation.responder import (
    Reply,
)
from voice_local.skills.abilities.said import (
    listed,
    said_duration,
    said_moment,
)
from voice_local.skills.abilities.spoken_times import LONGEST, duration, in_minutes
from voice_local.skills.abilities.timer_acts import Act, TimerRequest
from voice_local.skills.abilities.timer_patterns import EACH, MAKE_IT, NOT_LABELS
from voice_local.skills.abilities.timer_requests import about_it, timer_request
from voice_local.skills.abilities.timer_setting import said_when, too_long
from voice_local.skills.abilities.timers import (
    MOST,
    Kind,
    Timer,
    Timers,
)
from voice_local.skills.abilities.words import bare, is_courtesy

ASK_LENGTH = "For how long?"
ASK_ALARM = "For what time?"
ASK_REMINDER = "When shall I remind you?"
TOO_MANY = f"There are {MOST} already. Please cancel one first."
TOO_LONG = "I can only wait for up to a month."
TOO_SHORT = "That is no time at all. For how long?"
NO_PAUSE = "I can't pause a timer. I can cancel it, or set another one."
NO_TIMER = "There is no timer running."
NOTHING_SET = {
    None: NO_TIMER,
    Kind.TIMER: NO_TIMER,
    Kind.ALARM: "There is no alarm set.",
    Kind.REMINDER: "There is no reminder set.",
}
NO_TIME_TOLD = (
    "I can set a timer, an alarm or a reminder. Please tell me when, for example in ten minutes."
)
CANNOT_RING = "Nothing would ring here: this conversation ends with each answer."
NO_REPEATS = "I can't repeat one. I can set it for a single time."
IS_CANCELLED, HAS_RUNG = "That one is cancelled.", "That one has rung."
SAID = (
    NO_TIME_TOLD,
    NO_REPEATS,
    IS_CANCELLED,
    HAS_RUNG,
    CANNOT_RING,
    ASK_LENGTH,
    ASK_ALARM,
    ASK_REMINDER,
    NO_PAUSE,
    *dict.fromkeys(NOTHING_SET.values()),
)
"""The fixed answers."""


class TimerDesk:
    """Answers `TimerRequest`s with `timers`. It remembers the timer that was set last, and a
    question that it asked, and which timers the last answer was about.

    Attributes:
        lasts_s: seconds for which the conversation is certain to go on; None where its end is not
            up to the assistant. Timers that ring later are confirmed with this reservation; 0:
            it ends with each answer, and none is set.
    """

    def __init__(self, timers: Timers) -> None:
        self.timers = timers
        self.lasts_s: float | None = None
        self._asked: TimerRequest | None = None
        self._last: Timer | None = None
        self._talked_of: list[Timer] | None = None
        self._cancelled: list[Timer] = []
        self._choosing = False  # it has asked which one to cancel

    def request(self, text: str) -> TimerRequest | None:
        """The request in `text`, which may be the answer to a question for a time; None for
        none."""
        now = self.timers.now()
        words = re.sub(r"^(?:cancel|stop|delete|remove|i mean|i meant) ", "", bare(text))
        if self._choosing and (which := self._chosen_by(words)):
            return which
        found = timer_request(text, now)
        if found is None and self._asked is not None:
            when = said_when(text, now)
            if self._asked.kind is Kind.TIMER and (length := in_minutes(bare(text))):
                when = TimerRequest(Act.SET, None, length)
            if when is not None:
                return TimerRequest(
                    Act.SET,
                    self._asked.kind,
                    when.length,
                    when.at,
                    self._asked.label,
                    again=self._asked.again,
                )
        if (
            found is not None
            and found.again
            and (self._last is None or self._last not in self.timers.waiting)
        ):
            return None
        if found and found.again and found.at and self._last and self._last.kind is Kind.TIMER:
            changed = MAKE_IT.match(bare(text))
            length = in_minutes(changed["rest"]) if changed else None
            found = replace(found, length=length, at=None) if length else found
        if found is None and self._talked_of is not None:
            found = about_it(text)
        if found and found.waiting and not self._meant(found):
            return None
        return found

    def _meant(self, request: TimerRequest) -> bool:
        """Whether there is what `request` is about, which is none without it."""
        chosen = self._chosen(request)
        if request.act is not Act.ADD:
            named = set(request.label.split())
            return any(named <= set(timer.label.split()) for timer in chosen)
        enough = request.length is not None and request.length >= timedelta(minutes=1)
        return enough and any(timer in (self._talked_of or ()) for timer in chosen)

    def _chosen_by(self, words: str) -> TimerRequest | None:
        """What `words` answer to "Which one?"; None: something else."""
        if words in EACH:
            return TimerRequest(Act.CANCEL, all=True, it=True)
        named = {word for word in words.split() if word not in NOT_LABELS}
        length = duration(re.sub(r"\b(?:timer|alarm|reminder)s?\b", "", words))
        bare_time = re.sub(r"^the |^that | (?:one|alarm|timer|reminder)$", "", words)
        when = said_when(bare_time, self.timers.now())
        for timer in self._talked_of or ():
            at = when.at if when else None
            if (
                (named and named <= set(timer.label.split()))
                or (timer.length is not None and timer.length == length)
                or (at is not None and not (timer.due - at) % timedelta(hours=12))
            ):
                return TimerRequest(Act.CANCEL, timer.kind, timer.length, timer.due, timer.label)
        return None

    def forget_question(self, text: str = "") -> None:
        """Forgets the question for a time, and what "it" is, since the user said something else;
        after a mere courtesy that `text` is, nothing."""
        if not is_courtesy(text):
            self._asked = self._talked_of = None
            self._choosing = False

    def answer(self, request: TimerRequest) -> Reply:
        """Carries out `request`; the answer. Must run in the event loop."""
        self._asked, self._choosing = None, False
        if request.act is Act.SET:
            return Reply(CANNOT_RING) if self.lasts_s == 0 else self._set(request)
        chosen = self._chosen(request)
        if request.act is Act.PAUSE:
            self._talked_of = chosen
            return Reply(NO_PAUSE)
        if not chosen:
            return Reply(self._none(request))
        self._talked_of = chosen
        if request.act is Act.CANCEL:
            return self._cancel(request, chosen)
        if request.act is Act.ADD:
            return self._add(request, chosen)
        return Reply(" ".join(self.timers.told(timer) for timer in chosen[:5]))

    def _set(self, request: TimerRequest) -> Reply:
        if request.repeats:
            return Reply(NO_REPEATS)
        if not request.timed:
            self._asked = request
            kind = request.kind
            return Reply(
                ASK_ALARM
                if kind is Kind.ALARM
                else ASK_REMINDER
                if kind is Kind.REMINDER
                else ASK_LENGTH
            )
        if too_long(request):
            return Reply(TOO_LONG)
        last = self._last if request.again else None
        now = self.timers.now()
        due = request.at or now + (request.length or timedelta())
        kind = request.kind or (last.kind if last else Kind.TIMER)
        timer = Timer(kind, due, request.length, request.label or (last.label if last else ""))
        if last:
            self.timers.cancel([last])
        if not self.timers.add(timer):
            return Reply(TOO_MANY)
        self._last = timer
        self._talked_of = [timer]
        params = {"kind": str(kind), "due": due.isoformat(timespec="seconds"), "label": timer.label}
        return Reply(
            self._confirmed(timer),
            "set_timer",
            {key: value for key, value in params.items() if value},
        )

    def _confirmed(self, timer: Timer) -> str:
        when = (
            f"in {said_duration(timer.length)}"
            if timer.length
            else f"at {said_moment(timer.due, self.timers.now())}"
        )
        if self.lasts_s is not None and not self.timers.due_within(self.lasts_s, timer):
            when += ", if this conversation is still open then"
        if timer.kind is Kind.REMINDER:
            return f"I will remind you {timer.label} {when}.".replace("  ", " ")
        if timer.kind is Kind.ALARM:
            return f"Your alarm will ring {when}."
        what = f"{timer.label} timer" if timer.label else "timer"
        return f"Your {what} will ring {when}."

    def _cancel(self, request: TimerRequest, chosen: list[Timer]) -> Reply:
        if len(chosen) > 1 and not request.all:
            self._choosing = True
            return Reply(
                f"Which one? There is {listed([f'your {timer.name()}' for timer in chosen[:4]])}."
            )
        self.timers.cancel(chosen)
        self._cancelled = chosen
        names = f"your {chosen[0].name()}" if len(chosen) == 1 else f"{len(chosen)} of them"
        return Reply(f"I have cancelled {names}.", "cancel_timer")

    def _add(self, request: TimerRequest, chosen: list[Timer]) -> Reply:
        timer = self._last if self._last in chosen else chosen[0]
        more = request.length or timedelta()
        if (timer.length or timedelta()) + more > LONGEST:
            return Reply(TOO_LONG)
        longer = Timer(
            timer.kind, timer.due + more, timer.length and timer.length + more, timer.label
        )
        self.timers.cancel([timer])
        self.timers.add(longer)
        self._last = longer
        self._talked_of = [longer]
        return Reply(
            f"{said_duration(longer.due - self.timers.now())} from now, then.",
            "set_timer",
            {"kind": str(longer.kind), "due": longer.due.isoformat(timespec="seconds")},
        )

    def _chosen(self, request: TimerRequest) -> list[Timer]:
        """The timers that `request` means; all of the kind where it does not distinguish them."""
        found = [timer for timer in self.timers.waiting if request.kind in (None, timer.kind)]
        if request.it:
            return [timer for timer in found if timer in (self._talked_of or ())]
        if request.at is not None and not any(timer.due == request.at for timer in found):
            half_day = timedelta(hours=12)  # "seven" may be that of the morning
            nearly = [t for t in found if not (t.due - request.at) % half_day]
            if nearly:
                return nearly
        for wanted in (
            lambda t: request.act is Act.ADD or request.length in (None, t.length),
            lambda t: request.at in (None, t.due),
            lambda t: not request.label or set(request.label.split()) & set(t.label.split()),
        ):
            found = [timer for timer in found if wanted(timer)]
        label = set(request.label.split())
        return [t for t in found if label and label <= set(t.label.split())] or found

    def _none(self, request: TimerRequest) -> str:
        if request.it and self._talked_of:
            cancelled = all(timer in self._cancelled for timer in self._talked_of)
            return IS_CANCELLED if cancelled else HAS_RUNG
        same = [timer for timer in self.timers.waiting if request.kind in (None, timer.kind)]
        if same:
            return (
                f"I don't find that one. There is "
                f"{listed([f'your {timer.name()}' for timer in same[:4]])}."
            )
        return NOTHING_SET[request.kind]
