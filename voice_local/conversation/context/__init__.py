"""What a conversation remembers and gives to its LLM."""
