// The desktop of the person who started the script, if there is one.

/** Whether a page opened here would be seen by anyone. */
export function hasDesktop() {
  if (process.env['CI'] || process.env['SSH_CONNECTION']) return false
  return process.platform !== 'linux' || Boolean(process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY'])
}
