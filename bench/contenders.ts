// Who is compared where scripts are run. Each is loaded where it is opened: no case carries the code of another.

import type { Contender } from './script-host.js'

export const MOONPOOL: Contender = {
  name: 'moonpool',
  open: async (source) => (await import('./moonpool.js')).openMoonpool(source),
}

export const NAIVE: Contender = {
  name: 'naive',
  open: async (source) => (await import('./peers/naive/naive-pool.js')).openNaive(source),
}
