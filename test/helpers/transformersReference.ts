import path from 'node:path'
import { AutoModelForCausalLM, AutoTokenizer, env, type PreTrainedModel, type Tensor } from '@huggingface/transformers'
import { modelFolder, type TestModel } from './embeddedModel.js'

/** Transformers.js by itself, greedy, on a model's own files: what our runtimes are measured against. */
export async function loadReference(model: TestModel, dtype: 'fp32' | 'q8') {
  env.localModelPath = path.dirname(modelFolder(model))
  env.allowRemoteModels = false
  const tokenizer = await AutoTokenizer.from_pretrained(model)
  const network: PreTrainedModel = await AutoModelForCausalLM.from_pretrained(model, { dtype, device: 'cpu' })
  return {
    /** Ids of prompt and answer, separately. */
    async generate(content: string, maxTokens: number): Promise<{ prompt: number[]; answer: number[]; text: string }> {
      const inputs = tokenizer.apply_chat_template([{ role: 'user', content }], {
        add_generation_prompt: true,
        return_dict: true,
      }) as { input_ids: Tensor }
      const output = (await network.generate({ ...inputs, max_new_tokens: maxTokens, do_sample: false } as never)) as Tensor
      const ids = Array.from(output.data as BigInt64Array, Number)
      const length = inputs.input_ids.dims.at(-1)!
      const answer = ids.slice(length)
      return { prompt: ids.slice(0, length), answer, text: tokenizer.decode(answer, { skip_special_tokens: true }) }
    },
    dispose: () => network.dispose(),
  }
}
