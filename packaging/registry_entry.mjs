// SPDX-License-Identifier: Apache-2.0
// registry_entry.mjs SERVER.JSON BUNDLE: prints the entry for the MCP registry with the bundle's
// hash, which clients compare with what they download. The file names must agree.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

const [entryFile, bundle] = process.argv.slice(2);
const entry = JSON.parse(readFileSync(entryFile, 'utf8'));
const packages = entry.packages.filter(({ registryType }) => registryType === 'mcpb');
const [one] = packages;
if (packages.length !== 1 || one.version !== entry.version)
  throw new Error(`${entryFile}: wants one package of type mcpb, of version ${entry.version}`);
const tail = `/v${entry.version}/${basename(bundle)}`;
if (!one.identifier.endsWith(tail))
  throw new Error(`${entryFile}: the package's identifier should end in ${tail}`);
one.fileSha256 = createHash('sha256').update(readFileSync(bundle)).digest('hex');
console.log(JSON.stringify(entry, null, 2));
