// SPDX-License-Identifier: Apache-2.0
// The operator's page: signs in, keeps what it knows fresh, and shows one view after the other.
import { api, Failure, setCsrf, whenSignedOut } from './api.js';
import { agentsView } from './agents.js';
import { approvalsView } from './approvals.js';
import { chrome } from './chrome.js';
import { door } from './door.js';
import { fill } from './dom.js';
import { holdView } from './hold.js';
import { journalView } from './journal.js';
import { overviewView } from './overview.js';
import { payoutsView } from './payouts.js';
import { known, on, Pace, tell } from './store.js';
import { Stream } from './stream.js';
import { learnServerTime } from './time.js';
import { announce, toast } from './ui.js';

const overviewPause = 1000; // ms between two readings while things happen
const safetyPause = 30_000; // ms; for what no entry tells of, such as a window that resets

const views = {
    overview: overviewView,
    journal: journalView,
    holds: holdView,
    approvals: approvalsView,
    agents: agentsView,
    payouts: payoutsView,
};

let stream = null;
let view = null;
let safety = 0;

const overviewPace = new Pace(readOverview, overviewPause);
const approvalsPace = new Pace(readApprovals, 300);

async function readOverview() {
    if (!known.session) return;
    try {
        const overview = await api.overview();
        if (!known.session) return;
        known.overview = overview;
        learnServerTime(overview.asOf);
        tell('overview');
        if (overview.approvalsWaiting !== known.approvals.length) approvalsPace.ask();
        if (!stream) follow(overview.seq);
    } catch (failure) {
        tell('trouble', failure);
    }
}

async function readApprovals() {
    if (!known.session) return;
    try {
        const { approvals } = await api.approvals('waiting');
        if (!known.session) return;
        const before = new Set(known.approvals.map(one => one.txId));
        known.approvals = approvals;
        for (const one of approvals)
            if (!before.has(one.txId))
                announce(
                    `Approval wanted: ${one.agent} asks to spend ` +
                        `${one.amount} USDC${one.service ? ` on ${one.service}` : ''}.`,
                );
        tell('approvals');
    } catch (failure) {
        tell('trouble', failure);
    }
}

function readAgain() {
    overviewPace.ask();
    approvalsPace.ask();
    tell('reload');
}

function follow(seq) {
    let connectedBefore = false;
    stream?.close();
    stream = new Stream(seq, {
        entries(entries) {
            tell('entries', entries);
            if (document.hidden === false) overviewPace.ask();
            if (entries.some(entry => entry.decision === 'approval')) approvalsPace.ask();
        },
        state(state) {
            if (state === known.connection) return;
            known.connection = state;
            tell('connection');
            if (state === 'lost') announce('The connection to the purse is lost. Trying again.');
        },
        again() {
            if (connectedBefore) {
                toast('Connected again.');
                readAgain();
            }
            connectedBefore = true;
        },
        gap(to) {
            tell('gap', to);
            overviewPace.ask();
            approvalsPace.ask();
        },
        // 401 shows the door, through whenSignedOut; anything else is tried again.
        refused: () => void api.session().catch(() => {}),
    });
}

async function enter(session) {
    stream?.close();
    stream = null;
    known.session = session;
    setCsrf(session.csrf);
    chrome.show();
    await readOverview();
    await readApprovals();
    clearInterval(safety);
    safety = setInterval(() => document.hidden || overviewPace.ask(), safetyPause);
    if (known.session) route();
}

function leave(words, drawn) {
    known.session = null;
    known.overview = null;
    known.approvals = [];
    known.connection = 'connecting';
    stream?.close();
    stream = null;
    clearInterval(safety);
    view?.close?.();
    view = null;
    fill(document.getElementById('main'));
    for (const dialog of document.querySelectorAll('dialog')) dialog.close();
    chrome.hide();
    door.show(words, drawn);
}

/** "#/journal?agent=x" as { name, rest, query }. */
function parseHash() {
    const [path, search = ''] = location.hash.replace(/^#\/?/, '').split('?');
    const [name, ...rest] = path.split('/').map(part => {
        try {
            return decodeURIComponent(part);
        } catch {
            return part;
        }
    });
    return { name: views[name] ? name : 'overview', rest, query: new URLSearchParams(search) };
}

let shown = '';
function route() {
    if (!known.session) return;
    const { name, rest, query } = parseHash();
    const place = `${name}/${rest.join('/')}`;
    if (place === shown && view?.setQuery) {
        view.setQuery(query);
        return;
    }
    const moved = shown !== '';
    shown = place;
    view?.close?.();
    const main = document.getElementById('main');
    fill(main);
    chrome.current(name);
    view = views[name](main, { rest, query });
    if (!moved) return;
    // Those who read by ear or keyboard begin at the new title.
    window.scrollTo(0, 0);
    (main.querySelector('h1') ?? main).focus({ preventScroll: true });
}

/** The code of "#login=CODE", which leaves the address at once. */
function takeCode() {
    const found = /^#login=([^&]+)/.exec(location.hash);
    if (!found) return null;
    history.replaceState(null, '', `${location.pathname}${location.search}#/overview`);
    return found[1];
}

async function signIn(code) {
    chrome.hide();
    door.wait();
    try {
        const session = await api.login(code);
        door.hide();
        shown = '';
        await enter(session);
    } catch (failure) {
        leave(failure instanceof Failure ? failure.message : 'Signing in did not work.', 'bad');
    }
}

async function start() {
    const code = takeCode();
    if (code) return signIn(code);
    try {
        const session = await api.session();
        door.hide();
        await enter(session);
    } catch (failure) {
        if (failure.status === 401) leave();
        else if (failure instanceof Failure) leave(failure.message, 'bad');
        else throw failure;
    }
}

whenSignedOut(() => {
    if (known.session) leave('You are signed out: the session has ended.');
});
chrome.make({
    readAgain: () => overviewPace.ask(),
    hurry: () => stream?.hurry(),
    signOut: async () => {
        try {
            await api.logout();
        } catch {
            // The door says how to come back either way.
        }
        leave('You have signed out.');
    },
});
door.make({ again: start });
on('changed', () => {
    overviewPace.ask();
    approvalsPace.ask();
});
window.addEventListener('hashchange', () => {
    const code = takeCode();
    if (code) signIn(code);
    else route();
});
document.addEventListener('visibilitychange', () => {
    if (document.hidden || !known.session) return;
    stream?.hurry();
    overviewPace.ask();
});
window.addEventListener('online', () => stream?.hurry());
document.getElementById('skip').addEventListener('click', event => {
    event.preventDefault();
    const main = document.getElementById(known.session ? 'main' : 'door');
    main.focus();
});
start();
