// SPDX-License-Identifier: Apache-2.0
// How the demo tells what it sees: a heading, small tables, and a line for each claim that says whether it held.

const wide = process.stdout.isTTY
const paint = (code: number, text: string) => (wide ? `\x1b[${code}m${text}\x1b[0m` : text)

export class Report {
  private readonly broken: string[] = []
  private steps = 0

  step(title: string): void {
    this.steps++
    console.log(`\n${paint(1, `${this.steps}. ${title}`)}`)
  }

  note(text: string): void {
    console.log(`   ${text}`)
  }

  /** What is promised, and whether it is so. */
  claim(what: string, held: boolean): void {
    if (!held) this.broken.push(what)
    console.log(`   ${held ? paint(32, '✓') : paint(31, '✗ NOT SO:')} ${what}`)
  }

  table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): void {
    const cells = [head, ...rows].map((row) => row.map(String))
    const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)))
    const numeric = head.map((_, column) => rows.every((row) => typeof row[column] === 'number'))
    for (const [index, row] of cells.entries()) {
      const line = row.map((cell, column) =>
        numeric[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      console.log(`   ${index === 0 ? paint(2, line.join('   ')) : line.join('   ')}`.trimEnd())
    }
  }

  /** Text that a command printed, as it is. */
  quote(text: string): void {
    for (const line of text.trimEnd().split('\n')) console.log(`   ${line}`)
  }

  /** Returns whether every claim held, and says so. */
  end(seconds: number): boolean {
    const verdict =
      this.broken.length === 0
        ? paint(32, `All of it held, in ${seconds.toFixed(0)} s.`)
        : paint(31, `${this.broken.length} of it did not hold: ${this.broken.join('; ')}`)
    console.log(`\n${verdict}`)
    return this.broken.length === 0
  }
}
