// SPDX-License-Identifier: Apache-2.0
// Figures of speed: read from the drivers' reports, and made into a table.
import { markdown } from './table.mjs';

/** The rows of the table of pairs in a driver's report: [{ name, depth, rate, p50, p99 }]. */
export function pairsOf(report) {
    const lines = report.split('\n');
    const head = lines.findIndex(line => line.startsWith('pairs ('));
    if (head < 0) throw new Error(`no table of pairs in: ${report.slice(0, 300)}`);
    const end = lines.indexOf('', head);
    return lines.slice(head + 1, end).map(line => {
        const [name, depth, rate, , p50, p99] = line.trim().split(/\s+/);
        const row = { name, depth: Number(depth), rate: Number(rate.replaceAll(',', '')), p50: Number(p50), p99: Number(p99) };
        if (!(row.rate > 0 && row.p50 > 0 && row.p99 > 0)) throw new Error(`no figures in: ${line}`);
        return row;
    });
}

/** What one durable commit of SQLite alone took at the median, ms, by the driver's report. */
export function floorOf(report) {
    const line = report.split('\n').find(one => one.startsWith('1 a commit'));
    const p50 = Number(line?.trim().split(/\s+/)[4]);
    if (!(p50 > 0)) throw new Error(`no floor in: ${report.slice(0, 300)}`);
    return p50;
}

const median = list => list.toSorted((a, b) => a - b)[Math.floor((list.length - 1) / 2)];
/** "3 (2..4)": the median, the least and the most. */
export function spread(list, show) {
    if (list.length === 1) return show(list[0]);
    return `${show(median(list))} (${show(Math.min(...list))}..${show(Math.max(...list))})`;
}
const whole = value => Math.round(value).toLocaleString('en-US');

/**
 * `rounds`: [{ name, depth, rate, p50, p99 }] of each round. Beside each rival: how many times its rate
 * Purse had in the same round, with as many callers.
 */
export function speedTable(rounds, callers) {
    const isPurse = name => name.startsWith('Purse');
    const names = [...new Set(rounds.flat().map(row => row.name))]
        .toSorted((a, b) => Number(isPurse(b)) - Number(isPurse(a)) || a.localeCompare(b));
    const rows = [['pairs', 'callers', 'a second', 'p50 ms', 'p99 ms', 'Purse stdio is', 'Purse HTTP is']];
    for (const depth of callers)
        for (const name of names) {
            const find = (round, wanted) => round.find(row => row.name === wanted && row.depth === depth);
            const own = rounds.map(round => find(round, name));
            const times = value => `${value.toFixed(1)}x`;
            const ratio = base => (isPurse(name) ? '' : spread(rounds.map((round, i) => find(round, base).rate / own[i].rate), times));
            rows.push([
                name, String(depth), spread(own.map(row => row.rate), whole), median(own.map(row => row.p50)).toFixed(2),
                median(own.map(row => row.p99)).toFixed(2), ratio('Purse, stdio'), ratio('Purse, HTTP'),
            ]);
        }
    return markdown(rows);
}
