"""Plugins that are installed for real, used in processes of their own; and broken ones, which break nothing else."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "tests" / "plugin_example"
NOISY = {"type": "NoisyMLPNet", "hid_layers": [8], "hid_layers_activation": "snake"}
MLP = {"type": "MLPNet", "hid_layers": [8], "hid_layers_activation": "relu"}
#: Nobody is told here that torch takes long to load.
START = """
import json, sys, slm_net
from slm_net import plugins
plugins.PATIENCE = 600
told = lambda spec: [str(p) for p in slm_net.validate(spec)]
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A folder with the example plugin, installed by pip."""
    folder = tmp_path_factory.mktemp("plugin") / "site"
    offline = ["--no-deps", "--no-build-isolation", "--no-index", "--target", str(folder)]
    command = [sys.executable, "-m", "pip", "install", "-q", *offline, str(EXAMPLE)]
    subprocess.run(command, check=True, capture_output=True)
    return folder


def run(code, *folders):
    """What a process with these folders on its path prints as JSON, and what it says on stderr."""
    path = os.pathsep.join(map(str, (*folders, ROOT)))
    command = [sys.executable, "-c", START + code]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path}, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), done.stderr


def test_what_a_plugin_takes_is_known_without_torch(site):
    code = f"found = slm_net.validate({NOISY}, in_dim=(4, 8), out_dim=2)\n"
    (messages, torch), _ = run(code + "print(json.dumps([[p.message for p in found], 'torch' in sys.modules]))", site)
    assert (messages, torch) == (["NoisyMLPNet cannot take in_dim (4, 8)"], False)


def test_validation_knows_the_plugin_without_torch(site):
    specs = [
        NOISY,
        {**NOISY, "noise_sdt": 1},
        {**NOISY, "noise_std": -1},
        {**NOISY, "type": "NoisyMlpNet"},
        {**NOISY, "type": "MLPNet", "noise_std": 1},
        {**NOISY, "hid_layers_activation": {"name": "Snake", "b": 1}},
    ]
    code = f"print(json.dumps([[told(spec) for spec in {specs}], 'torch' in sys.modules]))"
    (problems, torch), stderr = run(code, site)
    assert problems == [
        [],
        ["/noise_sdt: error SN101 [unknown-key] 'noise_sdt' is not a key of the net (did you mean 'noise_std'?)"],
        [
            "/noise_std: error SN106 [value-out-of-range] noise_std is -1, expected at least 0 (for example 0.1)",
        ],
        ["/type: error SN105 [unknown-name] \"NoisyMlpNet\" is not a known net type (did you mean 'NoisyMLPNet'?)"],
        ["/noise_std: warning SN102 [unused-key] noise_std is not used by MLPNet (remove it)"],
        [
            "/hid_layers_activation/b: error SN101 [unknown-key] "
            "'b' is not a key of hid_layers_activation (expected a)",
        ],
    ]
    assert (torch, stderr) == (False, "")


def test_the_plugin_is_built_and_composed(site):
    code = f"""if True:
    import torch
    from slm_net.schema.for_editors import composed
    from slm_net.slm_lab import v5
    bundle = slm_net.build_net({NOISY}, in_dim=4, out_dim=2, seed=0)
    loss = bundle.loss_fn(bundle.model(torch.ones(3, 4)), torch.zeros(3, 2))
    bundle.train_step(loss)
    lab = v5.net.NoisyMLPNet({NOISY}, 4, 2)
    module = type(bundle.model).__module__
    composed_with = ["NoisyMLPNet" in json.dumps(composed(with_plugins=choice)) for choice in (True, False)]
    values = [bundle.spec["noise_std"], lab.noise_std]
    print(json.dumps([module, repr(bundle.model.model[1]), values, composed_with]))
    """
    found, stderr = run(code, site)
    assert found == ["slm_net_noisy.nets", "Snake()", [0.1, 0.1], [True, False]]
    assert stderr == ""


def test_the_command_knows_the_plugin(site, tmp_path):
    (tmp_path / "net.json").write_text(json.dumps({**NOISY, "noise_sdt": 1}))
    env = {**os.environ, "PYTHONPATH": f"{site}{os.pathsep}{ROOT}"}
    command = [sys.executable, "-m", "slm_net", "validate", "net.json"]
    done = subprocess.run(command, capture_output=True, text=True, env=env, cwd=tmp_path, check=False)
    assert done.returncode == 1 and "did you mean 'noise_std'?" in done.stdout


# --- broken ones


def install(folder, name, code, **groups):
    """An installed distribution of one module: its files as pip would lay them out."""
    module = name.replace("-", "_")
    info = folder / f"{module}-1.0.dist-info"
    info.mkdir(parents=True)
    (folder / f"{module}.py").write_text(code)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    lines = [
        line
        for group, points in groups.items()
        for line in (f"[slm_net.{group}]", *(f"{key} = {module}:{value}" for key, value in points.items()))
    ]
    (info / "entry_points.txt").write_text("\n".join(lines))


DECORATED = """
import slm_net, torch
@slm_net.register_net("GoodNet", schema={"properties": {}})
class GoodNet(torch.nn.Linear):
    def __init__(self, spec, in_dim, out_dim):
        super().__init__(in_dim, out_dim)
"""
SCHEMAS = 'SCHEMAS = {"nets": {"%s": {"properties": {}}}}\n'


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    """One good plugin without a schema of its own, among many that are broken in different ways."""
    folder = tmp_path_factory.mktemp("mixed")
    install(folder, "plug-good", DECORATED, nets={"GoodNet": "GoodNet"})
    install(folder, "plug-import", "import does_not_exist", nets={"ImportNet": "ImportNet"})
    install(folder, "plug-exit", "raise SystemExit(3)", activations={"Exit": "Exit"})
    install(folder, "plug-late", SCHEMAS % "LateNet", schemas={"a": "SCHEMAS"}, nets={"LateNet": "LateNet"})
    install(folder, "plug-wrong", SCHEMAS % "Wrong-Net", schemas={"a": "SCHEMAS"}, nets={"Wrong-Net": "SCHEMAS"})
    install(folder, "plug-shape", "SCHEMAS = {'net': {}}", schemas={"a": "SCHEMAS"}, nets={"ShapeNet": "SCHEMAS"})
    install(folder, "plug-silent", "class SilentNet: ...", nets={"SilentNet": "SilentNet"})
    install(folder, "plug-twice", "class GoodNet: ...", nets={"GoodNet": "GoodNet"})
    install(folder, "plug-typo", "", net={"TypoNet": "TypoNet"})
    install(folder, "plug-taken", SCHEMAS % "MLPNet", schemas={"a": "SCHEMAS"})
    return folder


def test_a_broken_plugin_is_named_and_breaks_nothing_else(mixed):
    names = ("ImportNet", "ShapeNet", "SilentNet", "Wrong-Net", "OtherNet", "GoodNet", "LateNet")
    code = f"""if True:
    import warnings
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        problems = {{name: told({{"type": name}}) for name in {names}}}
        problems["exit"] = told({{**{MLP}, "hid_layers_activation": "exit"}})
        problems["mlp"] = told({MLP})
        good = slm_net.build_net({{"type": "GoodNet"}}, 4, 2).model
        try:
            slm_net.build_net({{"type": "LateNet"}}, 4, 2)
        except slm_net.SpecError as error:
            late = str(error)
    print(json.dumps([problems, repr(good), late, [str(w.message) for w in seen]]))
    """
    (problems, good, late, warned), stderr = run(code, mixed)
    assert (problems["GoodNet"], problems["LateNet"], problems["mlp"]) == ([], [], [])
    assert good == "GoodNet(in_features=4, out_features=2, bias=True)"
    why = "which could provide it, failed to load: "
    for name, reason in {
        "ImportNet": f"plug-import 1.0 (slm_net.nets: ImportNet), {why}ModuleNotFoundError: No module named",
        "ShapeNet": f"plug-shape 1.0 (slm_net.nets: ShapeNet), {why}the plugin plug-shape 1.0 (slm_net.schemas: a)",
        "SilentNet": f"plug-silent 1.0 (slm_net.nets: SilentNet), {why}it has no schema",
        "Wrong-Net": f"plug-wrong 1.0 (slm_net.schemas: a), {why}the schema of net type 'Wrong-Net' is wrong: the name",
        "exit": f"plug-exit 1.0 (slm_net.activations: Exit), {why}SystemExit: 3",
    }.items():
        [problem] = problems[name]
        assert f"(the plugin {reason}" in problem
    assert "plugin" not in problems["OtherNet"][0]
    assert "/type: error SN301 [argument-conflict] the net cannot be built: no net type 'LateNet': the plugin" in late
    assert f"{why}AttributeError: module 'plug_late' has no attribute 'LateNet'" in late
    told = [re.match(r"the plugin (plug-\w+) ", text)[1] for text in warned]
    names = ["exit", "import", "late", "shape", "shape", "silent", "taken", "twice", "typo", "wrong"]
    assert sorted(told) == [f"plug-{name}" for name in names]
    assert stderr == ""


ENDING = "import os\nos._exit(3)\n"
FORKING = "import os\nif not os.fork(): os._exit(3)\nstatus = os.wait()[1] >> 8\ndef Ending(): return status\n"
HANGING = "import sys, time\nwhile not sys.stderr.getvalue(): time.sleep(0.01)\nEnding = 1\n"
SPEC = {**MLP, "hid_layers_activation": "ending"}


def test_a_plugin_that_ends_the_process_is_named(tmp_path):
    install(tmp_path, "plug-end", ENDING, activations={"Ending": "Ending"})
    code = f"""if True:
    import os, warnings
    warnings.simplefilter("ignore")
    end = os._exit
    print(json.dumps([told({SPEC}), os._exit is end]))
    """
    ([problem], is_back), _ = run(code, tmp_path)
    assert "(the plugin plug-end 1.0 (slm_net.activations: Ending), which could provide it, failed to load: " in problem
    assert "SystemExit: os._exit(3)" in problem and is_back


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_process_that_a_plugin_starts_may_end(tmp_path):
    install(tmp_path, "plug-fork", FORKING, activations={"Ending": "Ending"})
    code = "print(json.dumps(plugins.load_named('slm_net.activations', 'Ending')()))"
    assert run(code, tmp_path) == (3, "")


def test_a_plugin_that_hangs_is_named(tmp_path):
    """This one hangs until it has been named."""
    install(tmp_path, "plug-hang", HANGING, activations={"Ending": "Ending"})
    code = """if True:
    import io
    plugins.PATIENCE, sys.stderr = 0.1, io.StringIO()
    plugins.load_named("slm_net.activations", "Ending")
    print(json.dumps(sys.stderr.getvalue()))
    """
    said = "slm-net: the plugin plug-hang 1.0 (slm_net.activations: Ending) has been loading for 0.1 seconds\n"
    assert run(code, tmp_path) == (said, "")


STRANGER = "open('loaded', 'w').close()\nEnding = 1\n"
VALIDATE = ["validate", "net.json", "spec.yaml"]
STARTS = {
    "module": ["-m", "slm_net", *VALIDATE],
    "script": ["bin/slm-net", *VALIDATE],
    "code": ["-c", "import slm_net\nprint(*slm_net.validate('ending.json'))"],
}


@pytest.mark.parametrize("start", STARTS)
def test_no_plugin_of_the_current_folder_is_loaded(site, tmp_path, start):
    install(tmp_path, "stranger", STRANGER, activations={"Ending": "Ending"})
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "slm-net").write_text("import sys\nfrom slm_net.cli.main import main\nsys.exit(main())\n")
    (tmp_path / "net.json").write_text(json.dumps({**NOISY, "noise_std": -1}))
    for name in ("spec.yaml", "ending.json"):
        (tmp_path / name).write_text(json.dumps(SPEC))
    if start != "code":  # in the place of what is installed
        for name in ("slm_net_noisy.py", "yaml.py"):
            (tmp_path / name).write_text(STRANGER)
    env = {**os.environ, "PYTHONPATH": f"{site}{os.pathsep}{ROOT}"}
    command = [sys.executable, *STARTS[start]]
    done = subprocess.run(command, capture_output=True, text=True, env=env, cwd=tmp_path, check=False)
    assert '"ending" is not a known activation' in done.stdout and "stranger" not in done.stdout + done.stderr
    assert start == "code" or "noise_std is -1, expected at least 0" in done.stdout
    assert not (tmp_path / "loaded").exists()


def test_nothing_is_loaded_for_a_name_in_a_spec(site):
    code = """if True:
    from slm_net.nets import NETS
    names = ["os", "os:system", "slm_net_noisy.nets:NoisyMLPNet", "noisy", "Snake", "../x", "__class__"]
    print(json.dumps([[name in NETS for name in names], [len(told({"type": name})) for name in names]]))
    """
    (found, problems), _ = run(code, site)
    assert found == [False] * 7 and problems == [1] * 7


def test_the_page_shows_the_example_as_it_is():
    page = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")
    for file in sorted(EXAMPLE.rglob("*")):
        if file.is_file() and file.name != "__init__.py" and file.suffix in (".py", ".toml"):
            assert f"\n{file.read_text(encoding='utf-8')}```" in page, file.name


def test_the_script_on_the_page_runs():
    page = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")
    script = page.split("```python\n")[1].split("```")[0]
    run(f"{script}\nprint(json.dumps(told({{'type': 'TwoLayers'}})))")


OF_ALGORITHM = """
import slm_net
MY_DQN = slm_net.register_algorithm("MyDQN", "DQN", keys=["hats"])
"""


def test_an_algorithm_of_a_plugin(tmp_path):
    install(tmp_path, "plug-algorithm", OF_ALGORITHM, algorithms={"MyDQN": "MY_DQN"})
    schemas = 'SCHEMAS = {"algorithms": {"MyPPO": {"properties": {"hats": {"description": "Hats."}}}}}'
    install(tmp_path, "plug-settings", schemas, schemas={"a": "SCHEMAS"})
    code = f"""if True:
    def of(**algorithm):
        agent = {{"algorithm": algorithm, "net": {MLP}}}
        return [p.message for p in slm_net.validate({{"agent": agent, "env": {{"name": "CartPole-v1"}}}})]
    found = [of(name="MyDQN", hats=1), of(name="MyDQN", hast=1), of(name="MyPPO", hats=1), of(name="MyPPO", hast=1)]
    light = "torch" not in sys.modules
    agent = {{"algorithm": {{"name": "MyDQN"}}, "memory": {{"name": "Replay"}}, "net": {MLP}}}
    nets = slm_net.build_nets({{"agent": agent, "env": {{"name": "CartPole-v1"}}}})
    print(json.dumps([found, light, list(nets)]))
    """
    (found, light, nets), stderr = run(code, tmp_path)
    assert found == [[], ["'hast' is not used"]] * 2
    assert (light, nets, stderr) == (True, ["net", "target_net"], "")
