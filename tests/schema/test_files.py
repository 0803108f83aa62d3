"""The files of `schemas/`: each thing said once, and in the form in which plugins write it."""

import json

import pytest

from slm_net.schema import files
from slm_net.schema.entries import ENTRIES, PARTS, document
from slm_net.schema.files import ARC, BLOCKS, KINDS, own_entries, own_file

NAMED = (*KINDS, "algorithm", "memory", "layer", "function")
ALL = [(kind, name) for kind in ("net", *NAMED) for name in own_entries(kind)]


def written(kind):
    """The arguments of each entry as they stand in the file."""
    return {name: entry.get("properties", {}) for name, entry in own_file(kind)["entries"].items()}


def test_there_is_a_file_for_each_kind():
    kinds = {f"{files.FILES.get(kind, kind)}.json" for kind in (*ENTRIES, *BLOCKS, *ARC)}
    assert {path.name for path in files.folder().iterdir()} == {*kinds, "spec.json", "slm_net.schema.json"}


@pytest.mark.parametrize(("kind", "name"), ALL)
def test_an_entry_is_written_out_as_a_plugin_writes_it(kind, name):
    schema = own_entries(kind)[name].schema
    assert set(schema) == set(PARTS)
    assert schema["description"].endswith(".")
    assert all(isinstance(part, dict) for part in schema["properties"].values())
    assert "#/shared/" not in json.dumps(schema)


@pytest.mark.parametrize("kind", NAMED)
def test_what_is_shared_is_used_more_than_once_and_not_said_again(kind):
    for shared, part in own_file(kind).get("shared", {}).items():
        arguments = [item for own in written(kind).values() for item in own.items()]
        assert len([key for key, own in arguments if uses(key, own, shared)]) > 1, shared
        assert not [key for key, own in arguments if key == shared and said_again(own, part)], shared


def uses(key, part, shared):
    return part.get("$ref") == f"#/shared/{shared}" if isinstance(part, dict) else key == shared


def said_again(part, shared):
    return isinstance(part, dict) and {**part, **shared} == part


@pytest.mark.parametrize("kind", NAMED)
def test_an_argument_of_two_entries_that_differs_in_its_default_alone_is_shared(kind):
    seen = {}
    for name, own in written(kind).items():
        for key, part in own.items():
            if isinstance(part, dict) and "default" in part:
                text = json.dumps([key, {word: part[word] for word in sorted(part) if word != "default"}])
                assert seen.setdefault(text, name) == name or "$ref" in part, (key, name)


def test_a_type_like_another_has_its_keys():
    mlp, dueling, conv, dueling_conv = (
        own_entries("net")[name].schema for name in ("MLPNet", "DuelingMLPNet", "ConvNet", "DuelingConvNet")
    )
    assert dueling["required"] == mlp["required"]
    assert dueling["properties"] == {
        key: {"$ref": f"net.schema.json#/$defs/MLPNet/properties/{key}"} for key in mlp["properties"]
    }
    assert dueling_conv["properties"]["batch_norm"] == {**conv["properties"]["batch_norm"], "default": False}


def test_one_optimizer_stands_around_another():
    around = {name: entry.around for name, entry in own_entries("optimizer").items() if entry.around}
    assert around == {"Lookahead": "optimizer"}
    inner = document("optimizer")["$defs"]["Lookahead"]["properties"]["optimizer"]
    assert inner["enum"] == [name for name in own_entries("optimizer") if name != "Lookahead"]


def test_a_missing_folder_is_told(monkeypatch, tmp_path):
    monkeypatch.setattr(files, "FOLDERS", (tmp_path,))
    with pytest.raises(FileNotFoundError, match="install slm_net again"):
        files.folder.__wrapped__()
