"""Telephones: Twilio's Media Streams over WebSocket and Asterisk's AudioSocket over TCP."""
