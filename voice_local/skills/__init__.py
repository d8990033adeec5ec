"""Answers without the LLM: intents, handlers, abilities, and the rules of wording that select
them."""
