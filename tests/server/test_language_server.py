"""`slm-net server`, driven by an editor in another process."""

import json

import pytest
from lsp_client import Client, applied, spanned

from slm_net import validate

NET = '{"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "relu"}'
WRONG = """{
  // \U0001f600 \U0001f600 an emoji is two characters of an editor
  "type": "MLPNet", /* \U0001f600 */ "hid_layer": [64],
  "hid_layers_activation": "reluu",
  "optim_spec": {"name": "Adam", "lr": "high"}
}
"""


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    client = Client(tmp_path_factory.mktemp("work"))
    yield client
    client.kill()


def codes(diagnostics):
    return [diagnostic["code"] for diagnostic in diagnostics]


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_problems_at_their_places(client, tmp_path, ends):
    text = WRONG.replace("\n", ends)
    found = client.open(tmp_path / f"a{len(ends)}{ord(ends[0])}.json", text)
    assert [(part["code"], spanned(text.replace("\r", "\n") if ends == "\r" else text, part)) for part in found] == [
        ("SN101", '"hid_layer"'),
        ("SN105", '"reluu"'),
        ("SN104", '"high"'),
    ]
    assert {part["source"] for part in found} == {"slm-net"}
    assert {part["severity"] for part in found} == {1}
    assert found[0]["codeDescription"]["href"].endswith("docs/rules.md#sn101-unknown-key")


YAML = "type: MLPNet\nhid_layers: [64]\nhid_layers_activation: two words\n"


@pytest.mark.parametrize(("name", "text"), [("a.json", WRONG), ("b.yaml", YAML)])
def test_they_are_those_of_validate(client, tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text)
    found, expected = client.open(path, text), validate(path)
    assert codes(found) == [problem.rule for problem in expected]
    assert [part["range"]["start"]["line"] + 1 for part in found] == [problem.line for problem in expected]
    if name == "b.yaml":
        assert [spanned(text, part) for part in found] == ["two words"]


@pytest.mark.parametrize("name", ["a b.json", "ü#%.json", "c%3A.json", "😀.json"])
def test_names_that_are_escaped_in_a_uri(client, tmp_path, name):
    assert client.open(tmp_path / name, WRONG)
    assert client.change(tmp_path / name, WRONG + " ")
    client.tell("textDocument/didSave", textDocument={"uri": (tmp_path / name).as_uri()})
    assert client.diagnostics((tmp_path / name).as_uri(), 2)


def test_each_change_is_looked_at(client, tmp_path):
    path = tmp_path / "a.json"
    assert codes(client.open(path, NET)) == []
    assert codes(client.change(path, NET.replace("relu", "reluu"))) == ["SN105"]
    assert codes(client.change(path, NET[:-1])) == ["SN003"]
    assert codes(client.change(path, NET)) == []


def test_safe_fixes_are_preferred_and_unsafe_ones_are_marked(client, tmp_path):
    text = NET.replace("relu", "ReLUU").replace("MLPNet", "mlpnet")
    path = tmp_path / "a.json"
    client.open(path, text)
    found = client.actions(path, text, only=["quickfix"])
    by_rule = {action["diagnostics"][0]["data"]["pointer"]: action for action in found}
    assert {action["kind"] for action in found} == {"quickfix"}
    for action in found:
        safe = action["diagnostics"][0]["data"]["safe"]
        assert action["isPreferred"] == safe
        assert ("unsafe" in action["title"]) != safe
    for action in by_rule.values():
        text = applied(text, action) if len(by_rule) == 1 else text
    while fixes := client.actions(path, text, only=["quickfix"]):
        text = applied(text, fixes[0])
        client.change(path, text)
    assert validate(text) == []


def test_all_safe_fixes_at_once(client, tmp_path):
    path = tmp_path / "a.json"
    text = NET.replace('layers":', 'layer": /* \U0001f600 */').replace("}", ', "optim_spec": {"name": "adam",}}')
    client.open(path, text)
    [action] = client.actions(path, text, only=["source.fixAll"])
    assert action["kind"] == "source.fixAll.slm-net"
    fixed = applied(text, action)
    assert validate(fixed) == []
    assert "/* \U0001f600 */" in fixed
    assert client.change(path, fixed) == []
    assert client.actions(path, fixed, only=["source.fixAll"]) == []
    assert all(action["kind"] == "quickfix" for action in client.actions(path, text, kind=2))


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("hid_layers_activation", "Activation after each hidden layer"),
        ("reluu", "not a known activation"),
        ("Adam", "Adam (Kingma"),
        ("lr", "Learning rate"),
        ("MLPNet", "Dense layers"),
    ],
)
def test_hover_is_the_page_of_what_is_there(client, tmp_path, word, said):
    path = tmp_path / "a.json"
    client.open(path, WRONG)
    found = client.at("hover", path, WRONG, WRONG.index(f'"{word}"') + 2)
    assert said in found["contents"]["value"]
    assert spanned(WRONG, found) == f'"{word}"'


def test_hover_of_nothing(client, tmp_path):
    path = tmp_path / "a.json"
    client.open(path, NET)
    assert client.at("hover", path, NET, len(NET)) is None


def completed(client, path, text, offset):
    """What is offered, and the text after taking one of them by its label."""
    found = {}
    for item in client.at("completion", path, text, offset):
        edit = {**item["textEdit"], "newText": item["textEdit"]["newText"].replace("\\}", "}")}
        found[item["label"]] = applied(text, {"edit": {"changes": {"": [edit]}}})
    return found


def test_what_is_completed_is_right(client, tmp_path):
    path = tmp_path / "a.json"
    text = '{"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "re"}'
    client.open(path, text)
    found = completed(client, path, text, text.index('"re"') + 3)
    assert "relu" in found
    assert validate(found["relu"]) == []


def test_completion_in_a_text_that_is_broken(client, tmp_path):
    path = tmp_path / "a.json"
    text = '{"dqn": {"agent": {"algorithm": {"name": "DQN"}, "net": {"type": "MLPNet", "hid'
    client.open(path, text)
    found = completed(client, path, text, len(text))
    assert '"hid_layers": ${1:[64]}' in found["hid_layers"]
    assert "type" not in found
    assert "actor_hid_layers" not in found


def test_commas_that_are_not_strict_json_are_among_the_fixes(client, tmp_path):
    (tmp_path / "pyproject.toml").write_text("[tool.slm-net]\nstrict-json = true\n")
    path, text = tmp_path / "a.json", NET.replace("}", ",}")
    assert codes(client.open(path, text)) == ["SN011"]
    [action] = client.actions(path, text, only=["source.fixAll.slm-net"])
    assert applied(text, action) == NET


def test_a_space_asks_for_values_alone(client, tmp_path):
    path = tmp_path / "a.json"
    text = NET.replace('"relu"', " ")
    client.open(path, text)
    space = {"context": {"triggerKind": 2, "triggerCharacter": " "}}
    assert "relu" in {item["label"] for item in client.at("completion", path, text, text.index("  }") + 1, **space)}
    assert client.at("completion", path, text, 1, **space) == []


def test_other_json_is_left_alone(client, tmp_path):
    path, text = (
        tmp_path / "package.json",
        json.dumps({"name": "x", "type": "module", "scripts": {"a" * 30: "b" * 200}}),
    )
    assert client.open(path, text) == []
    assert client.at("completion", path, text, text.index("module") + 1) == []
    assert client.at("hover", path, text, text.index("module") + 1) is None


def test_the_settings_of_the_project_and_comments_that_ignore(client, tmp_path):
    (tmp_path / "pyproject.toml").write_text('[tool.slm-net]\nignore = ["SN102"]\nstrict = true\n')
    unused = NET.replace("}", ', "rnn_hidden_size": 3}')
    assert client.open(tmp_path / "a.json", unused) == []
    once = NET.replace("relu", "reluu").replace("}", "} // slm-net: ignore SN105")
    assert client.open(tmp_path / "b.json", once) == []
    warned = NET.replace("}", ', "update_type": "polyak"}')
    assert [part["severity"] for part in client.open(tmp_path / "c.json", warned)] == [1]


def test_settings_that_cannot_be_used_are_told_of_once(client, tmp_path):
    (tmp_path / "pyproject.toml").write_text("[tool.slm-net]\nselct = []\n")
    for name in ("a.json", "b.json"):
        assert client.open(tmp_path / name, NET) == []
    assert len([text for text in client.shown if "selct" in text]) == 1


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"type": "MLPNet", "hid_layers": ' + "[" * 5000,
        json.dumps({"type": "MLPNet", "hid_layers": [64] * 200_000}),
        '{"type": "MLPNet\u202e", "\u2066hid_layers": [64], "<script>[x](javascript:y)`": 1}',
        '{"type": "MLPNet", "\u2028": 1, "\x0c": 2, "\x85\ud800": 3, "hid',
        "type: MLPNet\na: &a [*a]\n" + "- " * 2000,
        "\ufeff" + NET,
        "",
    ],
    ids=["deep", "deep net", "1 MB", "bidi and markup", "odd lines", "yaml", "bom", "empty"],
)
def test_hostile_texts_are_survived(client, tmp_path, text):
    path = tmp_path / ("a.yaml" if text.startswith("type:") else "a.json")
    text = text.encode("utf-8", "replace").decode()
    client.open(path, text)
    for method in ("hover", "completion"):
        for offset in (min(12, len(text)), len(text)):
            found = client.answer(
                f"textDocument/{method}",
                textDocument={"uri": path.as_uri()},
                position={"line": 0, "character": offset},
            )
            assert "result" in found, found
            assert "<script>" not in json.dumps(found)
    client.actions(path, text)
    assert codes(client.open(tmp_path / "b.json", NET)) == []


def test_a_request_that_fails_is_an_error_and_the_server_goes_on(client, tmp_path):
    never = {"uri": (tmp_path / "never.json").as_uri()}
    answer = client.answer("textDocument/hover", textDocument=never, position={"line": 0, "character": 0})
    assert "No such file" in answer["error"]["message"]
    client.tell("textDocument/didChange", textDocument=5, contentChanges="x")
    assert client.open(tmp_path / "a.json", NET) == []


def test_an_editor_that_counts_bytes_and_an_end_in_order(tmp_path):
    client = Client(tmp_path, {"general": {"positionEncodings": ["utf-8"]}})
    text = '{"type": "MLPNet", /* \U0001f600 */ "hid_layer": [64]}'
    [found] = [part for part in client.open(tmp_path / "a.json", text) if part["code"] == "SN101"]
    assert found["range"]["start"]["character"] == len(text[: text.index('"hid')].encode())
    assert "$" not in json.dumps(client.at("completion", tmp_path / "a.json", text, 1))  # it knows no snippets
    assert {"hoverProvider", "completionProvider", "codeActionProvider"} <= client.capabilities.keys()
    assert client.end() == 0
    client.kill()
