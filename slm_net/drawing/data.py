"""What is shown of nets as plain data, for programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from slm_net.drawing.record import AgentFacts, Block, Memory, NetFacts


def as_data(facts: AgentFacts) -> dict[str, Any]:
    """Everything as values of JSON: nets with their layers, blocks and the arrows between these."""
    return {
        "name": facts.name,
        "algorithm": facts.algorithm,
        "parameters": facts.parameters,
        "trained_parameters": facts.trained,
        "memory": _memory(facts.memory),
        "nets": [_net(net) for net in facts.nets],
        "others": dict(facts.others),
    }


def _net(net: NetFacts) -> dict[str, Any]:
    kept = ("name", "type", "in_dim", "out_dim", "gives", "optimizer", "batch", "copies", "follows")
    return {
        **{key: vars(net)[key] for key in kept},
        "parameters": net.parameters,
        "multiply_adds": net.multiply_adds,
        "activations": net.activations,
        "memory": _memory(net.memory),
        "layers": [asdict(layer) for layer in net.layers],
        "blocks": [_block(block) for block in net.blocks],
        "arrows": net.arrows,
    }


def _block(block: Block) -> dict[str, Any]:
    names = [layer.name for layer in block.layers]
    return {"name": block.name, "kind": block.kind, "layers": names, "output": block.output, "again": block.again}


def _memory(memory: Memory) -> dict[str, Any]:
    return {**asdict(memory), "total": memory.total}
