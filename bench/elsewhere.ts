// Figures of peers that this machine cannot run: read on other machines, shown as what they are.

import { readdirSync } from 'node:fs'
import type { FigureName } from './figures.js'
import { benchFileUrl, readBenchFile } from './works.js'

export interface ElsewhereFigure {
  readonly contender: string
  readonly work: string
  readonly figure: FigureName
  readonly value: number
  /** Where and how it was read. */
  readonly note: string
}

/** A file in peers/: { contender, note, figures: [{ file, work, figure, value, note? }] } */
interface ElsewhereFile {
  readonly contender: string
  readonly note: string
  readonly figures: readonly {
    readonly file: string
    readonly work: string
    readonly figure: FigureName
    readonly value: number
    readonly note?: string
  }[]
}

function loadFiles(): ElsewhereFile[] {
  return readdirSync(benchFileUrl('peers/'))
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readBenchFile(`peers/${name}`)) as ElsewhereFile)
}

/** What was read elsewhere about the works of these cases. */
export function readElsewhere(file: string, cases: readonly { readonly work?: string }[]): ElsewhereFigure[] {
  return loadFiles().flatMap(({ contender, note, figures }) =>
    figures
      .filter((each) => each.file === file && cases.some(({ work }) => work === each.work))
      .map((each) => ({
        contender,
        work: each.work,
        figure: each.figure,
        value: each.value,
        note: each.note ?? note,
      })),
  )
}
