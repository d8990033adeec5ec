"""OpenAI's Realtime API (GA), as a map onto `VoiceSession`: over WebSocket and WebRTC."""
