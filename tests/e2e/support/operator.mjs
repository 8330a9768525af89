// SPDX-License-Identifier: Apache-2.0
// A browser's side of the operator page, without a browser.
import assert from 'node:assert/strict';

const cookiePattern = /^(purse_operator|__Secure-purse_operator)=([0-9a-z]{52}); Path=\/operator; HttpOnly; SameSite=Strict; Max-Age=43200(; Secure)?$/;

/** A sign-in link as the command prints it; the code in it. */
export async function operatorCode(purse, ...options) {
    const { stdout, stderr } = await purse.command('operator', 'login', ...options);
    const found = /^(https?:\/\/\S+)\/operator\/#login=([0-9a-z]{52})\n$/.exec(stdout);
    assert.ok(found, stdout);
    assert.match(stderr, /10 minutes/);
    assert.ok(!stderr.includes(found[2]), 'the code is on standard output alone');
    return { base: found[1], code: found[2], link: stdout.trim() };
}

/** Posts a code; the whole response. */
export function postCode(server, code, headers = {}) {
    return server.ask('POST', '/operator/api/login', {
        headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify({ code }),
    });
}

export class Operator {
    constructor(server, cookie, session) {
        this.server = server;
        this.cookie = cookie;
        this.csrf = session.csrf;
        this.id = session.id;
    }

    static async signIn(server) {
        const { code } = await operatorCode(server.purse);
        const answer = await postCode(server, code);
        assert.equal(answer.status, 200, answer.text);
        const [, name, secret] = cookiePattern.exec(answer.headers['set-cookie'][0]) ?? assert.fail(String(answer.headers['set-cookie']));
        return new Operator(server, `${name}=${secret}`, answer.json);
    }

    get(path, headers = {}) {
        return this.server.ask('GET', `/operator/api/${path}`, { headers: { Cookie: this.cookie, ...headers } });
    }
    /** The JSON of a good answer. */
    async read(path) {
        const answer = await this.get(path);
        assert.equal(answer.status, 200, answer.text);
        assert.equal(answer.headers['cache-control'], 'no-store');
        return answer.json;
    }
    post(path, body = {}, headers = {}) {
        return this.server.ask('POST', `/operator/api/${path}`, {
            headers: { Cookie: this.cookie, 'Content-Type': 'application/json', 'X-Purse-CSRF': this.csrf, ...headers },
            body: typeof body === 'string' ? body : JSON.stringify(body),
        });
    }
    events(query = '', headers = {}) {
        return this.server.events('GET', `/operator/api/events${query}`, { headers: { Cookie: this.cookie, ...headers } });
    }
}
