// SPDX-License-Identifier: Apache-2.0
// Talks with the purse. Every failure becomes a Failure: a sentence that can be shown.

const patience = 20_000; // ms; a server that is busy answers "throttled" long before

/** What went wrong, for a person; `status` 0: no answer came at all. */
export class Failure extends Error {
    constructor(status, code, message, more = {}) {
        super(message);
        Object.assign(this, { status, code, ...more });
    }
}

let csrf = '';
let onSignedOut = () => {};

export function setCsrf(token) {
    csrf = token;
}

/** `action` is called whenever an answer says that this session is over. */
export function whenSignedOut(action) {
    onSignedOut = action;
}

async function ask(method, path, body, { isAgain = false } = {}) {
    const headers = { Accept: 'application/json' };
    if (method === 'POST') {
        headers['Content-Type'] = 'application/json';
        headers['X-Purse-CSRF'] = csrf;
    }
    let response;
    try {
        response = await fetch(`api/${path}`, {
            method,
            headers,
            cache: 'no-store',
            credentials: 'same-origin',
            signal: AbortSignal.timeout(patience),
            ...(method === 'POST' && { body: JSON.stringify(body ?? {}) }),
        });
    } catch {
        throw new Failure(
            0,
            'unreachable',
            'The purse does not answer. Is `purse serve` still running? Then try again.',
        );
    }
    const text = await response.text().catch(() => '');
    let json = null;
    try {
        json = text === '' ? null : JSON.parse(text);
    } catch {
        // Not JSON: the words below.
    }
    if (response.ok) return json;
    const error = json?.error ?? {};
    const words = error.message ?? `The purse answered with status ${response.status}.`;
    const failure = new Failure(response.status, error.code ?? 'unknown', words, {
        field: error.field,
        answer: json,
    });
    if (failure.code === 'csrf' && !isAgain) {
        // Another tab has signed in anew: the cookie is of that session now, and the token too.
        setCsrf((await ask('GET', 'session')).csrf);
        return ask(method, path, body, { isAgain: true });
    }
    if (response.status === 401 && path !== 'login') onSignedOut(failure);
    throw failure;
}

const encode = encodeURIComponent;
const query = parts => {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(parts))
        if (value !== '' && value !== null && value !== undefined) search.set(name, value);
    const text = search.toString();
    return text === '' ? '' : `?${text}`;
};

export const api = {
    session: () => ask('GET', 'session'),
    login: code => ask('POST', 'login', { code }),
    logout: () => ask('POST', 'logout'),
    overview: () => ask('GET', 'overview'),
    spend: range => ask('GET', `spend${query({ range })}`),
    journal: parts => ask('GET', `journal${query(parts)}`),
    hold: txId => ask('GET', `holds/${encode(txId)}`),
    approvals: state => ask('GET', `approvals${query({ state })}`),
    credentials: () => ask('GET', 'credentials'),
    payouts: () => ask('GET', 'payouts'),
    approve: (txId, note) => ask('POST', `approvals/${encode(txId)}/approve`, note ? { note } : {}),
    deny: (txId, note) => ask('POST', `approvals/${encode(txId)}/deny`, note ? { note } : {}),
    freeze: (target, note) => ask('POST', 'freeze', note ? { target, note } : { target }),
    unfreeze: target => ask('POST', 'unfreeze', { target }),
    issue: wish => ask('POST', 'credentials', wish),
    revoke: id => ask('POST', `credentials/${encode(id)}/revoke`, {}),
};

/** Where the stream of entries after `seq` is. */
export const eventsAfter = seq => `api/events${query({ from: seq })}`;
