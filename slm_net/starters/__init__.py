"""Specs to start from: an algorithm and an environment in, a whole spec out that trains, with a comment on each key."""
