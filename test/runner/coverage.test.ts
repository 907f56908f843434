// SPDX-License-Identifier: Apache-2.0
// A pure file that no test loads would be missing from the coverage: here each is loaded.
import t from 'tap'
import { filesOf, pureFolders } from '../coverage_map.js'

for (const folder of pureFolders) {
  t.test(`every file of src/${folder} counts`, async (t) => {
    const files = filesOf(folder)
    t.ok(files.length > 0)
    for (const file of files) await import(file)
  })
}
