"""Whole agents: which nets an algorithm has (`plan`, without torch), and all of them built from one spec."""
