"""What is damaged on purpose is not right to jsonschema-rs either: what it finds right is not looked at again."""

import json
import random
from copy import deepcopy

import pytest
from test_mutations import DAMAGES, FILES, net_of

from slm_net.document.specs import SCHEMAS, read_document
from slm_net.schema.validator import is_right, validator

pytest.importorskip("jsonschema_rs")


@pytest.mark.parametrize("kind", DAMAGES)
def test_both_engines_agree_on_damaged_specs(kind):
    for file in FILES:
        data = deepcopy(json.loads(file.read_text()))
        net, _ = net_of(data)
        if not net or DAMAGES[kind](net, random.Random(f"{file.name} {kind}")) is None:
            continue
        ref = SCHEMAS[read_document(data).kind]
        assert is_right(ref, data) == validator(ref).is_valid(data), file.name
        assert is_right("net.schema.json", net) == validator("net.schema.json").is_valid(net), file.name
