// The front of the value codec on the Lua side.

export { encodeStack } from './encode-stack.js'
export { pushValue, pushValueAt, pushValues, pushValuesAt, tryPushValues } from './push-value.js'
