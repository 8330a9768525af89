// SPDX-License-Identifier: Apache-2.0
// summary.mjs WHO SET DIR: what did not pass in one run of the suite, one check a line; of the
// product only what its list does not name. Ends with 1 when a scenario has failed that is not
// scored, which the suite lets pass, and that is not left out on purpose.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const [who, set, dir] = process.argv.slice(2);
const read = (file) => parse(readFileSync(file, 'utf8'));
// The tasks extension, and headers that mirror arguments.
const leftOut = [/^tasks-/, /^http-custom-header-server-validation$/];
if (who === 'product') leftOut.push(/^json-schema-2020-12$/); // wants a fixture

const requirements = `node_modules/@modelcontextprotocol/conformance/requirements/${set}.yaml`;
const unscored = new Set(
  existsSync(requirements) ? read(requirements).not_scored.map(({ scenario }) => scenario) : [],
);
const expected = new Set(who === 'product' ? read(`product-baseline-${set}.yml`).server : []);

const lines = new Set();
const absent = new Set();
const scored = { SUCCESS: 0, FAILURE: 0, WARNING: 0 };
let status = 0;
for (const entry of readdirSync(dir, { withFileTypes: true }).filter((e) => e.isDirectory())) {
  const scenario = entry.name.replace(/^server-/, '').replace(/-\d{4}-\d\d-\d\dT.*$/, '');
  for (const check of JSON.parse(readFileSync(join(dir, entry.name, 'checks.json'), 'utf8'))) {
    if (!unscored.has(scenario) && check.status in scored) scored[check.status]++;
    if (check.status !== 'FAILURE' && check.status !== 'WARNING') continue;
    const name = `${scenario}:${check.id}`;
    if (expected.has(scenario) || expected.has(name)) continue;
    if (unscored.has(scenario) && leftOut.some((one) => one.test(scenario))) {
      absent.add(scenario);
      continue;
    }
    if (unscored.has(scenario)) status = 1;
    lines.add(`  ${check.status} ${name}  ${check.errorMessage ?? ''}`);
  }
}
const { SUCCESS, FAILURE, WARNING } = scored;
console.log(`  scored: ${SUCCESS} passed, ${FAILURE} failed, ${WARNING} with a warning`);
if (absent.size > 0) console.log(`  not scored, left out: ${[...absent].sort().join(' ')}`);
for (const line of [...lines].sort()) console.log(line);
process.exit(status);
