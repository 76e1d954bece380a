import { describeFormat } from './testing/describeFormat.js'
import { hermesOutputs } from './testing/hermesOutputs.js'
import { smollm2Outputs } from './testing/smollm2Outputs.js'

const json = ({ name, input }: { name: string; input: unknown }): string => JSON.stringify({ name, arguments: input })

describeFormat(
  {
    format: 'hermes',
    write: (calls) => calls.map((call) => `<tool_call>\n${json(call)}\n</tool_call>`).join('\n'),
    between: '\n',
    markup: ['<tool_response>'],
  },
  hermesOutputs,
)

describeFormat({ format: 'smollm2', write: (calls) => `<tool_call>[\n${calls.map(json).join(',\n')}\n]</tool_call>` }, smollm2Outputs)
