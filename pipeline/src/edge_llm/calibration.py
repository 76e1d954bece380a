"""Text of the kinds a model will meet, for measuring the size of activations."""

CALIBRATION_TEXT = """<|im_start|>system
You are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>
<|im_start|>user
Tell me about the history of tea, and how to make it.<|im_end|>
<|im_start|>assistant
Tea is a drink made from the leaves of a plant that grows in Asia. People in China have made it
for 4,000 years. To make a cup:

1. Boil fresh water.
2. Put one spoon of leaves in a pot.
3. Wait three minutes.

```python
def cups(litres: float) -> int:
    return int(litres / 0.25)
```<|im_end|>
<|im_start|>user
Turn on the lights in the kitchen and set the heating to 21 degrees.<|im_end|>
<|im_start|>assistant
<tool_call>
{"name": "set_light", "arguments": {"room": "kitchen", "on": true}}
</tool_call><|im_end|>
"""
