// SPDX-License-Identifier: Apache-2.0
// Spend over time as bars, with refusals in a lane below; by pointer, by keyboard, or as a table.
import { total } from './bars.js';
import { fill, h, s, setStyle, setText } from './dom.js';
import { format, money, parse } from './money.js';
import { dayOfMonth, shortTime } from './time.js';
import { amount, button, table } from './ui.js';

const height = 230;
const space = { left: 52, right: 8, top: 12, bottom: 24 };
const lane = 16; // height of the refusals

const emptyMost = 1_000_000n; // of the axis when nothing was spent, micro-USDC

/** The least of 1, 1.5, 2, 3, 4, 6, 8 times a power of ten that is not below `micro`. */
function roundUp(micro) {
    let power = 10_000n;
    for (;;) {
        for (const [times, by] of [
            [1n, 1n],
            [3n, 2n],
            [2n, 1n],
            [3n, 1n],
            [4n, 1n],
            [6n, 1n],
            [8n, 1n],
        ]) {
            const step = (power * times) / by;
            if (step >= micro) return step;
        }
        power *= 10n;
    }
}

export class SpendChart {
    #data = null;
    #at = -1;
    #width = 0;

    constructor() {
        this.plot = h('div', {
            class: 'plot',
            tabindex: '0',
            role: 'group',
            'aria-roledescription': 'chart',
            onkeydown: event => this.#key(event),
            onpointermove: event => this.#point(event),
            onpointerleave: () => this.#choose(-1),
            onblur: () => this.#choose(-1),
        });
        this.tip = h('div', { class: 'tip', hidden: true });
        this.unit = h('span');
        this.spoken = h('p', { class: 'visually-hidden', 'aria-live': 'polite' });
        this.rows = h('div', { class: 'chart-table', hidden: true });
        this.toggle = button('Show as a table', () => this.#toggleTable(), {
            tone: 'quiet small',
            'aria-expanded': 'false',
        });
        this.el = h(
            'div',
            { class: 'chart' },
            h('div', { class: 'plot-frame' }, this.plot, this.tip),
            this.spoken,
            h(
                'div',
                { class: 'chart-foot' },
                h(
                    'ul',
                    { class: 'legend' },
                    h('li', null, h('span', { class: 'swatch swatch-spent' }), this.unit),
                    h('li', null, h('span', { class: 'swatch swatch-refused' }), 'refused'),
                ),
                this.toggle,
            ),
            this.rows,
        );
        this.watcher = new ResizeObserver(([{ contentRect }]) => {
            if (Math.abs(contentRect.width - this.#width) < 1) return;
            this.#width = contentRect.width;
            this.#draw();
        });
        this.watcher.observe(this.plot);
    }

    close() {
        this.watcher.disconnect();
    }

    show(data) {
        this.#data = data;
        setText(this.unit, `USDC spent ${data.range === 'day' ? 'in 15 minutes' : 'in a day'}`);
        this.#draw();
        if (!this.rows.hidden) this.#drawTable();
    }

    #toggleTable() {
        this.rows.hidden = !this.rows.hidden;
        setText(this.toggle, this.rows.hidden ? 'Show as a table' : 'Hide the table');
        this.toggle.setAttribute('aria-expanded', String(!this.rows.hidden));
        if (!this.rows.hidden) this.#drawTable();
    }

    #drawTable() {
        const some = this.#data.points.filter(
            point => parse(point.spent) > 0n || point.refused > 0,
        );
        fill(
            this.rows,
            table(
                'Spend over time',
                [
                    { name: 'From' },
                    { name: 'Spent', class: 'num' },
                    { name: 'Settled', class: 'num' },
                    { name: 'Refused', class: 'num' },
                ],
                some
                    .toReversed()
                    .map(point => [
                        this.#when(point),
                        amount(point.spent),
                        String(point.settled),
                        String(point.refused),
                    ]),
            ),
        );
    }

    #when(point) {
        const at = new Date(point.at);
        if (this.#data.range === 'month') return dayOfMonth(at);
        const end = new Date(at.getTime() + this.#data.stepSeconds * 1000);
        return `${shortTime(at)} to ${shortTime(end)}`;
    }

    #summary() {
        const { points, range } = this.#data;
        const spent = total(points.map(point => point.spent));
        const refused = points.reduce((sum, point) => sum + (point.refused ?? 0), 0);
        return (
            `Spend of the last ${range === 'day' ? '24 hours' : '30 days'}: ${spent} USDC, ` +
            `${refused} refusal${refused === 1 ? '' : 's'}. Left and right arrow keys read it step by step.`
        );
    }

    #draw() {
        if (!this.#data || this.#width < 50) return;
        const { points } = this.#data;
        const micros = points.map(point => parse(point.spent) ?? 0n);
        const highest = micros.reduce((a, b) => (b > a ? b : a), 0n);
        const most = highest > 0n ? roundUp(highest) : emptyMost;
        const wide = this.#width - space.left - space.right;
        const high = height - space.top - space.bottom - lane;
        const floor = space.top + high;
        const step = wide / points.length;
        const y = micro => floor - high * (Number((micro * 10_000n) / most) / 10_000);
        const svg = s('svg', {
            width: this.#width,
            height,
            viewBox: `0 0 ${this.#width} ${height}`,
            'aria-hidden': 'true',
        });
        for (const part of [0n, 1n, 2n]) {
            const micro = (most * part) / 2n;
            svg.append(
                s('line', {
                    class: part === 0n ? 'axis' : 'grid',
                    x1: space.left,
                    x2: this.#width - space.right,
                    y1: y(micro),
                    y2: y(micro),
                }),
                s(
                    'text',
                    { class: 'tick', x: space.left - 8, y: y(micro) + 4, 'text-anchor': 'end' },
                    part === 0n ? '0' : format(micro).replace(/\.00$/, ''),
                ),
            );
        }
        const thick = Math.max(1.5, Math.min(step * 0.72, 22));
        const refusedMost = Math.max(1, ...points.map(point => point.refused ?? 0));
        points.forEach((point, i) => {
            const x = space.left + i * step + (step - thick) / 2;
            if (micros[i] > 0n) {
                const top = Math.min(y(micros[i]), floor - 1.5);
                svg.append(
                    s('rect', {
                        class: 'spent',
                        x,
                        y: top,
                        width: thick,
                        height: floor - top,
                        rx: Math.min(2, thick / 3),
                    }),
                );
            }
            if (point.refused > 0) {
                const tall = 3 + (lane - 8) * (point.refused / refusedMost);
                svg.append(
                    s('rect', {
                        class: 'refusals',
                        x,
                        y: floor + 4,
                        width: thick,
                        height: tall,
                    }),
                );
            }
        });
        this.#drawTimes(svg, step);
        this.marker = s('rect', {
            class: 'marker',
            y: space.top,
            width: step,
            height: high + lane,
            visibility: 'hidden',
        });
        svg.prepend(this.marker);
        fill(this.plot, svg);
        this.plot.setAttribute('aria-label', this.#summary());
        this.#geometry = { step };
        this.#mark();
    }
    #geometry = { step: 1 };

    /** Labels where the local clock is round, as many as fit. */
    #drawTimes(svg, step) {
        const { points, range } = this.#data;
        const apart = Math.max(1, Math.ceil(64 / step));
        const every =
            range === 'day'
                ? ([4, 8, 12, 16, 24, 32].find(n => n >= apart) ?? 48)
                : ([1, 2, 5, 7, 10, 15].find(n => n >= apart) ?? 15);
        points.forEach((point, i) => {
            const at = new Date(point.at);
            const quarter = at.getHours() * 4 + Math.floor(at.getMinutes() / 15);
            const wanted =
                range === 'day' ? quarter % every === 0 : (points.length - 1 - i) % every === 0;
            const x = space.left + (i + (range === 'day' ? 0 : 0.5)) * step;
            if (!wanted || x > this.#width - 24 || x < space.left + 8) return;
            svg.append(
                s(
                    'text',
                    { class: 'tick', x, y: height - 6, 'text-anchor': 'middle' },
                    range === 'day' ? shortTime(at) : dayOfMonth(at),
                ),
            );
        });
    }

    #key(event) {
        if (!this.#data) return;
        const last = this.#data.points.length - 1;
        const moves = {
            ArrowLeft: this.#at < 0 ? last : this.#at - 1,
            ArrowRight: this.#at < 0 ? last : this.#at + 1,
            Home: 0,
            End: last,
            Escape: -1,
        };
        if (!(event.key in moves)) return;
        event.preventDefault();
        this.#choose(
            moves[event.key] < 0
                ? event.key === 'Escape'
                    ? -1
                    : 0
                : Math.min(moves[event.key], last),
        );
        if (this.#at >= 0) setText(this.spoken, this.#words(this.#data.points[this.#at]));
    }

    #point(event) {
        if (!this.#data) return;
        const x = event.clientX - this.plot.getBoundingClientRect().left - space.left;
        const i = Math.floor(x / this.#geometry.step);
        this.#choose(i >= 0 && i < this.#data.points.length ? i : -1);
    }

    #choose(i) {
        this.#at = i;
        this.#mark();
    }

    #words(point) {
        return (
            `${this.#when(point)}: ${money(point.spent)} USDC spent, ${point.settled} settled, ` +
            `${point.refused} refused`
        );
    }

    #mark() {
        const point = this.#data?.points[this.#at];
        this.marker?.setAttribute('visibility', point ? 'visible' : 'hidden');
        this.tip.hidden = !point;
        if (!point) return;
        const { step } = this.#geometry;
        const x = space.left + this.#at * step;
        this.marker.setAttribute('x', x);
        fill(
            this.tip,
            h('strong', null, `${money(point.spent)} USDC`),
            h('span', null, this.#when(point)),
            h('span', null, `${point.settled} settled, ${point.refused} refused`),
        );
        const half = this.tip.offsetWidth / 2;
        const middle = Math.min(Math.max(x + step / 2, half), this.#width - half);
        setStyle(this.tip, 'left', `${middle}px`);
    }
}
