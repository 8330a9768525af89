// SPDX-License-Identifier: Apache-2.0
// The table: a row a subject, a column a torture, and in each cell what was counted, as a range
// when rounds differ.
import { dollars } from './count.mjs';

/** "3", or "3..5" when the rounds differ; `show` makes the text of one value. */
export function range(values, show = String) {
    const sorted = values.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    const [least, most] = [sorted[0], sorted.at(-1)];
    return least === most ? show(least) : `${show(least)}..${show(most)}`;
}

/** "$150 / 0 / 10 / 0": over the cap, doubled, lost, missed. `figures`: what judge() gave, a round each. */
export function cell(figures) {
    const of = name => figures.map(one => one[name]);
    const lost = of('lost');
    const words = [range(of('over'), dollars), range(of('doubled')), lost.includes(null) ? '-' : range(lost), range(of('missed'))];
    const holds = figures.every(one => one.over === 0n && one.doubled === 0 && !(one.lost > 0) && one.missed === 0);
    return holds ? words.join(' / ') : `**${words.join(' / ')}**`;
}

/**
 * Markdown. `tortures`: [{ name, title }]; `subjects`: [{ name, title, results }], where results
 * is a Map from a torture's name to figures of its rounds, or to a text: why it was not run.
 */
export function tortureTable(tortures, subjects) {
    const rows = [['', ...tortures.map(one => one.title)]];
    for (const { title, results } of subjects)
        rows.push([title, ...tortures.map(({ name }) => {
            const result = results.get(name);
            if (result === undefined) throw new Error(`${title}: no result of ${name}`);
            return typeof result === 'string' ? result : cell(result);
        })]);
    return markdown(rows);
}

/** Rows of texts as a Markdown table; the first is its head. Columns are padded, so it reads as text too. */
export function markdown(rows) {
    const clean = rows.map(row => row.map(text => text.replaceAll('|', '\\|')));
    const widths = clean[0].map((_, i) => Math.max(3, ...clean.map(row => row[i].length)));
    const line = row => `| ${row.map((text, i) => text.padEnd(widths[i])).join(' | ')} |`;
    return [line(clean[0]), `|${widths.map(width => '-'.repeat(width + 2)).join('|')}|`, ...clean.slice(1).map(line)].join('\n');
}
