// The report of a load test as one HTML file: no scripts, nothing loaded from elsewhere, right in light and dark.

import { availableParallelism, cpus } from 'node:os'
import { type LoadResult, PERCENTILE_HEAD, percentileRows, planFacts, resultFacts } from './load-output.js'
import type { Picture } from './plots.js'

const STYLE = `
:root { color-scheme: light dark; --s1: #1f6fb4; --s2: #c2540a; --s3: #6a7d12; --line: #0003; }
@media (prefers-color-scheme: dark) { :root { --s1: #6db3f2; --s2: #ff9d5c; --s3: #b9cf4e; --line: #fff3; } }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem;
  background: Canvas; color: CanvasText; }
table { border-collapse: collapse; width: 100%; }
th, td { padding: 0.2rem 0.6rem; border-bottom: 1px solid var(--line); text-align: left; font-weight: normal; }
.figures td, .figures th + th { text-align: right; font-variant-numeric: tabular-nums; }
figure { margin: 2rem 0; }
figcaption { font-weight: bold; }
figcaption span { font-weight: normal; margin-left: 1rem; }
figcaption span::before { content: ''; display: inline-block; width: 1.2em; height: 0.2em; margin-right: 0.4em;
  vertical-align: middle; background: var(--colour); }
svg { --plot-background: transparent; max-width: 100%; height: auto; }
`

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '')

const row = (cells: readonly string[], name: string): string =>
  `<tr><th scope="row">${escaped(name)}</th>${cells.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`

function figure({ title, lines, svg }: Picture): string {
  const legend = lines.map(
    (line, index) => `<span style="--colour: var(--s${index + 1})">${escaped(line)}</span>`,
  )
  return `<figure><figcaption>${escaped(title)}${legend.join('')}</figcaption>\n${svg}</figure>`
}

export function reportPage(result: LoadResult, pictures: readonly Picture[], now: Date): string {
  const machine = `${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores, Node ${process.version}`
  const head = PERCENTILE_HEAD.map((name) => `<th scope="col">${escaped(name)}</th>`).join('')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>moonpool load: ${escaped(result.file)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escaped(result.file)}</h1>
<p>moonpool load, ${now.toISOString()}, ${escaped(machine)}</p>
<table>
${[...planFacts(result), ...resultFacts(result)].map(([name, fact]) => row([fact], name)).join('\n')}
</table>
<h2>Percentiles</h2>
<table class="figures">
<tr>${head}</tr>
${percentileRows(result.recording)
  .map(([name, figures]) => row(figures, name))
  .join('\n')}
</table>
<p>Latencies are those of completed runs, counted from the moment a run was due: what waits because the engine or this
process fell behind is part of them.</p>
${pictures.map(figure).join('\n')}
</body>
</html>
`
}
