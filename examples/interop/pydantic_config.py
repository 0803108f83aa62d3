"""A config of your own with a net in it: one pydantic field type that knows all that slm_net does.

python examples/interop/pydantic_config.py '{"env": "CartPole-v1", "net": {"type": "MLPNet", "hid_layers": [64]}}'
"""

import json
import sys
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, WithJsonSchema

import slm_net
from slm_net.schema.for_editors import composed

HOME = "https://slm-net.invalid/schema.json"  # where references lead: into the schema itself, wherever it stands
SCHEMA = json.loads(json.dumps(composed()).replace('"#/', f'"{HOME}#/')) | {"$id": HOME}


def right(net: dict[str, Any]) -> dict[str, Any]:
    """The net, if slm_net finds nothing wrong with it."""
    if errors := [str(problem) for problem in slm_net.validate(net) if problem.severity == "error"]:
        raise ValueError("\n".join(errors))
    return net


Net = Annotated[dict[str, Any], AfterValidator(right), WithJsonSchema(SCHEMA)]


class Config(BaseModel):
    """What is to be trained; of your own."""

    env: str
    seed: int = 0
    net: Net


if __name__ == "__main__":
    config = Config.model_validate_json(sys.argv[1])
    print(slm_net.build_net(config.net, env=config.env, seed=config.seed))
