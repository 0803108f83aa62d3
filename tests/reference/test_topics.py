"""What a word is: every word has a topic, of which the example is right."""

import pytest

import slm_net
from slm_net import validate
from slm_net.reference.topics import meant, topics, words
from slm_net.spaces.environments import known_environments

#: What stands in another file, which no example has.
WITHOUT_EXAMPLE = {("arc_file", "key of TorchArcNet")}


def kinds(word):
    return [topic.kind for topic in topics(word)]


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("hid_layers", ["key of a net", "key of HydraMLPNet"]),
        ("actor_hid_layers", ["key of a net", "key of HydraMLPNet"]),
        ("polyak_coef", ["key of a net"]),
        ("Adam", ["optimizer"]),
        ("adam", ["optimizer"]),
        ("LayerNorm", ["layer of an arc", "key of a net"]),
        ("relu", ["activation, and layer of an arc", "function of TorchFn"]),
        ("orthogonal_", ["init function"]),
        ("SmoothL1Loss", ["loss"]),
        ("MLPNet", ["net type"]),
        ("PPO", ["algorithm"]),
        ("Replay", ["memory"]),
        ("CartPole-v1", ["environment"]),
        ("ALE/Pong-v5", ["environment"]),
        ("SN203", ["rule"]),
        ("unknown-key", ["rule"]),
        ("optim_spec.lr", ["argument of optimizers"]),
        ("critic_optim_spec.lr", ["argument of optimizers"]),
        ("Adam.lr", ["argument of Adam"]),
        ("agent.algorithm.gamma", ["setting of algorithms"]),
        ("gamma", ["argument of learning-rate schedulers", "argument of CyclicLR", "setting of algorithms"]),
        ("env.max_frame", ["key of an environment"]),
        ("inplace", ["argument of activations", "argument of layers of an arc"]),
        ("nothing_like_it", []),
        ("Adam.nothing", []),
    ],
)
def test_what_a_word_is(word, found):
    assert kinds(word) == found


def test_an_argument_says_its_default_its_range_and_whose_it_is():
    [topic] = topics("Adam.betas")
    facts = dict(topic.facts)
    assert facts["default"] == "[0.9, 0.999]"
    assert facts["type"] == "a list, each entry a number of at least 0 and below 1"
    [lr] = topics("lr")
    assert "0.002 of NAdam, Adamax" in dict(lr.facts)["defaults"]


def test_an_object_says_what_is_in_it():
    [topic] = topics("explore_var_spec")
    name, start, *_ = topic.arguments
    assert name.needed and "linear_decay" in name.takes
    assert (start.name, start.takes) == ("start_val", "a number")
    assert not topics("optim_spec")[0].arguments  # they are those of the optimizer


def test_which_slm_lab_reads_it():
    def of(word):
        return [dict(topic.facts).get("SLM Lab") for topic in topics(word)]

    assert of("polyak_coef") == ["4 and 5"]
    assert of("MLPNet.batch_norm") == ["5"]
    assert of("weight_norm")[0] == "no version reads it, slm_net alone does"
    assert of("normalize_state") == ["4"]
    [lookahead] = topics("Lookahead")
    assert dict(lookahead.facts)["SLM Lab 5"].startswith("has none: write the optimizer inside it alone")


@pytest.mark.parametrize(
    ("word", "found"),
    [("adma", "Adam"), ("learning_rate", "lr"), ("tau", "polyak_coef"), ("Adam.lrr", "lr"), ("", None)],
)
def test_the_nearest_word(word, found):
    assert meant(word)[:1] == ([found] if found else [])


def test_what_another_library_calls_so_is_not_guessed_beside():
    assert meant("net_arch") == ["hid_layers"]


def test_every_word_has_a_topic_and_every_example_is_right():
    without = set()
    for word in sorted(words() - known_environments().keys()):  # theirs have a test beside the examples
        found = topics(word)
        assert found, word
        for topic in found:
            if topic.example is None and topic.kind != "rule":
                without.add((topic.name, topic.kind))
            assert topic.about or topic.kind in ("environment", "rule"), word
            assert topic.example is None or validate(topic.example) == [], word
    assert without == WITHOUT_EXAMPLE


def test_what_a_package_registers_is_told_of_too():
    speed = {"type": "number", "default": 2.0, "description": "How fast."}
    schema = {"description": "Nearly Adam.", "properties": {"speed": speed}}
    slm_net.register_optimizer("Adamish", schema=schema)(lambda parameters, speed=2.0: None)
    try:
        [topic] = topics("Adamish")
        assert topic.about == "Nearly Adam."
        assert [argument.name for argument in topic.arguments] == ["speed"]
        assert kinds("speed") == ["argument of Adamish"]
        assert validate(topic.example) == []
    finally:
        slm_net.unregister("optimizer", "Adamish")
    assert topics("Adamish") == ()
