"""A sample sentence for each language of the voices: to listen to a voice, and to warm it up."""

from __future__ import annotations

SAMPLES = {
    "en": "Hello! This is how I sound. Shall we talk about something nice?",
    "es": "¡Hola! Así suena mi voz. ¿Hablamos de algo bonito?",
    "fr": "Bonjour ! Voilà ma voix. On parle de quelque chose de joli ?",
    "hi": "नमस्ते! मेरी आवाज़ ऐसी है। क्या हम बात करें?",
    "it": "Ciao! Questa è la mia voce. Parliamo di qualcosa di bello?",
    "pt": "Olá! Esta é a minha voz. Vamos falar de algo bonito?",
}
"""By language code (ISO 639-1)."""
