// The process of one case: its heap, its threads and its compiled code are its own, so no case disturbs another.
// Whatever goes wrong is said in the reply; the parent decides. It ends when told to, or when the parent is gone.

import type { BenchCase, Measurement, OpenCase, Question } from './case.js'
import { MissingPeer } from './missing-peer.js'
import type { Reply, Request, Sample } from './protocol.js'

async function findCase(file: string, name: string): Promise<BenchCase> {
  const { question } = (await import(file)) as { question: Question }
  const found = question.cases.find((candidate) => candidate.name === name)
  if (found === undefined) throw new Error(`${file} has no case '${name}'`)
  return found
}

/** Rate and time per operation belong to every sample that counts operations. */
function toSample(measured: Measurement): Sample {
  const { series, figures } = measured
  const along = series === undefined ? {} : { series }
  if (measured.operations === undefined) return { figures: { ...figures }, ...along }
  const { operations, seconds } = measured
  if (!(operations > 0) || !(seconds > 0)) {
    throw new Error(`nothing was measured: ${operations} operations in ${seconds} s`)
  }
  return {
    operations,
    seconds,
    figures: { perSecond: operations / seconds, eachUs: (seconds / operations) * 1e6, ...figures },
    ...along,
  }
}

/** Answers requests in their order for the case of this process. */
function createResponder(file: string, name: string): (request: Request) => Promise<Reply> {
  let open: OpenCase | undefined
  const opened = (): OpenCase => {
    if (open === undefined) throw new Error('the case is not open')
    return open
  }
  return async (request) => {
    switch (request.kind) {
      case 'open':
        open = await (await findCase(file, name)).open()
        return { kind: 'done' }
      case 'check':
        await opened().check()
        return { kind: 'done' }
      case 'measure':
        return { kind: 'done', sample: toSample(await opened().measure(request.forMs)) }
      case 'close':
        await open?.cleanup()
        return { kind: 'done' }
    }
  }
}

function serve(file: string, name: string): void {
  const respond = createResponder(file, name)
  const send = (reply: Reply, then?: () => void): void => {
    if (process.connected) process.send?.(reply, undefined, undefined, then)
  }
  process.on('disconnect', () => process.exit(0))
  process.on('message', (request: Request) => {
    const leave = request.kind === 'close' ? () => process.exit(0) : undefined
    respond(request).then(
      (reply) => send(reply, leave),
      (error: unknown) => send(toReply(error), leave),
    )
  })
}

function toReply(error: unknown): Reply {
  if (error instanceof MissingPeer) return { kind: 'missing', message: error.message }
  return { kind: 'failed', message: error instanceof Error ? (error.stack ?? error.message) : String(error) }
}

const [file, name] = process.argv.slice(2)
if (file === undefined || name === undefined) throw new Error('case-process: started by the bench only')
serve(file, name)
