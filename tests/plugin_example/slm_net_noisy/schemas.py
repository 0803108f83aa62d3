"""What specs may write. No torch here, so that `slm-net validate` stays quick."""

MLP = "net.schema.json#/$defs/MLPNet/properties"

SCHEMAS = {
    "nets": {
        "NoisyMLPNet": {
            "description": "An MLPNet whose last features get Gaussian noise while it trains.",
            "properties": {
                "hid_layers": {"$ref": f"{MLP}/hid_layers"},
                "batch_norm": {"$ref": f"{MLP}/batch_norm"},
                "noise_std": {
                    "description": "Standard deviation of the noise.",
                    "type": "number",
                    "minimum": 0,
                    "default": 0.1,
                },
            },
            "required": ["hid_layers", "hid_layers_activation"],
            "in_dim": "vector",
        },
    },
    "activations": {
        "Snake": {
            "description": "x + sin(ax)^2 / a (Ziyin et al. 2020).",
            "properties": {
                "a": {"description": "Frequency.", "type": "number", "exclusiveMinimum": 0, "default": 1.0},
            },
        },
    },
}
