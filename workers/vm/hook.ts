// The count hook. It stands in every image, masked: while the mask is 0 it costs nothing and is never called. Whoever
// shares the VM's memory may unmask it from outside.

/** lua_Hook, called with (lua_State, activation record) after a number of instructions. */
export function createHook(): () => undefined {
  return () => undefined
}

/** Instructions between two calls once the hook is armed, until whoever armed it says otherwise. */
export const HOOK_INSTRUCTIONS = 1000
