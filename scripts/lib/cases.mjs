// Hand-written requests of an app (pipeline/data) in the form that `react-edge-llm eval` reads.

/**
 * @typedef {{ name: string, arguments: object }} Call
 * @typedef {{ role: string, content: unknown, calls?: Call[], name?: string }} Turn
 * @typedef {{ say?: string, kind: string, calls: Call[], history?: Turn[], now?: string }} Request
 * @typedef {{ name: string, description?: string, parameters: object }} AppTool
 * @typedef {{ app: string, tools: AppTool[], requests: Request[] }} App
 */

/** What the model is told about the time. @param {string} now local time, `2026-03-12T09:30` */
function systemMessage(now) {
  const weekday = new Intl.DateTimeFormat('en', { weekday: 'long', timeZone: 'UTC' }).format(new Date(`${now.slice(0, 10)}T00:00Z`))
  return { role: 'system', content: `Current time: ${now} (${weekday})` }
}

/** @param {Turn} turn */
function toMessage({ role, content, calls, name }) {
  if (role === 'tool') return { role, name, content: typeof content === 'string' ? content : JSON.stringify(content) }
  return { role, content, ...(calls && calls.length > 0 && { toolCalls: calls }) }
}

/** One case a request; its category is the request's kind. @param {App} app */
export function toCases({ app, tools, requests }) {
  const specs = tools.map(({ name, description = '', parameters }) => ({ name, description, inputSchema: parameters }))
  return requests.map(({ say, kind, calls, history = [], now }, index) => ({
    id: `${app}-${index + 1}`,
    category: kind,
    messages: [
      ...(now === undefined ? [] : [systemMessage(now)]),
      ...history.map(toMessage),
      ...(say === undefined ? [] : [{ role: 'user', content: say }]),
    ],
    tools: specs,
    expected: calls,
  }))
}
