"""What is a slip of a word, and what may be another word."""

import pytest

from slm_net.wording.slips import distance, is_typo_of


@pytest.mark.parametrize(
    ("a", "b", "steps"),
    [("", "abc", 3), ("adma", "adam", 1), ("relu", "relu", 0), ("gelu", "selu", 1), ("ab", "ba", 1)],
)
def test_distance(a, b, steps):
    assert distance(a, b) == distance(b, a) == steps


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        *(("Clip-Grad-Val", "clip_grad_val"), ("adamw", "AdamW"), ("MAX_LR", "max_lr")),
        # swapped and doubled letters, also in short words
        *(("Adma", "Adam"), ("SDG", "SGD"), ("MPLNet", "MLPNet"), ("ConvNte", "ConvNet"), ("reluu", "relu")),
        *(("gpuu", "gpu"), ("lrr", "lr"), ("MESLoss", "MSELoss"), ("los_spec", "loss_spec")),
        # one slip in a longer word
        *(("hid_layer", "hid_layers"), ("SmothL1Loss", "SmoothL1Loss"), ("orthoganal_", "orthogonal_")),
        *(("bidirectionel", "bidirectional"), ("optm_spec", "optim_spec"), ("normalise", "normalize")),
    ],
)
def test_slips(written, meant):
    assert is_typo_of(written, meant)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("x" * 200, "relu"),
        *((name, "MSELoss") for name in ("MAELoss", "RMSELoss", "MSLELoss", "MAPELoss", "XSELoss", "L2Loss")),
        *(("CELoss", "BCELoss"), ("Adan", "Adam"), ("Adas", "Adam"), ("SGDM", "SGD"), ("SGDW", "SGD")),
        *(("AdamZ", "Adam"), ("NAdamW", "NAdam"), ("geglu", "gelu"), ("reglu", "relu"), ("xrelu", "relu")),
        *(("LeakyELU", "LeakyReLU"), ("LeakySELU", "LeakyReLU"), ("celu", "selu"), ("tau", "polyak_coef")),
        *(("XConvNet", "QConvNet"), ("conv_net", "ConvNets"), ("beta1", "beta2"), ("min_lr", "max_lr")),
        *(("rl", "lr"), ("alphas", "alpha"), ("update_interval", "update_frequency"), ("action_pdtype", "update_type")),
    ],
)
def test_what_is_no_slip(written, meant):
    assert not is_typo_of(written, meant)
