// SPDX-License-Identifier: Apache-2.0
// What the page knows, and who wants to hear when it changes.

/** session, overview, approvals (waiting), connection: 'connecting' | 'live' | 'lost'. */
export const known = { session: null, overview: null, approvals: [], connection: 'connecting' };

const listeners = new Map();

/** Calls `action` at each `topic`; the function that ends it. */
export function on(topic, action) {
    const actions = listeners.get(topic) ?? new Set();
    listeners.set(topic, actions);
    actions.add(action);
    return () => actions.delete(action);
}

/**
 * Topics: overview, approvals, connection: those are read anew; entries: a list, oldest first;
 * changed: we have changed something; reload: what is shown may be old; gap: entries up to this
 * one were left out; trouble: a Failure.
 */
export function tell(topic, what) {
    for (const action of [...(listeners.get(topic) ?? [])]) action(what);
}

/** Runs `work` when asked, at most once in `pause` ms and never twice at once. */
export class Pace {
    #work;
    #pause;
    #wanted = false;
    #busy = false;
    #timer = 0;
    #last = -Infinity;

    constructor(work, pause) {
        this.#work = work;
        this.#pause = pause;
    }
    ask() {
        this.#wanted = true;
        if (this.#busy || this.#timer) return;
        const wait = Math.max(0, this.#last + this.#pause - performance.now());
        this.#timer = setTimeout(() => this.#run(), wait);
    }
    stop() {
        this.#wanted = false;
        clearTimeout(this.#timer);
        this.#timer = 0;
    }
    async #run() {
        this.#timer = 0;
        this.#wanted = false;
        this.#busy = true;
        this.#last = performance.now();
        try {
            await this.#work();
        } finally {
            this.#busy = false;
            if (this.#wanted) this.ask();
        }
    }
}
