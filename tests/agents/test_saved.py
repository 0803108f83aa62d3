"""Plans of what was saved, without torch's help, and folders that somebody else has written."""

import json

import pytest

import slm_net
from slm_net import SpecError
from slm_net.agents.saved import saved_nets
from slm_net.text import folder as folders

SPEC = "specs/sac_pendulum.json"


@pytest.fixture
def saved(tmp_path):
    slm_net.build_nets(SPEC).save(tmp_path / "run")
    return tmp_path / "run"


def test_the_plans_are_those_that_were_saved(saved):
    name, plan = saved_nets(str(saved))
    nets = slm_net.load(saved)
    assert (name, plan.algorithm) == ("run", "SoftActorCritic")
    assert [part.name for part, _ in plan.parts] == list(nets)
    for part, net in plan.parts:
        if net is None:
            assert part.copies == nets.sources[part.name]
        else:
            assert (net.dims.in_dim, net.dims.out_dim) == (nets[part.name].in_dim, nets[part.name].out_dim)
            assert net.source.block.batch_size == 128


@pytest.mark.parametrize(
    "change",
    [
        lambda config: config.pop("nets"),
        lambda config: config["nets"].update(net=3),
        lambda config: config["slm_net"].pop("kind"),
        lambda config: config["slm_net"].update(sources=[1]),
        lambda config: config["nets"]["net"].update(action={"kind": "discrete"}),
        lambda config: config["nets"]["net"].update(action={"kind": "discrete", "sizes": []}),
        lambda config: config["slm_net"].update(sources={"target_q1_net": "ghost"}),
        lambda config: config["nets"].clear(),
    ],
)
def test_a_config_of_somebody_else_is_refused(saved, tmp_path, change):
    step = saved / "step-1"
    config = json.loads((step / "config.json").read_text())
    change(config)
    files = {name: (step / name).read_bytes() for name in folders.FILES - {folders.CHECKSUMS, folders.CONFIG}}
    folders.write_step(tmp_path / "other", {**files, folders.CONFIG: json.dumps(config).encode()})
    with pytest.raises(SpecError, match=r"config\.json"):
        saved_nets(str(tmp_path / "other"))
