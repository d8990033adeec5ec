"""One person's conversation: turns, history, prompts. Pure asyncio; imports no model runtime."""
