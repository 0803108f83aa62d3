import pytest

import slm_net

MLP = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "relu"}
ARC = {
    "type": "TorchArcNet",
    "arc": {
        "modules": {"one": {"LazyLinear": {"out_features": 3}}, "unused": "ReLU"},
        "graph": {"input": "x", "modules": {"one": ["x"]}, "output": "one"},
    },
}


def found(block, **dims):
    problems = slm_net.validate(block, **(dims or {"in_dim": 4, "out_dim": 2}))
    return [(p.rule, p.pointer, p.message, p.hint) for p in problems if p.rule in ("SN306", "SN301")]


@pytest.mark.parametrize(
    ("keys", "pointer", "part", "hint"),
    [
        ({"freeze": ["bdy"]}, "/freeze/0", "bdy", "did you mean 'body'?"),
        ({"freeze": ["body", "model_tail"]}, "/freeze/1", "model_tail", "did you mean 'tails'?"),
        ({"lr_scale": {"modle": 0.1}}, "/lr_scale/modle", "modle", "did you mean 'model'?"),
        (
            {"init_from": {"folder": "x", "parts": ["head"]}},
            "/init_from/parts/0",
            "head",
            "expected body, tails, model",
        ),
        ({"init_from": {"folder": "x", "freeze": ["model.0"]}}, "/init_from/freeze/0", "model.0", None),
    ],
)
def test_a_part_that_is_not_there_is_named_where_it_stands(keys, pointer, part, hint):
    [(rule, where, message, said)] = found({**MLP, **keys})
    assert (rule, where, message) == ("SN306", pointer, f"MLPNet has no part {part!r}")
    assert said == hint or hint is None


def test_the_modules_of_an_arc_are_parts_if_they_are_called():
    assert found({**ARC, "freeze": ["body.one"]}) == []
    [(rule, _, message, _)] = found({**ARC, "freeze": ["body.unused"]})
    assert (rule, message) == ("SN306", "TorchArcNet has no part 'body.unused'")


@pytest.mark.parametrize(
    "block",
    [
        {**MLP, "freeze": ["body", "tails"]},
        {**MLP, "freeze": ["model"], "init_from": {"folder": "x", "freeze": ["tails"]}},
        {**MLP, "hid_layers": [], "freeze": ["tails"]},
        {**ARC, "tails": False, "freeze": ["body.one"]},
    ],
)
def test_nothing_left_to_train_is_an_error(block):
    dims = {"in_dim": 4, "out_dim": 3}
    assert [(rule, message) for rule, _, message, _ in found(block, **dims)] == [
        ("SN301", "everything is frozen, nothing is left to train")
    ]
    if "init_from" not in block:
        with pytest.raises(slm_net.SpecError, match="nothing is left to train"):
            slm_net.build_net(block, **dims)


def test_a_rate_for_what_is_frozen_is_an_error():
    [(rule, pointer, message, hint)] = found({**MLP, "freeze": ["body"], "lr_scale": {"model": 2, "tails": 3}})
    assert (rule, pointer, hint) == ("SN301", "/lr_scale/model", "remove it")
    assert message == "lr_scale has a rate for 'model', which is frozen"


def test_of_a_registered_type_no_parts_are_known():
    assert found({**MLP, "type": "MyNet", "freeze": ["anything"]}) == []
