"""A plugin for slm_net: an MLP with noisy features, and the activation Snake."""
