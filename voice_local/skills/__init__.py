"""What answers without the LLM: intents, handlers, abilities, and their rules of wording."""
