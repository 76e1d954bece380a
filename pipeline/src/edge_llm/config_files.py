"""Writes `config.json` and `generation_config.json`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from edge_llm.architecture import DecoderConfig, Traits
from edge_llm.tokenizer_files import write_json

ARCHITECTURE = "LlamaForCausalLM"


def write_config_files(config: DecoderConfig, target: Path) -> None:
    """Those of a plain Llama decoder. Raises ValueError for any other."""
    if config.traits != Traits():
        raise ValueError("only a plain Llama decoder is described by its sizes alone")
    sizes = {name: value for name, value in asdict(config).items() if name != "traits"}
    tokens = {
        "bos_token_id": config.bos_token_id,
        # One integer: a list makes some loaders stop at the first id only.
        "eos_token_id": config.eos_token_id,
        "pad_token_id": config.pad_token_id,
    }
    write_json(
        target / "config.json",
        {
            "architectures": [ARCHITECTURE],
            "model_type": "llama",
            **sizes,
            "attention_bias": False,
            "attention_dropout": 0.0,
            "hidden_act": "silu",
            "initializer_range": 0.041666666666666664,
            "mlp_bias": False,
            "pretraining_tp": 1,
            "rope_interleaved": False,
            "rope_scaling": None,
            "torch_dtype": "float32",
            "use_cache": True,
        },
    )
    write_json(target / "generation_config.json", {**tokens, "_from_model_config": True})


def copy_config_files(
    settings: dict[str, Any], generation: dict[str, Any], end_of_turn: int, target: Path
) -> None:
    """A `config.json` and `generation_config.json` as they were, ending turns by one token."""
    kept = {key: value for key, value in settings.items() if key != "dtype"}
    write_json(
        target / "config.json",
        {**kept, "eos_token_id": end_of_turn, "torch_dtype": "float32"},
    )
    write_json(target / "generation_config.json", {**generation, "eos_token_id": end_of_turn})


def read_generation_config(source: Path) -> dict[str, Any]:
    """What a directory's `generation_config.json` says; nothing where there is none."""
    path = source / "generation_config.json"
    read: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return read
