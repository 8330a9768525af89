// SPDX-License-Identifier: Apache-2.0
// The journal as it happens. Entries come in bundles, one an animation frame, however many there
// are; a lost connection is taken up again where it broke off.
import { eventsAfter } from './api.js';

const bundleMax = 2000; // entries kept for one bundle; older ones are counted, not kept
const retryFirst = 1000; // ms
const retryMost = 15_000; // ms
const hiddenPause = 500; // ms between bundles while nobody looks

export class Stream {
    #source = null;
    #seq;
    #bundle = [];
    #scheduled = false;
    #retry = retryFirst;
    #timer = 0;
    #closed = false;
    // No frame comes while the page is hidden: what waits for one is handed over.
    #look = () => this.#hand();
    #on;

    /**
     * `on`: entries(list, oldest first), state('live' | 'lost'), again(): connected after a
     * break, gap(to): entries up to this one were left out, they are too many to send,
     * refused(): see whether the session lives.
     */
    constructor(seq, on) {
        this.#seq = seq;
        this.#on = on;
        document.addEventListener('visibilitychange', this.#look);
        this.#open();
    }

    get seq() {
        return this.#seq;
    }

    close() {
        this.#closed = true;
        document.removeEventListener('visibilitychange', this.#look);
        clearTimeout(this.#timer);
        this.#source?.close();
    }

    /** Tries at once instead of waiting. */
    hurry() {
        if (this.#closed || this.#source?.readyState === EventSource.OPEN) return;
        this.#retry = retryFirst;
        this.#open();
    }

    #open() {
        clearTimeout(this.#timer);
        this.#source?.close();
        const source = new EventSource(eventsAfter(this.#seq));
        this.#source = source;
        source.addEventListener('hello', () => this.#hello());
        source.addEventListener('entry', event => this.#take(event));
        source.addEventListener('gap', event => this.#skip(event));
        // The session has ended, or the server stops: then it is come back to.
        source.addEventListener('bye', () => this.#on.refused());
        source.addEventListener('error', () => this.#lost(source));
    }

    #hello() {
        this.#retry = retryFirst;
        this.#on.state('live');
        this.#on.again();
    }

    #skip(event) {
        const { to } = JSON.parse(event.data);
        if (!(to > this.#seq)) return;
        this.#seq = to;
        // What has not been shown yet is older than what comes next, and not beside it.
        this.#bundle = [];
        this.#on.gap(to);
    }

    #lost(source) {
        if (this.#closed || source !== this.#source) return;
        this.#on.state('lost');
        // While it is "connecting", the browser comes back by itself, with Last-Event-ID.
        if (source.readyState !== EventSource.CLOSED) return;
        this.#on.refused();
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.#open(), this.#retry);
        this.#retry = Math.min(this.#retry * 2, retryMost);
    }

    #take(event) {
        let entry;
        try {
            entry = JSON.parse(event.data);
        } catch {
            return;
        }
        if (!(entry.seq > this.#seq)) return;
        this.#seq = entry.seq;
        this.#bundle.push(entry);
        if (this.#bundle.length > 2 * bundleMax) this.#bundle.splice(0, bundleMax);
        if (this.#scheduled) return;
        this.#scheduled = true;
        if (document.hidden) setTimeout(() => this.#hand(), hiddenPause);
        else requestAnimationFrame(() => this.#hand());
    }

    #hand() {
        if (!this.#scheduled) return;
        this.#scheduled = false;
        const bundle = this.#bundle;
        this.#bundle = [];
        if (!this.#closed) this.#on.entries(bundle);
    }
}
