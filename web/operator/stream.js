// SPDX-License-Identifier: Apache-2.0
// The journal as it happens. Entries come in bundles, one an animation frame, however many there
// are; a lost connection is taken up again where it broke off.
import { eventsAfter } from './api.js';

const bundleMax = 2000; // entries kept for one bundle; older ones are counted, not kept
const jumpOver = 5000; // entries missed; beyond, what is shown is read anew instead
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
     * break, missed(): too much was missed to send it all, refused(): see whether the session
     * lives, goodbye(): the server ended the session.
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
        source.addEventListener('hello', event => this.#hello(event));
        source.addEventListener('entry', event => this.#take(event));
        source.addEventListener('bye', () => {
            this.close();
            this.#on.goodbye();
        });
        source.addEventListener('error', () => this.#lost(source));
    }

    #hello(event) {
        this.#retry = retryFirst;
        const { seq } = JSON.parse(event.data);
        if (seq - this.#seq > jumpOver) {
            this.#seq = seq;
            this.#open();
            this.#on.missed();
            return;
        }
        this.#on.state('live');
        this.#on.again();
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
