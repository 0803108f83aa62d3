"""The composed schema in the language servers of editors: what they mark, tell and suggest, and where."""

import json
import subprocess
import time
from pathlib import Path

import pytest
from node_packages import answers, installed

from slm_net.document.specs import read_document
from slm_net.schema import for_editors

yaml = pytest.importorskip("yaml")
pytestmark = pytest.mark.slow
SPECS = sorted((Path(__file__).parents[2] / "specs").glob("*.json*"))
NET = {"type": "MLPNet", "hid_layers": [64], "hid_layers_activation": "relu"}
CONV = {**NET, "type": "ConvNet", "conv_hid_layers": [[32, 8, 4]], "fc_hid_layers": []}
GRAPH = {"input": "x", "modules": {"body": ["x"]}, "output": "body"}


def arc_of(*layers, graph=GRAPH):
    return {"type": "TorchArcNet", "arc": {"modules": {"body": {"Sequential": [*layers]}}, "graph": graph}}


#: What is wrong in a net block, the line of its JSON text that is marked, and words of the mark.
BROKEN = [
    ({**NET, "clip_grad": 1}, '"clip_grad": 1', "not allowed"),
    ({**NET, "hid_layers": 64}, '"hid_layers": 64,', 'Expected "array"'),
    ({**NET, "hid_layers": [64, "32"]}, '"32"', 'Expected "integer"'),
    ({**NET, "hid_layers_activation": "rleu"}, '"hid_layers_activation": "rleu"', '"relu", "tanh"'),
    ({**NET, "init_fn": "orthogonal"}, '"init_fn": "orthogonal"', '"orthogonal_"'),
    ({**NET, "polyak_coef": 2}, '"polyak_coef": 2', "maximum of 1"),
    ({**NET, "optim_spec": {"name": "Adm"}}, '"name": "Adm"', '"Adam"'),
    ({**NET, "optim_spec": {"name": "Adam", "momentum": 1}}, '"momentum": 1', "not allowed"),
    ({**NET, "loss_spec": {"name": "MSE"}}, '"name": "MSE"', '"MSELoss"'),
    ({**NET, "type": "MLPNte"}, '"type": "MLPNte",', '"MLPNet"'),
    ({**CONV, "conv_hid_layers": [[32, 0, 4]]}, "0,", "minimum of 1"),
    ({**CONV, "conv_hid_layers": [[32, 3, 1, "sam"]]}, '"sam"', '"same"'),
    (arc_of({"LazyLinaer": None}), '"LazyLinaer": null', "not allowed"),
    (arc_of({"LazyLinear": {"out_features": 0}}), '"out_features": 0', "minimum of 1"),
    (arc_of({"Dropout": {"prob": 0.5}}), '"prob": 0.5', "not allowed"),
    (arc_of("ReLU", "relu"), '"relu"', '"ReLU"'),
    (arc_of({"TorchFn": {"name": "clamp", "mni": 0}}), '"mni": 0', "not allowed"),
    (arc_of("Tanh", graph={**GRAPH, "outputs": "body"}), '"outputs": "body"', "not allowed"),
]
TOLD = {**NET, "dropout": 0.1, "optim_spec": {"name": "Adam", "lr": 0.1}}
TOLD_ARC = arc_of({"LazyConv2d": {"out_channels": 8, "kernel_size": 3, "stride": 1}})
HOVERS = [
    (TOLD, "hid_layers", "Units of the hidden layers"),
    (TOLD, "hid_layers_activation", "Activation after each hidden layer"),
    (TOLD, "dropout", "Default: 0."),
    (TOLD, "lr", "Learning rate. Default: 0.001."),
    (TOLD_ARC, "Sequential", "Modules one after the other."),
    (TOLD_ARC, "LazyConv2d", "Convolution over (batch, channels, height, width)"),
    (TOLD_ARC, "stride", "Step of the kernel; a list gives one per dimension. Default: 1."),
]
#: The start of an arc down to the layers of its body.
IN_ARC = '{"type": "TorchArcNet", "arc": {"modules": {"body": {"Sequential": ['
IN_YAML_ARC = "type: TorchArcNet\narc:\n  modules:\n    body:\n      Sequential:\n        - "
#: A text with @ at the cursor, and what must be suggested there, and what must not.
SUGGESTED = [
    ('{"type": "MLPNet", @}', {"hid_layers", "optim_spec", "clip_grad_val"}, {"conv_hid_layers", "seq_len"}),
    ('{"type": "ConvNet", @}', {"conv_hid_layers", "batch_norm"}, {"seq_len"}),
    ('{"type": @}', {"MLPNet", "TorchArcNet"}, set()),
    ('{"type": "MLPNet", "hid_layers_activation": @}', {"relu", "mish", "null"}, {"MLPNet"}),
    ('{"type": "MLPNet", "init_fn": @}', {"orthogonal_", "dirac_", "null"}, set()),
    ('{"type": "MLPNet", "gpu": @}', {"true", "false", "auto"}, set()),
    ('{"type": "MLPNet", "optim_spec": {"name": @}}', {"Adam", "Lookahead"}, set()),
    ('{"type": "MLPNet", "optim_spec": {"name": "SGD", @}}', {"lr", "nesterov"}, {"betas"}),
    ('{"type": "MLPNet", "loss_spec": {"name": @}}', {"MSELoss", "SmoothL1Loss"}, set()),
    ('{"type": "TorchArcNet", "arc": {@}}', {"modules", "graph"}, set()),
    (IN_ARC + "@]}}}}", {"ReLU", "Tanh"}, {"LazyLinear"}),
    (IN_ARC + "{@}]}}}}", {"ReLU", "LazyLinear", "Repeat", "MergeSum"}, {"MSELoss"}),
    (IN_ARC + '{"LazyLinear": {@}}]}}}}', {"out_features", "bias"}, {"in_features"}),
    (IN_ARC + '{"LSTM": {"bias": @}}]}}}}', {"true", "false"}, set()),
    (IN_ARC + '{"TorchFn": {"name": @}}]}}}}', {"clamp", "mean"}, {"save"}),
    (IN_ARC + '{"TorchFn": {"name": "clamp", @}}]}}}}', {"min", "max"}, {"dim"}),
    (IN_ARC + '{"compact": {"layer": {"type": @}}}]}}}}', {"LazyLinear", "ReLU"}, {"Sequential"}),
]
SUGGESTED_IN_YAML = [
    ("type: MLPNet\n@", {"hid_layers", "optim_spec"}, {"conv_hid_layers"}),
    ("a:\n  agent:\n    net:\n      type: ConvNet\n      @", {"conv_hid_layers", "batch_norm"}, {"seq_len"}),
    ("type: @", {"MLPNet", "TorchArcNet"}, set()),
    ("type: MLPNet\nhid_layers_activation: @", {"relu", "mish", "null"}, set()),
    ("type: MLPNet\noptim_spec:\n  name: @", {"Adam", "Lookahead"}, set()),
    ("type: MLPNet\noptim_spec:\n  name: SGD\n  @", {"lr", "nesterov"}, {"betas"}),
    ("type: TorchArcNet\narc:\n  @", {"modules", "graph"}, set()),
    (IN_YAML_ARC + "@", {"ReLU", "LazyLinear", "Repeat"}, {"MSELoss"}),
    (IN_YAML_ARC + "LazyLinear:\n            @", {"out_features", "bias"}, {"in_features"}),
    (IN_YAML_ARC + "TorchFn:\n            name: @", {"clamp", "mean"}, {"save"}),
]
#: Reads schemas and what is asked about texts, and prints the answers.
JSON_EDITOR = """
const { getLanguageService } = require("vscode-json-languageservice");
const { TextDocument } = require("vscode-languageserver-textdocument");
const { schemas, asked } = JSON.parse(require("fs").readFileSync(0));
const service = getLanguageService({
  schemaRequestService: async (uri) => JSON.stringify(schemas[uri]),
  workspaceContext: { resolveRelativePath: (path, base) => new URL(path, base).href },
});
service.configure({ validate: true, schemas: [{ uri: Object.keys(schemas)[0], fileMatch: ["*"] }] });
const settings = { comments: "error", trailingCommas: "error" };
async function answer({ kind, text, line, character }) {
  const file = TextDocument.create("file:///x.json", "json", 1, text), parsed = service.parseJSONDocument(file);
  if (kind === "hover") return (await service.doHover(file, { line, character }, parsed)).contents.join(" ");
  if (kind === "complete") {
    return (await service.doComplete(file, { line, character }, parsed)).items.map((item) => item.label);
  }
  const found = await service.doValidation(file, parsed, settings);
  return found.map((mark) => [mark.range.start.line, mark.message]);
}
Promise.all(asked.map(answer)).then((all) => console.log(JSON.stringify(all)));
"""


class YamlEditor:
    """A client of yaml-language-server, which is asked over its standard input and output."""

    def __init__(self, folder):
        server = folder / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"
        self.server = subprocess.Popen(
            ["node", str(server), "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder
        )
        self.count = 0
        self.ask("initialize", {"processId": None, "rootUri": None, "capabilities": {}})
        self.tell("initialized", {})

    def ask(self, method, params):
        self.count += 1
        self._send({"id": self.count, "method": method, "params": params})
        return self._until(lambda message: message.get("id") == self.count and "method" not in message)["result"]

    def tell(self, method, params):
        self._send({"method": method, "params": params})

    def opened(self, uri, text):
        """The marks in a file that is opened: (line, message)."""
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": document})
        found = self._until(lambda message: message.get("params", {}).get("uri") == uri)["params"]["diagnostics"]
        return [(mark["range"]["start"]["line"], mark["message"]) for mark in found]

    def _send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.server.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self.server.stdin.flush()

    def _until(self, wanted):
        end = time.monotonic() + 60
        while time.monotonic() < end:
            length = 0
            while line := self.server.stdout.readline().strip():
                name, _, value = line.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
            message = json.loads(self.server.stdout.read(length))
            if wanted(message):
                return message
            if "id" in message and "method" in message:
                self._send({"id": message["id"], "result": None})
        raise TimeoutError


def in_file(net):
    return {"a_spec": {"agent": [{"name": "A", "algorithm": {"name": "DQN"}, "net": net}], "env": [{"name": "E"}]}}


def place(text, needle, more=0):
    """The line and the column of a part of a text, and where an editor's cursor is `more` letters further."""
    before = text[: text.index(needle) + more].split("\n")
    return {"line": len(before) - 1, "character": len(before[-1])}


def plain(text):
    return text.replace("\\", "")


def asked_about(kind, text, cursor="@"):
    return {"kind": kind, "text": text.replace(cursor, ""), **place(text, cursor)}


@pytest.fixture(scope="module")
def json_editor(tmp_path_factory):
    """Asks vscode-json-languageservice, with the composed schema for every file."""
    packages = ("vscode-json-languageservice@5", "vscode-languageserver-textdocument@1")
    folder = installed(tmp_path_factory.mktemp("node"), *packages)

    def ask(asked, wrapper=None, net_type=None):
        composed = {"file:///spec.schema.json": for_editors.composed(net_type)}
        schemas = {"file:///wrapper.json": wrapper, **composed} if wrapper else composed
        return answers(folder, JSON_EDITOR, {"schemas": schemas, "asked": asked})

    return ask


@pytest.fixture(scope="module")
def yaml_editor(tmp_path_factory):
    folder = installed(tmp_path_factory.mktemp("node"), "yaml-language-server@1")
    editor = YamlEditor(folder)
    yield editor
    editor.server.kill()
    editor.server.communicate()


@pytest.fixture
def yaml_file(tmp_path, yaml_editor):
    """Opens a file that names the composed schema in its first line: its URI, and the marks in it."""
    (tmp_path / "spec.schema.json").write_text(json.dumps(for_editors.composed()))

    def opened(text, name="spec.yaml"):
        uri = (tmp_path / name).as_uri()
        return uri, yaml_editor.opened(uri, f"# yaml-language-server: $schema=./spec.schema.json\n{text}")

    return opened


def test_a_json_editor_marks_nothing_in_a_good_file(json_editor):
    texts = [json.dumps(read_document(path).source.data, indent=2) for path in SPECS]
    texts.append(json.dumps({"$schema": "./spec.schema.json", **NET}))
    texts.append(json.dumps(in_file({**NET, "hid_layers": "${layers}", "clip_grad_val": "${clip}"})))
    assert json_editor([{"kind": "mark", "text": text} for text in texts]) == [[]] * len(texts)


@pytest.mark.parametrize("within", [dict, in_file], ids=["net", "file"])
def test_a_json_editor_marks_what_is_wrong(json_editor, within):
    texts = [json.dumps(within(net), indent=2) for net, _, _ in BROKEN]
    found = json_editor([{"kind": "mark", "text": text} for text in texts])
    for text, marks, (_, needle, words) in zip(texts, found, BROKEN, strict=True):
        [(line, message)] = marks
        assert line == place(text, needle)["line"] and words in message, (text, marks)


def test_a_json_editor_knows_the_type_of_a_schema_for_one(json_editor):
    texts = [json.dumps(NET), json.dumps(CONV)]
    good, wrong = json_editor([{"kind": "mark", "text": text} for text in texts], net_type="MLPNet")
    assert good == [] and [message for _, message in wrong] == ['Value must be "MLPNet".']


def test_a_json_editor_takes_comments_and_commas_if_a_schema_says_so(json_editor):
    text = '{"type": "MLPNet", // a comment\n"hid_layers": [64,],\n"hid_layers_activation": "rleu",}'
    wrapper = {"allowComments": True, "allowTrailingCommas": True, "$ref": "./spec.schema.json"}
    assert [len(json_editor([{"kind": "mark", "text": text}], wrap)[0]) for wrap in (None, wrapper)] == [4, 1]


def test_a_json_editor_tells_and_suggests(json_editor):
    texts = [json.dumps(net) for net, _, _ in HOVERS]
    places = [place(text, f'"{key}"', more=2) for text, (_, key, _) in zip(texts, HOVERS, strict=True)]
    hovers = [{"kind": "hover", "text": text, **at} for text, at in zip(texts, places, strict=True)]
    for told, (_, _, words) in zip(json_editor(hovers), HOVERS, strict=True):
        assert words in plain(told)
    for within in ("@", '{"a": {"agent": {"net": @}}}'):
        texts = [within.replace("@", text) for text, _, _ in SUGGESTED]
        found = json_editor([asked_about("complete", text) for text in texts])
        for suggested, (text, wanted, unwanted) in zip(found, SUGGESTED, strict=True):
            labels = {label.strip('"') for label in suggested}
            assert wanted <= labels and not unwanted & labels, text


def test_a_yaml_editor_marks_nothing_in_a_good_file(yaml_file):
    texts = [yaml.safe_dump(json.loads(json.dumps(read_document(path).source.data))) for path in SPECS]
    texts.append(yaml.safe_dump(in_file({**NET, "hid_layers": "${layers}", "clip_grad_val": "${clip}"})))
    for number, text in enumerate(texts):
        assert yaml_file(text, f"{number}.yaml")[1] == []


@pytest.mark.parametrize("within", [dict, in_file], ids=["net", "file"])
def test_a_yaml_editor_marks_what_is_wrong(yaml_file, within):
    for number, (net, needle, words) in enumerate(BROKEN):
        text = yaml.safe_dump(within(net), sort_keys=False)
        [(line, message)] = yaml_file(text, f"{number}.yaml")[1]
        assert line == place(text, needle.replace('"', "").rstrip(","))["line"] + 1 and words in message, text


def test_a_yaml_editor_tells_and_suggests(yaml_file, yaml_editor):
    for number, (net, key, words) in enumerate(HOVERS):
        text = yaml.safe_dump(net, sort_keys=False)
        uri, _ = yaml_file(text, f"told{number}.yaml")
        at = place(f"\n{text}", f"{key}:", more=1)
        told = yaml_editor.ask("textDocument/hover", {"textDocument": {"uri": uri}, "position": at})
        assert words in plain(str(told["contents"]))
    for number, (text, wanted, unwanted) in enumerate(SUGGESTED_IN_YAML):
        uri, _ = yaml_file(text.replace("@", ""), f"suggested{number}.yaml")
        given = {"textDocument": {"uri": uri}, "position": place(f"\n{text}", "@")}
        labels = {item["label"] for item in yaml_editor.ask("textDocument/completion", given)["items"]}
        assert wanted <= labels and not unwanted & labels, (text, labels)
