"""Every net type as an arc: the block of a TorchArcNet that builds the same net, as data."""
