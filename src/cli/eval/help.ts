/** What `react-edge-llm eval --help` prints. */
export const evalHelp = `react-edge-llm eval --cases cases.jsonl --out predictions.jsonl --model DIR [options]

Answers every request of a file with a model, as the kit would in an app, and scores the answers
where the file says what is right. Decoding is greedy: the same file gives the same answers.

  --cases FILE        one JSON object a line:
                        { "id": "…", "messages": [{ "role": "user", "content": "…" }],
                          "tools": [{ "name": "…", "description": "…", "inputSchema": {…} }],
                          "category": "…", "expected": [{ "name": "…", "arguments": {…} }] }
                      Messages of the role assistant may have "toolCalls", those of the role tool
                      have the tool's "name". "parameters" does for "inputSchema". "category" and
                      "expected" may be left out; "expected": [] means that no call is right, a
                      list of lists that each of them is.
  --out FILE          one line an answer, in the order they are done:
                        { "id", "toolCalls": [{ "name", "arguments" }], "rejected", "text", "metrics" }
                      "rejected": calls that the kit would never make, since there is no such tool
                      or the arguments break its schema.
  --model DIR         the model's folder, with config.json and onnx/
  --dtype D           auto (default), fp32, fp16, q8, q4 or q4f16
  --runtime R         onnx (default) or transformers
  --concurrency N     models that run side by side, each in memory of its own; default 1
  --threads N         CPU threads of each; default: all cores, shared out
  --max-tokens N      most tokens of an answer; default 512
  --call-bias X       added to the logit of the token that opens a call, at an answer's start:
                      above 0 calls more often, below 0 less often; default: the model's own
  --limit N           only the first N cases
  --resume            keep the answers that --out already has, and run the others
  --tokens            add each answer's token ids as "tokenIds"
  --report FILE       scores, failures and circumstances as JSON
  --constrained       keep calls within their schemas while they are written, as apps do by default;
                      without it "rejected" shows what the model would have written
  --doubts            count the calls that an app would ask about, or refuse, because a value does not
                      come from the conversation, was bent into range, or was asked not to be; no tool
                      counts as one that only reads. Answers and scores stay as they are: with
                      --resume the count is made over answers that --out already has. --report lists
                      the calls under "doubts"

An answer is right when its calls are the expected ones in any order: same names, and same
arguments but for case, spaces and a full stop at the end of texts, and for defaults of the schema
that are left out or written. Where no call is due, any valid call is wrong.
`
