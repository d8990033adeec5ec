"""What a conversation remembers and what its LLM is told."""
