// What threads see of the host's environment: nothing, but coverage has to reach them.

export function threadEnvironment(): Record<string, string> {
  const directory = process.env.NODE_V8_COVERAGE
  return directory === undefined ? {} : { NODE_V8_COVERAGE: directory }
}
