"""Writes `config.json` and `generation_config.json`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from edge_llm.architecture import DecoderConfig
from edge_llm.tokenizer_files import write_json

ARCHITECTURE = "LlamaForCausalLM"


def write_config_files(config: DecoderConfig, target: Path) -> None:
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
            **asdict(config),
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
