"""The server: each protocol is a map onto `VoiceSession`. No model library is loaded here."""
