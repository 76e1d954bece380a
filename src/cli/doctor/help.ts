/** What `react-edge-llm doctor --help` prints. */
export const doctorHelp = `react-edge-llm doctor MODEL_DIR [options]

Finds out what is wrong with a model's numbers, and where: runs every precision of a folder beside
fp32, looks at what each operator gives, and checks that a browser can load the folder.

  --against DIR       another export of the model: compares operators, types and weights of the graphs
  --prompt TEXT       what the model is examined on; may be given several times
  --text FILE         a text file to examine it on as well
                      Default: four requests and a page of prose.
  --tokens N          most tokens in all; default 384
  --no-run            check the files and compare graphs, but run nothing
  --json FILE         the report as JSON; - writes it to standard output in place of the tables
  --plot FILE         the largest values of each layer as an SVG picture
  --threads N         CPU threads; default: all cores

Running needs the package onnxruntime-node. The exit code is 0 where nothing is wrong, 1 where
something is, 2 where the command was not understood.
`
