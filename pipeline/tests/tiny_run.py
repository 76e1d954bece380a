"""A run folder with a byte-level model of two small layers, quick enough to train in tests."""

from __future__ import annotations

import json
from pathlib import Path

from edge_llm.formats import get_format
from edge_llm.samples import Answer, Call, Message, Sample, Tool, write_samples
from edge_llm.tokenizer_files import write_json
from edge_llm.train.start import make_start

HERMES = get_format("hermes")
LIGHT = Tool(
    "light",
    "Sets a light",
    {"type": "object", "properties": {"room": {"type": "string"}}, "required": ["room"]},
)
ROOMS = ("hall", "attic", "kitchen", "cellar", "bath", "den")


def samples(count: int) -> list[Sample]:
    """Three calls, then a chat, over and over; prompts differ in length."""
    made = []
    for index in range(count):
        room = ROOMS[index % len(ROOMS)]
        chat = index % 4 == 3
        made.append(
            Sample(
                id=str(index),
                kind="chat" if chat else "single",
                source="tiny",
                tools=(LIGHT,),
                messages=(Message("user", "Hello" if chat else f"{room} light" + "!" * index),),
                answer=Answer((), "Hello, how are you?")
                if chat
                else Answer((Call("light", {"room": room}),)),
            )
        )
    return made


def make_base(directory: Path) -> Path:
    """A Hugging Face directory of random weights that knows bytes and ChatML."""
    import torch
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM

    directory.mkdir(parents=True)
    spare = list(HERMES.renamed_tokens)
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", *spare]
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: index for index, token in enumerate([*special, *alphabet])}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token, normalized=False) for token in special])
    tokenizer.save(str(directory / "tokenizer.json"))
    template = "{% for m in messages %}{{ m.content }}{% endfor %}"
    write_json(
        directory / "tokenizer_config.json",
        {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "eos_token": "<|im_end|>",
            "pad_token": "<|im_end|>",
            "chat_template": template,
            "additional_special_tokens": ["<|im_start|>", "<|im_end|>"],
        },
    )
    torch.manual_seed(5)
    config = LlamaConfig(
        vocab_size=len(vocabulary),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        max_position_embeddings=1024,
        tie_word_embeddings=True,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=2,
    )
    LlamaForCausalLM(config).save_pretrained(str(directory))
    settings = json.loads((directory / "config.json").read_text(encoding="utf-8"))
    write_json(directory / "config.json", {**settings, "architectures": ["LlamaForCausalLM"]})
    return directory


def make_run(directory: Path, train: int = 24) -> Path:
    """`data/`, `start/` and, beside the run folder, its base."""
    base = make_base(directory.with_name(directory.name + "-base"))
    (directory / "data").mkdir(parents=True)
    every = samples(train + 16)
    parts = {"train": every[:train], "valid": every[train : train + 8], "test": every[train + 8 :]}
    for name, part in parts.items():
        write_samples(directory / "data" / f"{name}.jsonl", part)
    make_start(base, HERMES, directory / "start")
    return directory
