"""Specs of older SLM Labs as those of SLM Lab 5: what has another place or name there, and the proof of equal nets."""
