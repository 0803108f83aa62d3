"""What the schemas say, asked for by code: keys, names, arguments, references."""

import pytest

from slm_net.schema import catalogue

NETS = catalogue.net_types()
#: Keys with neither a default nor a need of their own; a rule asks for one of the last two.
FREE = ("type", "shared", "use_same_optim", "arc", "arc_file", "seq_len")


@pytest.mark.parametrize("net_type", [name for name in NETS if name not in catalogue.left_out("net")])
def test_a_type_lists_its_keys_where_other_types_know_them_too(net_type):
    document = catalogue.document("net")
    own = document["$defs"][net_type]["properties"].keys() - document["properties"].keys()
    assert set(own) <= set(document["$defs"]["other_types"]["properties"])
    assert set(catalogue.needed_keys(net_type)) <= set(catalogue.net_properties(net_type))
    for key, part in catalogue.net_properties(net_type).items():
        assert ("default" in part) != (key in (*catalogue.needed_keys(net_type), *FREE))


def test_every_name_has_an_argument_list():
    for kind in catalogue.KINDS:
        names, left_out = catalogue.names(kind), catalogue.left_out(kind)
        assert len(set(names)) == len(names)
        assert not set(names) & set(left_out)
        for name in names:
            assert set(catalogue.document(kind)["$defs"][name].get("required", ())) <= set(
                catalogue.arguments(kind, name)
            )


def test_lookup_follows_escaped_pointers():
    assert catalogue.lookup("net.schema.json#/properties/type")["enum"] == NETS
    with pytest.raises(KeyError):
        catalogue.lookup("net.schema.json#/properties/typo")
