// Pieces of HTML. Whatever text comes in is escaped here.

export function escapeText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}

/** `svg` as it is: it was drawn here. */
export function figure(caption: string, svg: string): string {
  return `<figure><figcaption>${escapeText(caption)}</figcaption>${svg}</figure>`
}

export interface Row {
  readonly cells: readonly string[]
  readonly className: string
}

export function table(head: readonly string[], rows: readonly Row[]): string {
  const cells = (tag: string, texts: readonly string[]): string =>
    texts.map((text) => `<${tag}>${escapeText(text)}</${tag}>`).join('')
  const body = rows.map((row) => `<tr class="${escapeText(row.className)}">${cells('td', row.cells)}</tr>`)
  return `<table><thead><tr>${cells('th', head)}</tr></thead><tbody>${body.join('')}</tbody></table>`
}
