"""What the files of `schemas/` say of SLM Lab is about entries, keys and arguments that there are."""

import pytest

from slm_net.schema import catalogue
from slm_net.schema.entries import ENTRIES
from slm_net.schema.files import own_entries, own_file
from slm_net.schema.lab_names import LABS, lab_called
from slm_net.schema.labs import arguments_read, keys_of_every_net, keys_read, lacks

VERSIONS = list(LABS.values())


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("net_type", own_entries("net"))
def test_of_each_net_type_it_is_said_what_is_read_or_what_to_write_instead(version, net_type):
    read, instead = keys_read(version, net_type), lacks(version, "net", net_type)
    assert (read is None) != (instead is None)
    known = {*own_entries("net")[net_type].schema["properties"], *own_file("net")["every"]}
    assert known.issuperset(read or ())
    assert set(catalogue.needed_keys(net_type)) <= {*keys_of_every_net(), *(read or known)}


@pytest.mark.parametrize("kind", ENTRIES)
def test_names_and_arguments_are_those_of_the_file(kind):
    labs = own_file(kind).get("labs", {})
    assert labs.keys() <= {"every", "reads", "lacks", *map(str, VERSIONS)}
    for part in (labs, *(labs.get(str(version), {}) for version in VERSIONS)):
        assert own_entries(kind).keys() >= {*part.get("reads", ()), *part.get("lacks", ())}
    for version in VERSIONS if kind != "net" else ():
        for name, entry in own_entries(kind).items():
            assert arguments_read(version, kind, name) <= entry.schema["properties"].keys()


@pytest.mark.parametrize("version", VERSIONS)
def test_what_slm_net_adds_to_torch_no_lab_takes(version):
    assert lacks(version, "lr_scheduler", "LinearToMin")
    assert "step_on" not in arguments_read(version, "lr_scheduler", "StepLR")
    assert {"dropout", "weight_norm", "clip_grad_type"}.isdisjoint(keys_of_every_net())


@pytest.mark.parametrize("name", ["slm-lab-6", "", 4, ["slm-lab-4"]])
def test_another_lab_is_an_error_with_the_choices(name):
    with pytest.raises(ValueError, match="expected slm-lab-4 or slm-lab-5"):
        lab_called(name)
