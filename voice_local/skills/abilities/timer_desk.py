"""Answers requests about the timers of one conversation."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from voice_local.conversation.responder import (
    Reply,
)
from voice_local.skills.abilities import timer_sayings as sayings
from voice_local.skills.abilities.said import said_duration
from voice_local.skills.abilities.spoken_times import LONGEST, duration, in_minutes
from voice_local.skills.abilities.timer_acts import Act, TimerRequest
from voice_local.skills.abilities.timer_changes import changed, on_that_day
from voice_local.skills.abilities.timer_patterns import EACH, NOT_LABELS
from voice_local.skills.abilities.timer_requests import about_it, timer_request
from voice_local.skills.abilities.timer_setting import said_when, to_set, too_long
from voice_local.skills.abilities.timers import (
    Kind,
    Timer,
    Timers,
)
from voice_local.skills.abilities.words import bare, is_courtesy

SNOOZE = timedelta(minutes=10)
"""How long "snooze" waits where no duration is named."""

JUST_RANG = timedelta(minutes=30)
"""For so long after it rang a timer can be rung again."""


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
        self._snoozed: Timer | None = None
        self._choosing: TimerRequest | None = None  # it has asked which one this is about

    def request(self, text: str) -> TimerRequest | None:
        """The request in `text`, which may be the answer to a question for a time; None for
        none."""
        now = self.timers.now()
        words = re.sub(r"^(?:cancel|stop|delete|remove|i mean|i meant) ", "", bare(text))
        if self._choosing and (which := self._chosen_by(words, self._choosing)):
            return which
        found = timer_request(text, now)
        if self._asked and (found is None or found.again):
            found = self._answered(text, self._asked)
        if found and found.again and self._last not in self.timers.waiting:
            return None
        if found and found.again and self._last:
            plain = said_when(found.to, now) is None or in_minutes(bare(found.to)) is not None
            if plain and self._last not in (self._talked_of or ()):
                return None  # "make it two", of something else
            return found if changed(self._last, found.to, now) else None
        if found and found.act is Act.CHANGE and found.waiting and not self._chosen(found):
            found = to_set(bare(text), text, now)  # "make the timer ten minutes"
        if found is None and self._talked_of is not None:
            found = about_it(text)
        if found and found.waiting and not self._meant(found):
            again = found.act is Act.ADD and found.length and found.length > timedelta()
            if again and self._rung() is not None:  # "five more minutes", once it has rung
                return TimerRequest(Act.SNOOZE, found.kind, found.length)
            return None
        return found

    def _answered(self, text: str, asked: TimerRequest) -> TimerRequest | None:
        """`asked` with the time that `text` names; None where it names none."""
        now = self.timers.now()
        when = on_that_day(asked.day, text, now) or said_when(text, now)
        if asked.kind is Kind.TIMER and (length := in_minutes(bare(text))):
            when = TimerRequest(Act.SET, None, length)
        if when is None:
            return None
        if asked.act is Act.CHANGE:
            return replace(asked, to=bare(text))
        return replace(asked, length=when.length, at=when.at)

    def _meant(self, request: TimerRequest) -> bool:
        """Whether there is what `request` is about, which is none without it."""
        if request.act is Act.SNOOZE:
            return self._rung() is not None
        chosen = self._chosen(request)
        if request.act is not Act.ADD:
            named = set(request.label.split())
            return any(named <= set(timer.label.split()) for timer in chosen)
        enough = request.length is not None and abs(request.length) >= timedelta(minutes=1)
        return enough and any(timer in (self._talked_of or ()) for timer in chosen)

    def _chosen_by(self, words: str, asked: TimerRequest) -> TimerRequest | None:
        """What `words` answer to "Which one?" about `asked`; None: something else."""
        if words in EACH and asked.act is Act.CANCEL:
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
                return TimerRequest(
                    asked.act, timer.kind, timer.length, timer.due, timer.label, to=asked.to
                )
        return None

    def forget_question(self, text: str = "") -> None:
        """Forgets the question for a time, and what "it" is, since the user said something else;
        after a mere courtesy that `text` is, nothing."""
        if not is_courtesy(text):
            self._asked = self._talked_of = self._choosing = None

    def answer(self, request: TimerRequest) -> Reply:
        """Carries out `request`; the answer. Must run in the event loop."""
        self._asked = self._choosing = None
        if request.act in (Act.SET, Act.SNOOZE) and self.lasts_s == 0:
            return Reply(sayings.CANNOT_RING)
        if request.act is Act.SET:
            return self._set(request)
        if request.act is Act.SNOOZE:
            return self._ring_again(request)
        chosen = self._chosen(request)
        if request.act is Act.PAUSE:
            self._talked_of = chosen
            return Reply(sayings.NO_PAUSE)
        if not chosen:
            return Reply(self._none(request))
        self._talked_of = chosen
        if request.act is Act.CANCEL:
            return self._cancel(request, chosen)
        if request.act is Act.ADD:
            return self._add(request, chosen)
        if request.act is Act.CHANGE:
            return self._change(request, chosen)
        return Reply(" ".join(self.timers.told(timer) for timer in chosen[:5]))

    def _set(self, request: TimerRequest) -> Reply:
        if request.repeats:
            return Reply(sayings.NO_REPEATS)
        if request.several:
            self._asked = TimerRequest(Act.SET, request.kind)
            return Reply(sayings.ONE_AT_A_TIME)
        if not request.timed:
            self._asked = request
            return Reply(sayings.question_for_a_time(request.kind))
        if too_long(request):
            return Reply(sayings.TOO_LONG)
        due = request.at or self.timers.now() + (request.length or timedelta())
        return self._started(
            Timer(request.kind or Kind.TIMER, due, request.length, request.label), []
        )

    def _started(self, timer: Timer, instead_of: list[Timer]) -> Reply:
        """Starts `timer` in place of others."""
        self.timers.cancel(instead_of)
        if not self.timers.add(timer):
            return Reply(sayings.TOO_MANY)
        self._last = timer
        self._talked_of = [timer]
        return Reply(
            sayings.confirmed(timer, self.timers.now(), self._reservation(timer)),
            "set_timer",
            _params(timer),
        )

    def _reservation(self, timer: Timer) -> str:
        if self.lasts_s is None or self.timers.due_within(self.lasts_s, timer):
            return ""
        return ", if this conversation is still open then"

    def _ring_again(self, request: TimerRequest) -> Reply:
        rung = self._rung()
        if rung is None or request.kind not in (None, rung.kind):
            return Reply(sayings.NOTHING_RANG)
        length = request.length or SNOOZE
        if length > LONGEST:
            return Reply(sayings.TOO_LONG)
        again = replace(rung, due=self.timers.now() + length, length=length)
        before = [timer for timer in self.timers.waiting if timer is self._snoozed]
        self._snoozed = again
        return self._started(again, before)

    def _rung(self) -> Timer | None:
        """What rang a moment ago."""
        last = self.timers.last_rung
        return last if last and self.timers.now() - last.due <= JUST_RANG else None

    def _cancel(self, request: TimerRequest, chosen: list[Timer]) -> Reply:
        if len(chosen) > 1 and not request.all:
            self._choosing = request
            return Reply(sayings.which_one(chosen))
        self.timers.cancel(chosen)
        self._cancelled = chosen
        names = f"your {chosen[0].name()}" if len(chosen) == 1 else f"{len(chosen)} of them"
        return Reply(f"I have cancelled {names}.", "cancel_timer")

    def _change(self, request: TimerRequest, chosen: list[Timer]) -> Reply:
        if len(chosen) > 1:
            self._choosing = request
            return Reply(sayings.which_one(chosen))
        if not request.to:
            self._asked = request
            return Reply(sayings.question_for_a_time(chosen[0].kind))
        new = changed(chosen[0], request.to, self.timers.now())
        if new is None:
            return Reply(sayings.NO_TIME_TOLD)
        if new.length is not None and new.length > LONGEST:
            return Reply(sayings.TOO_LONG)
        return self._started(new, chosen)

    def _add(self, request: TimerRequest, chosen: list[Timer]) -> Reply:
        timer = self._last if self._last in chosen else chosen[0]
        more, now = request.length or timedelta(), self.timers.now()
        if (timer.length or timedelta()) + more > LONGEST:
            return Reply(sayings.TOO_LONG)
        if -more > LONGEST or timer.due + more <= now:
            return Reply(sayings.NOT_SO_LONG)
        longer = replace(timer, due=timer.due + more, length=timer.length and timer.length + more)
        reply = self._started(longer, [timer])
        if longer.kind is Kind.TIMER:
            reply = replace(reply, text=f"{said_duration(longer.due - now)} from now, then.")
        return reply

    def _chosen(self, request: TimerRequest) -> list[Timer]:
        """The timers that `request` means; all of the kind where it does not distinguish them."""
        found = [timer for timer in self.timers.waiting if request.kind in (None, timer.kind)]
        if request.again:
            return [timer for timer in found if timer is self._last]
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
            return sayings.IS_CANCELLED if cancelled else sayings.HAS_RUNG
        same = [timer for timer in self.timers.waiting if request.kind in (None, timer.kind)]
        if same:
            return f"I don't find that one. {sayings.there_is(same)}"
        return sayings.NOTHING_SET[request.kind]


def _params(timer: Timer) -> dict[str, str]:
    """What a client is told of `timer`."""
    params = {
        "kind": str(timer.kind),
        "due": timer.due.isoformat(timespec="seconds"),
        "label": timer.label,
    }
    return {key: value for key, value in params.items() if value}
