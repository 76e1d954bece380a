from __future__ import annotations

import numpy as np
import pytest

from edge_llm.graph.precision import BLOCKS, BlockSizes
from edge_llm.quantize import rounded

torch = pytest.importorskip("torch", reason="needs --group train")

from edge_llm.train import rounding  # noqa: E402

RANDOM = np.random.default_rng(3)


def hard_weights() -> np.ndarray:
    """Rows of many sizes, with zeros, ties between signs, and one very large value."""
    weight = RANDOM.standard_normal((400, 576), dtype=np.float32)
    weight *= np.float32(10) ** RANDOM.uniform(-9, 1, (400, 1)).astype(np.float32)
    weight[0] = 0
    weight[1, :32] = 0
    weight[2, 5] = -weight[2, 4]
    weight[3] = np.where(weight[3] > 0, 1, -1)
    weight[4, 7] = 1e7
    return weight


@pytest.mark.parametrize("bits", [4, 8])
@pytest.mark.parametrize("block", BLOCKS)
def test_training_rounds_to_the_values_that_are_stored(bits: int, block: int) -> None:
    weight = hard_weights()
    made = rounding.rounded(torch.from_numpy(weight), bits, block).numpy()
    assert np.array_equal(made, rounded(weight, bits, block))


def small_model(hidden: int = 48) -> torch.nn.Module:
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=50,
            hidden_size=hidden,
            intermediate_size=96,
            num_hidden_layers=2,
            num_attention_heads=2,
            num_key_value_heads=1,
            tie_word_embeddings=True,
        )
    )


def test_a_model_is_rounded_matrix_by_matrix_and_put_back() -> None:
    model = small_model()
    before = {name: weight.detach().clone() for name, weight in model.named_parameters()}
    weights = rounding.RoundedWeights(model, BlockSizes(block=32, embedding_block=16))
    weights.round()
    for name, weight in model.named_parameters():
        exact = before[name].numpy()
        if name == "model.embed_tokens.weight":
            exact = rounded(exact, 8, 16)
        elif exact.ndim == 2:
            exact = rounded(exact, 4, 32)
        assert np.array_equal(weight.detach().numpy(), exact), name
    weights.restore()
    for name, weight in model.named_parameters():
        assert torch.equal(weight, before[name]), name
