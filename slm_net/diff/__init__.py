"""Two specs compared as what they build: layers, sizes, training, and what stands around the nets. No torch."""
