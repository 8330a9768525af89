// SPDX-License-Identifier: Apache-2.0
// The reference's books: holds, caps and journal. One IMMEDIATE transaction a call.
import { createHash, randomUUID } from 'node:crypto';
import { open } from './schema.mjs';

const kSpans = { '1m': 60_000, '1h': 3_600_000, '1d': 86_400_000 };

/** Micro-USDC of a decimal string; null when it is not an amount. */
export function micro(text) {
    const match = /^(0|[1-9]\d{0,8})(?:\.(\d{1,6}))?$/.exec(text);
    return match ? Number(match[1]) * 1e6 + Number((match[2] ?? '').padEnd(6, '0')) : null;
}

/** Decimal string of micro-USDC, without needless zeros. */
export function money(x) {
    const fraction = String(x % 1e6).padStart(6, '0').replace(/0+$/, '');
    return Math.floor(x / 1e6) + (fraction ? '.' + fraction : '');
}

const iso = ms => new Date(ms).toISOString();

export class Books {
    /** policy: see policy.json beside this file. */
    constructor(file, policy) {
        this.policy = policy;
        this.caps = policy.caps.map((cap, i) => ({
            ...cap, id: i + 1, max: cap.unit === 'calls' ? cap.limit : micro(cap.limit),
        }));
        const { db, sql } = open(file, policy.agent, this.caps.length);
        this.sql = sql;
        const write = work => {
            const run = db.transaction(work);
            return args => run.immediate(args);
        };
        this.preauthorize = write(args => this.#once('preauthorize', args, now => this.#hold(args, now)));
        this.settle = write(args => this.#settle(args, this.#begin()));
        this.status = write(() => this.#status(this.#begin()));
    }

    /** What every transaction starts with: the time, and what has become due by it. */
    #begin() {
        const now = Date.now();
        for (const cap of this.caps) {
            if (!cap.span) continue;
            for (const due of this.sql.due.all(cap.id, now)) {
                this.sql.give.run({ id: cap.id, held: due.held, spent: -due.spent, win: 0 });
                this.sql.unCharge.run(cap.id, due.until, due.hold);
            }
        }
        for (const hold of this.sql.expired.all(now)) {
            this.#end(hold, 'expired', 0);
            this.#record(now, { event: 'expired', txId: hold.tx });
        }
        return now;
    }

    #record(now, entry) {
        const head = this.sql.head.get();
        const body = JSON.stringify(entry);
        const hash = createHash('sha256').update(head?.hash ?? '').update(`${now}\n`).update(body).digest();
        this.sql.journal.run((head?.seq ?? 0) + 1, now, body, hash);
    }

    /** The stored answer when this key was used before. */
    #once(tool, args, work) {
        const { idempotencyKey: key, ...rest } = args;
        const now = this.#begin();
        if (!key) return work(now);
        const fingerprint = createHash('sha256').update(tool + JSON.stringify(rest, Object.keys(rest).sort())).digest('hex');
        const known = this.sql.keyed.get(this.policy.agent, key);
        if (known && known.fingerprint !== fingerprint) {
            return this.#no('idempotency_conflict', 'This idempotency key was used with other arguments.', 'with_changes');
        }
        if (known) return { ...JSON.parse(known.answer), replayed: true };
        const answer = work(now);
        this.sql.keep.run(this.policy.agent, key, fingerprint, JSON.stringify(answer));
        return answer;
    }

    #no(reason, message, retry, more = {}) {
        return { ok: false, reason, message, failures: [], retry, currency: 'USDC', ...more };
    }

    #refuse(now, args, answer) {
        this.#record(now, { event: 'refused', agent: this.policy.agent, args, reason: answer.reason });
        return { ...answer, at: iso(now) };
    }

    #windowOf(cap, now) {
        return cap.window === 'daily' ? now - (now % kSpans['1d']) : 0;
    }

    #state(cap, now) {
        const row = this.sql.capRow.get(cap.id);
        const fresh = row.win < this.#windowOf(cap, now);
        const held = fresh ? 0 : row.held, spent = fresh ? 0 : row.spent;
        const show = cap.unit === 'calls' ? String : money;
        return {
            budget: cap.budget, cap: cap.cap, unit: cap.unit, limit: show(cap.max), spent: show(spent),
            held: show(held), available: show(Math.max(0, cap.max - held - spent)),
            usedPercent: Math.floor(((held + spent) * 100) / cap.max),
            ...(cap.window === 'daily' && { resetsAt: iso(this.#windowOf(cap, now) + kSpans['1d']) }),
        };
    }

    #hold(args, now) {
        const { policy, sql } = this;
        if (sql.frozen.get(policy.agent).frozen) return this.#refuse(now, args, this.#no('frozen', 'This agent is frozen.', 'never'));
        const service = args.service && policy.services[args.service];
        if (args.service && !service) return this.#refuse(now, args, this.#no('service_unknown', `No service is called ${args.service}.`, 'with_changes'));
        if (service && args.payee && service.payee.toLowerCase() !== args.payee.toLowerCase()) {
            return this.#refuse(now, args, this.#no('payee_mismatch', 'The payee is not that of the service.', 'with_changes'));
        }
        const payee = (service?.payee ?? args.payee).toLowerCase();
        const amount = micro(args.estimatedCost);
        const failing = [];
        const legs = [];
        for (const cap of this.caps) {
            const leg = { id: cap.id, x: cap.unit === 'calls' ? 1 : amount, limit: cap.max, win: this.#windowOf(cap, now) };
            const fits = cap.window === 'transaction' ? leg.x <= leg.limit : sql.take.run(leg).changes === 1;
            if (!fits) failing.push(cap);
            else if (cap.window !== 'transaction') legs.push({ cap, ...leg });
        }
        if (failing.length > 0) {
            for (const leg of legs) sql.give.run({ id: leg.id, held: leg.x, spent: 0, win: leg.win });
            const failures = failing.map(cap => ({ reason: cap.reason, rule: cap.budget, message: `The ${cap.cap} cap of ${cap.budget} has no room.`, ...this.#state(cap, now) }));
            return this.#refuse(now, args, this.#no(failing[0].reason, failures[0].message, 'after', { failures }));
        }
        const txId = 'tx_' + randomUUID().replaceAll('-', '');
        const expires = now + (args.ttlSeconds ?? 120) * 1000;
        const maxCapture = amount + Math.floor((amount * policy.overCapturePercent) / 100);
        const { lastInsertRowid: id } = sql.newHold.run(txId, policy.agent, args.service ?? null, payee, amount, maxCapture, now, expires,
            args.taskId ?? null, args.workflowId ?? null, args.purpose ?? null);
        for (const { cap, x } of legs) if (cap.span) sql.charge.run(cap.id, now + kSpans[cap.span], id, x, 0);
        this.#record(now, { event: 'held', agent: policy.agent, txId, service: args.service, payee, amount, expires, taskId: args.taskId });
        return {
            ok: true, txId, state: 'held', amount: money(amount), currency: 'USDC', ...(args.service && { service: args.service }),
            payee, expiresAt: iso(expires), maxCapture: money(maxCapture), at: iso(now), warnings: this.#warnings(now),
            message: `Held ${money(amount)} USDC for ${args.service ?? payee}.`,
        };
    }

    #warnings(now) {
        return this.caps.filter(cap => cap.window !== 'transaction').map(cap => this.#state(cap, now))
            .filter(state => state.usedPercent >= 80).map(state => ({ ...state, level: state.usedPercent >= 95 ? 95 : 80 }));
    }

    /** Ends a hold: what is not captured returns to the caps. False: no room for what is above the hold. */
    #end(hold, state, captured) {
        for (const cap of this.caps) {
            if (cap.window === 'transaction' || cap.unit === 'calls') continue;
            const win = this.#windowOf(cap, hold.taken);
            const leg = { id: cap.id, held: hold.amount, spent: captured, win, limit: cap.max };
            if (cap.span) {
                const until = hold.taken + kSpans[cap.span];
                if (this.sql.moveCharge.run(captured, cap.id, until, hold.id).changes === 0) continue;
            }
            const moved = captured > hold.amount ? this.sql.capture.run(leg) : this.sql.give.run(leg);
            if (moved.changes === 0 && captured > hold.amount) return false;
        }
        this.sql.endHold.run(state, captured, hold.id);
        return true;
    }

    #settle({ txId, actualCost, outcome = 'captured' }, now) {
        const hold = this.sql.holdByTx.get(txId, this.policy.agent);
        const target = outcome === 'void' ? 'voided' : 'settled';
        const captured = outcome === 'void' ? 0 : micro(actualCost);
        if (!hold) return this.#no('hold_unknown', 'No hold has this txId.', 'never');
        const known = { held: money(hold.amount), maxCapture: money(hold.max_capture) };
        const same = hold.state === target && hold.captured === captured;
        if (hold.state === 'expired') return this.#no('hold_expired', 'The hold has expired.', 'with_changes', known);
        if (hold.state !== 'held' && !same) return this.#no('hold_closed', `The hold is ${hold.state}.`, 'never', known);
        if (captured > hold.max_capture) return this.#no('over_capture', `At most ${known.maxCapture} USDC may be captured.`, 'with_changes', known);
        if (!same) {
            if (!this.#end(hold, target, captured)) throw new Error('no room above the hold');
            this.#record(now, { event: target, agent: hold.agent, txId, captured });
        }
        return {
            ok: true, txId, state: target, captured: money(captured), released: money(Math.max(0, hold.amount - captured)),
            currency: 'USDC', payee: hold.payee, rail: 'book', settlement: 'settled', at: iso(now), ...(same && { replayed: true }),
            warnings: this.#warnings(now), message: target === 'voided' ? 'Voided.' : `Paid ${money(captured)} USDC.`,
        };
    }

    #status(now) {
        const holds = this.sql.openHolds.all(this.policy.agent);
        const caps = this.caps.filter(cap => cap.window !== 'transaction').map(cap => this.#state(cap, now));
        return {
            ok: true, agent: this.policy.agent, asOf: iso(now), currency: 'USDC',
            frozen: this.sql.frozen.get(this.policy.agent).frozen === 1, caps, held: caps[0].held,
            holds: holds.map(hold => ({
                txId: hold.tx, amount: money(hold.amount), ...(hold.service && { service: hold.service }), payee: hold.payee,
                expiresAt: iso(hold.expires), ...(hold.task && { taskId: hold.task }),
            })),
            message: `${holds.length} holds are open.`,
        };
    }
}
