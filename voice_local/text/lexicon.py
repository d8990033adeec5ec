"""An index for gruut's pronunciation lexicon.

gruut keeps 130,000 words in an SQLite file without an index. It looks up each new word with a full
table scan, which takes 5 to 8 ms a word (gruut 2.4) and delays the first sound. Here the table is
copied into memory and indexed once.
"""

from __future__ import annotations

import sqlite3
from functools import lru_cache

GUESSES_KEPT = 4096


def index_lexicon(language: str) -> bool:
    """Indexes gruut's lexicon of `language` for the calling thread, which must have phonemized
    something with it before.

    False where gruut keeps the lexicon elsewhere than version 2.4 does; look-ups then stay slow.
    """
    import gruut

    # gruut's own text processors, by language; one set for each thread.
    processors = getattr(getattr(gruut, "_LOCAL", None), "processors", {})
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
        if settings.guess_phonemes is not None:  # for words outside the lexicon: 40 ms each
            settings.guess_phonemes = lru_cache(GUESSES_KEPT)(settings.guess_phonemes)
        found = True
    return found
