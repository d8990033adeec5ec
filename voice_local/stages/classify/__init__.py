"""Classifiers of text: intent, emotion, emergencies."""
