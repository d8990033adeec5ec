"""The tiny assistant's world: one text generator that all four small models are trained from."""
