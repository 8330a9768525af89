// SPDX-License-Identifier: Apache-2.0
// The journal as it happens. What is shown is a list in memory, newest first, of bounded length.
// Each time it is drawn some rows are made, the newest first, so that a storm of entries never
// blocks the page and the newest is always there at once.
import { api } from './api.js';
import { fill, h, setText } from './dom.js';
import { showEntry } from './entry.js';
import { icon } from './icons.js';
import { known, on, Pace } from './store.js';
import { count } from './money.js';
import { stamp } from './time.js';
import { amount, badge, button, empty, failureNote, viewHead } from './ui.js';
import { decisionOf, decisions, shortAddress } from './words.js';

const rowsMax = 500;
const rowsAtOnce = 32;
const drawPause = 45; // ms between two changes of the list: as fast as anybody can follow
const pageSize = 100;
const servicesMax = 5000;
const flashMost = 6; // more new rows at once than this do not light up
const gapPause = 2000; // ms between two readings while more happens than can be sent
const filterNames = ['agent', 'task', 'service', 'decision'];

/** Services of the holds that were seen: the entries that end them do not name it. */
const services = new Map();

function bought(entry) {
    if (entry.service && entry.txId) {
        services.set(entry.txId, entry.service);
        if (services.size > servicesMax) services.delete(services.keys().next().value);
    }
    return entry.service || services.get(entry.txId) || shortAddress(entry.payee);
}

function makeRow(entry, isNew) {
    const inside = [
        h('span', { class: 'entry-time' }, stamp(entry.at)),
        h('span', { class: 'entry-decision' }, badge(decisionOf(entry))),
        h('span', { class: 'entry-agent' }, entry.agent ?? ''),
        h('span', { class: 'entry-service' }, bought(entry)),
        h('span', { class: 'entry-amount' }, entry.amount ? amount(entry.amount) : ''),
        h('span', { class: 'entry-text' }, entry.text ?? ''),
    ];
    const act = entry.txId
        ? h('a', { class: 'entry-row', href: `#/holds/${entry.txId}`, tabindex: '-1' }, inside)
        : h(
              'button',
              {
                  class: 'entry-row',
                  type: 'button',
                  tabindex: '-1',
                  onclick: () => showEntry(entry),
              },
              inside,
          );
    return h(
        'li',
        {
            class: isNew ? 'entry is-new' : 'entry',
            data: { seq: entry.seq, decision: entry.decision },
        },
        act,
    );
}

/** The rows on the page, kept like `entries`: newest first, `rowsMax` at most. */
class Rows {
    entries = [];
    #rows = new Map();
    #frame = 0;
    #drawnAt = -Infinity;
    #fresh = new Set();

    constructor(el) {
        this.el = el;
        el.addEventListener('keydown', event => this.#key(event));
    }

    get oldest() {
        return this.entries.at(-1)?.seq ?? null;
    }

    clear() {
        cancelAnimationFrame(this.#frame);
        this.#frame = 0;
        this.entries = [];
        this.#rows.clear();
        this.#fresh.clear();
        fill(this.el);
    }

    /** Newer entries, oldest first. */
    addNew(list, { light = true } = {}) {
        if (list.length === 0) return;
        if (light && list.length <= flashMost) for (const one of list) this.#fresh.add(one.seq);
        const some = list.length > rowsMax ? list.slice(-rowsMax) : list;
        some.forEach(bought);
        this.entries = [...some.toReversed(), ...this.entries].slice(0, rowsMax);
        this.#drawSoon();
    }

    /** Older entries, newest first. Gives whether newest ones had to go for them. */
    addOld(list) {
        list.forEach(bought);
        const all = [...this.entries, ...list];
        this.entries = all.slice(-rowsMax);
        this.#drawSoon();
        return all.length > rowsMax;
    }

    /** Now, or when the list has stood still for a moment. */
    #drawSoon() {
        if (this.#frame) return;
        if (performance.now() - this.#drawnAt >= drawPause) {
            this.#draw();
            return;
        }
        this.#frame = requestAnimationFrame(() => {
            this.#frame = 0;
            this.#drawSoon();
        });
    }

    /** Makes some rows, the newest first, and the rest the next time. */
    #draw() {
        this.#drawnAt = performance.now();
        const wanted = new Set();
        let left = rowsAtOnce;
        let at = this.el.firstElementChild;
        for (const entry of this.entries) {
            wanted.add(entry.seq);
            let row = this.#rows.get(entry.seq);
            if (!row) {
                if (left === 0) continue;
                left -= 1;
                row = makeRow(entry, this.#fresh.delete(entry.seq));
                this.#rows.set(entry.seq, row);
            }
            // Rows that go are skipped here, and removed below.
            while (at && at !== row && !this.#isWanted(at)) at = at.nextElementSibling;
            if (row === at) at = at.nextElementSibling;
            else this.el.insertBefore(row, at);
        }
        for (const [seq, row] of this.#rows) {
            if (wanted.has(seq)) continue;
            row.remove();
            this.#rows.delete(seq);
        }
        this.#tab();
        if (left === 0) this.#drawSoon();
    }

    #isWanted(row) {
        return (
            Number(row.dataset.seq) >= this.oldest && Number(row.dataset.seq) <= this.entries[0].seq
        );
    }

    /** One row is reached by the tabulator; arrow keys go from row to row. */
    #tab(target) {
        const now = this.el.querySelector('[tabindex="0"]');
        const next =
            target ??
            (this.el.contains(document.activeElement)
                ? document.activeElement
                : this.el.querySelector('.entry-row'));
        if (now === next) return;
        if (now) now.tabIndex = -1;
        if (next) next.tabIndex = 0;
    }

    #key(event) {
        const row = event.target.closest('.entry');
        if (!row) return;
        const moves = {
            ArrowDown: row.nextElementSibling,
            ArrowUp: row.previousElementSibling,
            Home: this.el.firstElementChild,
            End: this.el.lastElementChild,
        };
        const to = moves[event.key]?.querySelector('.entry-row');
        if (!to) return;
        event.preventDefault();
        this.#tab(to);
        to.focus();
    }
}

class JournalView {
    #filter = {};
    #next = null;
    #newest = 0;
    #reading = 0;
    #isReading = false;
    #early = []; // entries that came while the first page was read
    #waiting = []; // entries that came while the list stands still
    #waitingCount = 0;
    #paused = false;
    #detached = false; // the newest rows were dropped for older ones

    constructor(main, query) {
        this.main = main;
        this.list = h('ol', {
            class: 'entries',
            role: 'list',
            'aria-label': 'Journal, newest first',
        });
        this.list.addEventListener('focusout', () => setTimeout(() => this.#flush()));
        this.rows = new Rows(this.list);
        this.older = button('Older entries', () => this.#readOlder());
        this.end = h('div', { class: 'journal-end' });
        this.trouble = h('div');
        this.pause = h('button', {
            type: 'button',
            class: 'button',
            'aria-pressed': 'false',
            onclick: () => this.#setPaused(!this.#paused),
        });
        this.jump = h('button', {
            type: 'button',
            class: 'jump',
            hidden: true,
            onclick: () => this.#jump(),
        });
        this.filters = this.#makeFilters();
        this.top = h('div', { class: 'journal-top' });
        fill(
            main,
            viewHead('Journal', 'Every decision, as it is written into the record.', this.pause),
            this.filters.el,
            this.trouble,
            this.top,
            h(
                'div',
                { class: 'card journal' },
                h(
                    'div',
                    { class: 'entry-heads', 'aria-hidden': 'true' },
                    ['Time', 'Decision', 'Agent', 'Service', 'Amount', 'What happened'].map(word =>
                        h('span', null, word),
                    ),
                ),
                this.list,
                this.end,
            ),
            h('div', { class: 'jump-place' }, this.jump),
        );
        this.watcher = new IntersectionObserver(
            ([{ isIntersecting }]) => {
                this.atTop = isIntersecting;
                if (isIntersecting) this.#flush();
                this.#drawJump();
            },
            { rootMargin: '-40px 0px 0px 0px' },
        );
        this.atTop = true;
        this.watcher.observe(this.top);
        this.offs = [
            on('entries', list => this.#arrive(list)),
            on('gap', to => this.#skip(to)),
            on('overview', () => this.filters.offerAgents()),
        ];
        this.again = new Pace(() => this.#readNewest(), gapPause);
        this.#setPaused(false);
        this.setQuery(query);
    }

    close() {
        this.#reading += 1;
        this.again.stop();
        this.watcher.disconnect();
        this.rows.clear();
        for (const off of this.offs) off();
    }

    /** The address has other filters. */
    setQuery(query) {
        this.#filter = Object.fromEntries(filterNames.map(name => [name, query.get(name) ?? '']));
        this.filters.show(this.#filter);
        this.#readNewest();
    }

    #makeFilters() {
        const controls = {};
        const agents = h('datalist', { id: 'journal-agents' });
        let timer = 0;
        const soon = () => {
            clearTimeout(timer);
            timer = setTimeout(() => this.#ask(controls), 350);
        };
        const field = (name, label, attributes = {}) => {
            controls[name] = h('input', {
                id: `journal-${name}`,
                type: 'search',
                autocomplete: 'off',
                placeholder: 'Any',
                oninput: soon,
                ...attributes,
            });
            return h(
                'div',
                { class: 'field' },
                h('label', { for: `journal-${name}` }, label),
                controls[name],
            );
        };
        controls.decision = h(
            'select',
            { id: 'journal-decision', onchange: () => this.#ask(controls) },
            h('option', { value: '' }, 'All'),
            Object.entries(decisions).map(([value, { filter }]) => h('option', { value }, filter)),
        );
        const clear = button(
            'Clear',
            () => {
                for (const control of Object.values(controls)) control.value = '';
                this.#ask(controls);
            },
            { tone: 'quiet' },
        );
        const el = h(
            'form',
            {
                class: 'filters',
                role: 'search',
                'aria-label': 'Filter the journal',
                onsubmit: event => (event.preventDefault(), this.#ask(controls)),
            },
            h(
                'div',
                { class: 'field' },
                h('label', { for: 'journal-decision' }, 'Decision'),
                controls.decision,
            ),
            field('agent', 'Agent', { list: 'journal-agents' }),
            field('service', 'Service'),
            field('task', 'Task'),
            clear,
            agents,
        );
        return {
            el,
            show(filter) {
                for (const [name, control] of Object.entries(controls))
                    if (document.activeElement !== control) control.value = filter[name];
                clear.hidden = !filterNames.some(name => filter[name]);
                this.offerAgents();
            },
            offerAgents() {
                const names = (known.overview?.budgets ?? [])
                    .filter(one => one.kind === 'agent')
                    .map(one => one.name.replace(/^agent\//, ''))
                    .toSorted();
                if (agents.dataset.names === String(names)) return;
                agents.dataset.names = String(names);
                fill(
                    agents,
                    names.map(name => h('option', { value: name })),
                );
            },
        };
    }

    /** Puts the filters into the address, which then shows them. */
    #ask(controls) {
        const search = new URLSearchParams();
        for (const name of filterNames) {
            const value = controls[name].value.trim();
            if (value) search.set(name, value);
        }
        const text = search.toString();
        const hash = `#/journal${text ? `?${text}` : ''}`;
        if (hash !== location.hash) location.hash = hash;
    }

    #fits(entry) {
        return filterNames.every(name => !this.#filter[name] || entry[name] === this.#filter[name]);
    }

    async #readNewest() {
        const turn = ++this.#reading;
        this.#isReading = true;
        this.#newest = 0;
        this.#early = [];
        this.#waiting = [];
        this.#waitingCount = 0;
        this.#detached = false;
        this.#drawJump();
        try {
            const page = await api.journal({ ...this.#filter, limit: pageSize });
            if (turn !== this.#reading) return;
            this.rows.clear();
            fill(this.trouble);
            this.#takePage(page);
            this.#newest = page.entries[0]?.seq ?? 0;
            const later = this.#early.filter(entry => entry.seq > this.#newest);
            this.#newest = later.at(-1)?.seq ?? this.#newest;
            this.rows.addNew(later);
        } catch (failure) {
            if (turn !== this.#reading) return;
            fill(
                this.trouble,
                failureNote(failure, () => this.#readNewest()),
            );
        }
        this.#early = [];
        this.#isReading = false;
        this.#drawEnd();
    }

    async #readOlder() {
        const turn = this.#reading;
        this.older.disabled = true;
        try {
            const before = this.#next ?? this.rows.oldest;
            const page = await api.journal({ ...this.#filter, before, limit: pageSize });
            if (turn !== this.#reading) return;
            const anchor = this.list.lastElementChild;
            this.#takePage(page);
            anchor?.nextElementSibling?.querySelector('.entry-row')?.focus({ preventScroll: true });
        } catch (failure) {
            fill(this.trouble, failureNote(failure));
        }
        this.older.disabled = false;
        this.#drawEnd();
    }

    #takePage(page) {
        this.#next = page.next ?? null;
        this.scannedTo = page.scannedTo;
        if (this.rows.addOld(page.entries)) this.#detached = true;
    }

    #drawEnd() {
        const none = this.rows.entries.length === 0;
        const filtered = filterNames.some(name => this.#filter[name]);
        setText(this.older, none && filtered ? 'Look further back' : 'Older entries');
        fill(
            this.end,
            none &&
                empty(
                    filtered ? 'Nothing found yet' : 'Nothing has happened yet',
                    filtered
                        ? this.#next
                            ? 'Nothing among the newest entries fits these filters.'
                            : 'No entry of the journal fits these filters.'
                        : 'As soon as an agent asks for money, it is here.',
                ),
            this.#next
                ? this.older
                : !none && h('p', { class: 'soft' }, 'This is the beginning of the journal.'),
        );
    }

    #arrive(list) {
        // What the first page had already may still be on its way here.
        const some = list.filter(entry => entry.seq > this.#newest && this.#fits(entry));
        if (some.length === 0) return;
        if (this.#isReading) {
            this.#early = [...this.#early, ...some].slice(-rowsMax);
            return;
        }
        this.#newest = some.at(-1).seq;
        if (this.#standsStill()) {
            this.#waitingCount += some.length;
            this.#waiting = [...this.#waiting, ...some].slice(-rowsMax);
            this.#drawJump();
            return;
        }
        this.#addLive(some);
    }

    /** Entries up to `to` were left out: nothing older may stand beside what comes next. */
    #skip(to) {
        this.#newest = Math.max(this.#newest, to);
        if (this.#isReading || filterNames.some(name => this.#filter[name])) {
            this.again.ask();
        } else if (this.#standsStill()) {
            this.#detached = true;
            this.#waitingCount += 1;
        } else {
            this.rows.clear();
            this.#next = to + 1;
        }
    }

    /** Nothing moves while somebody reads further down, or walks the list by keyboard. */
    #standsStill() {
        return (
            this.#paused ||
            this.#detached ||
            !this.atTop ||
            this.list.contains(document.activeElement)
        );
    }

    #addLive(list) {
        const before = this.rows.entries.length;
        this.rows.addNew(list);
        // Rows at the end were dropped: "older" goes on from the last that is left.
        if (before + list.length > rowsMax) this.#next = this.rows.oldest;
        if (before === 0 || (this.#next && !this.older.isConnected)) this.#drawEnd();
    }

    #flush() {
        if (this.#waitingCount === 0 || this.#standsStill()) return;
        const list = this.#waiting;
        this.#waiting = [];
        this.#waitingCount = 0;
        this.#addLive(list);
        this.#drawJump();
    }

    #setPaused(paused) {
        this.#paused = paused;
        this.pause.setAttribute('aria-pressed', String(paused));
        fill(this.pause, icon(paused ? 'play' : 'pause'), paused ? 'Resume' : 'Pause');
        this.#flush();
        this.#drawJump();
    }

    #drawJump() {
        const some = this.#waitingCount;
        this.jump.hidden = some === 0;
        if (some === 0) return;
        fill(this.jump, icon('up'), `${count(some)} new ${some === 1 ? 'entry' : 'entries'}`);
    }

    async #jump() {
        if (this.#paused) this.#setPaused(false);
        window.scrollTo({ top: 0 });
        this.main.querySelector('h1').focus({ preventScroll: true });
        this.atTop = true;
        if (this.#detached) await this.#readNewest();
        else this.#flush();
    }
}

/** #/journal */
export function journalView(main, { query }) {
    return new JournalView(main, query);
}
