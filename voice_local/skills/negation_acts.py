"""Which words name the act of an intent."""

from __future__ import annotations

import re

ACTS = {
    intent: re.compile(rf"\b(?:{pattern})\b")
    for intent, pattern in {
        "cancel_order": r"cancel\w*|call(?:ed|ing)?(?: \w+){0,3} off|scrap\w*|drop(?:ping|ped)? "
        r"(?:it|my|the|that)|void\w*|abort\w*|touch\w*|(?:stop|end|kill|terminat)\w* (?:it|my|the|"
        r"that|this|any) ?(?:order|purchase|subscription|delivery)?",
        "human_agent": r"(?:transfer|connect|forward|redirect|switch|pass|hand|put|putting|"
        r"patch)\w* (?:me|us|this|the call)|transferr?\w*|persons?|people|humans?|agents?|"
        r"operators?|representatives?|reps?|managers?|someone|somebody|anyone|anybody|supervisors?|"
        r"colleagues?|human being|staff|customer service|call cent(?:er|re)",
        "check_order_status": r"(?:my|the|that|an?y?|your|our) (?:\w+ )?(?:orders?|parcels?|"
        r"packages?|deliver\w*|shipments?)|(?:check|look|locat|find)\w*(?: \w+)? (?:it|that|on|up)|"
        r"track\w*",
        "technical_support": r"help\w*|support|fix\w*|repair\w*|assist\w*|technicians?|"
        r"troubleshoot\w*|restart\w*|reset\w*",
        "billing": r"bills?|invoices?|statements?|receipts?|billing|refund\w*|payments?",
        "product_question": r"prices?|products?|costs?|warranty|offers?|stock|about (?:the|this|"
        r"that|it)|details",
        "farewell": r"hang(?:ing)?(?: up)?|leav\w+|go(?:ing)?(?: away)?|disconnect\w*|sa(?:y|ying|"
        r"id) (?:good)?bye|goodbyes|end (?:the|this) (?:call|conversation)",
        "stop": r"stop\w*|paus\w*|quit\w*|(?:be|stay|get|go) (?:quiet|silent)|shut\w*(?: up)?|hush|"
        r"silence|mut(?:e|ing)",
        "repeat": r"repeat\w*|again|twice|once more|over that|say (?:it|that)",
        "emergency": r"(?:call|send|get|phone|ring|fetch|alarm|alert|bother|need|want|bring|"
        r"contact|dial|involv)\w*\b.*\b(?:ambulances?|police|cops|911|999|112|nine one one|fire "
        r"(?:brigade|department|service|fighters)|firefighters|paramedics?|emergency|doctor|help|"
        r"anyone|anybody|rescue)|an? (?:\w+ )?emergency|ambulances?|police|cops|firefighters|"
        r"paramedics|alarm the \w+",
        "home_control": r"turn\w*|switch\w*|dim\w*|open\w*|clos\w+|lock\w*|unlock\w*|shut\w*|"
        r"rais\w+|lower\w*|heat\w*|cool\w*|touch\w*|chang\w+|activat\w*|(?:the|my|any|that) "
        r"(?:lights?|lamps?|heat\w*)|lights? (?:on|off)",
        "timer_reminder": r"remind\w*|wak\w+|alarms?|timers?",
        "music": r"play\w*|music|songs?|radio|(?:put|turn)\w* (?:on|it|that|up|down)",
        "shopping_list": r"add\w*|lists?|(?:put|writ)\w*",
        "booking": r"book\w*|reserv\w*|tables?|rooms?|cancel\w*|chang\w+|mov\w+",
        "appointment": r"book\w*|appointments?|schedul\w*|doctors?|cancel\w*|chang\w+|mov\w+",
        "return_item": r"return\w*|exchang\w*|send\w* (?:it|them|this|that|the \w+) back|swap\w*|"
        r"pick\w* (?:it|them) up",
        "translate": r"translat\w*|say",
        "explain": r"explain\w*|tell\w*|defin\w*",
        "small_talk": r"jokes?|stor(?:y|ies)|tell\w*",
        "command": r"speak\w*|talk\w*|call me|louder|slower|faster|quieter|chang\w+",
    }.items()
}
"""Words for the acts of an intent and for their objects. Intents that are missing here are never
denied."""
