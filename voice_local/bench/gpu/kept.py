"""What Transformers' own parts take to be written by: typed loosely, as that library is."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def transformers() -> Any:
    """The library, imported when it is first needed."""
    import transformers as library

    return library


def save_tokenizer(tokenizer: Any, folder: Path, special: dict[str, str]) -> None:
    """Writes a `tokenizers.Tokenizer` as Transformers keeps them; `special` by role (`pad_token`,
    …)."""
    transformers().PreTrainedTokenizerFast(tokenizer_object=tokenizer, **special).save_pretrained(
        folder
    )
