"""What is said of layers that are written wrong, and that who follows it has what was meant."""

import json

import pytest

import slm_net
from slm_net.document.specs import read_document
from slm_net.editing.fix import fix
from slm_net.project.selection import selected
from slm_net.validation import Given, examine


def arc_of(body):
    graph = {"input": "x", "modules": {"body": ["x"]}, "output": "body"}
    return {"type": "TorchArcNet", "arc": {"modules": {"body": body}, "graph": graph}}


def look(text, bom=""):
    document = read_document(text, "a.json")
    return document, examine(document, Given()).problems


def stack(*layers):
    return {"Sequential": [{"LazyLinear": {"out_features": 8}}, *layers]}


@pytest.mark.parametrize(
    ("wrong", "hint", "right"),
    [
        (stack("Relu"), "did you mean 'ReLU'?", stack("ReLU")),
        (stack("nn.Tanh"), "did you mean 'Tanh'?", stack("Tanh")),
        (stack({"Dropout": 0.1}), 'write {"p": 0.1}', stack({"Dropout": {"p": 0.1}})),
        (stack({"LeakyReLU": 1}), 'write {"negative_slope": 1}', stack({"LeakyReLU": {"negative_slope": 1}})),
        ({"LazyLinear": 8}, 'write {"out_features": 8}', {"LazyLinear": {"out_features": 8}}),
        (
            {"Linear": [4, 8]},
            'write {"in_features": 4, "out_features": 8}: arguments go by name',
            {"Linear": {"in_features": 4, "out_features": 8}},
        ),
        (
            {"LazyLinear": {"units": 8}},
            "did you mean 'out_features'?",
            {"LazyLinear": {"out_features": 8}},
        ),
        (
            ["Flatten", {"Tanh": None}],
            'write {"Sequential": [...]} around the list',
            {"Sequential": ["Flatten", {"Tanh": None}]},
        ),
        (
            {"LazyLinear": {}, "out_features": 8},
            "indent out_features under LazyLinear",
            {"LazyLinear": {"out_features": 8}},
        ),
        (
            {"LazyLinear": {"out_features": 8}, "ReLU": {}},
            "write a Sequential: a list of them",
            {"Sequential": [{"LazyLinear": {"out_features": 8}}, {"ReLU": {}}]},
        ),
        (
            stack({"Linear": {"in_features": 8, "out_features": 4, "device": "cuda"}}),
            "remove it: the net as a whole is on one device, which gpu names",
            stack({"Linear": {"in_features": 8, "out_features": 4}}),
        ),
    ],
)
def test_a_hint_that_is_followed_gives_what_was_meant(wrong, hint, right):
    document, problems = look(json.dumps(arc_of(wrong)))
    assert [problem.hint for problem in problems] == [hint]
    fixed = fix(document, problems, look, selected((), ()), unsafe=True)
    assert json.loads(fixed.document.source.text) == arc_of(right)
    assert not slm_net.validate(arc_of(right), in_dim=4, out_dim=2)


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        ("LazyLinear", 'write {"LazyLinear": {"out_features": 64}}'),
        (stack({"Softmax": True}), "leave it empty"),
        (["Flatten", "Flattn"], 'for example {"LazyLinear": {"out_features": 64}}'),
        (stack({"LazyConv2d": 3}), 'for example {"out_channels": 32, "kernel_size": 3}'),
        (stack({"Mystery": {}}), "for example LazyLinear; your own is made known by slm_net.register_layer"),
        (stack({"Linear": {"in_features": 4}, "ReLU": {}}), "put a - in front of each"),
    ],
)
def test_what_can_only_be_shown_by_an_example(wrong, hint):
    problems = slm_net.validate(arc_of(wrong))
    assert [problem.hint for problem in problems if problem.severity == "error"] == [hint]
