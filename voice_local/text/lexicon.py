"""gruut's pronunciation lexicon, quick to look up.

gruut keeps 130,000 words in an SQLite file without an index and looks each word up, the first time
it meets it, by reading them all: 5 to 8 ms a word (gruut 2.4), which a listener waits for. Here the
table is copied into memory and indexed once.
"""

from __future__ import annotations

import sqlite3
from functools import lru_cache

GUESSES_KEPT = 4096


def index_lexicon(language: str) -> bool:
    """Makes gruut's lexicon of `language` quick for the calling thread; it must have phonemized
    something there before.

    False where gruut keeps it elsewhere than in version 2.4: then it is as slow as ever.
    """
    import gruut

    processors = getattr(
        getattr(gruut, "_LOCAL", None), "processors", {}
    )  # gruut's own, one a thread
    found = False
    for processor in processors.values():
        settings = processor.get_settings(language)
        phonemizer = getattr(settings.lookup_phonemes, "phonemizer", None)
        if phonemizer is None or not hasattr(phonemizer, "db_conn"):
            continue
        words = sqlite3.connect(":memory:")
        words.execute(
            "CREATE TABLE word_phonemes (word TEXT, pron_order INTEGER, phonemes TEXT, role TEXT)"
        )
        words.executemany(
            "INSERT INTO word_phonemes VALUES (?, ?, ?, ?)",
            phonemizer.db_conn.execute(
                "SELECT word, pron_order, phonemes, role FROM word_phonemes"
            ),
        )
        words.execute("CREATE INDEX by_word ON word_phonemes (word)")
        words.commit()
        phonemizer.db_conn.close()
        phonemizer.db_conn = words
        if settings.guess_phonemes is not None:  # for words that are in no lexicon: 40 ms a word
            settings.guess_phonemes = lru_cache(GUESSES_KEPT)(settings.guess_phonemes)
        found = True
    return found
