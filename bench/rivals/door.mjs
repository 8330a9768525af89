// SPDX-License-Identifier: Apache-2.0
// Stands before a server: passes all on, knows what is still under way, can lose a reply after the
// server has done what was asked, and can keep replies until so many are there.
import { Agent, createServer, request } from 'node:http';

export class Door {
    #pending = new Set();
    #agent = new Agent({ keepAlive: true, maxSockets: 256 });
    #kept = [];
    #together = 0;

    /** `loses(request, body)`: whether the reply to this request is lost. */
    static async open(target, loses = () => false) {
        const door = new Door();
        door.lost = 0;
        door.server = createServer(async (asked, answer) => {
            const parts = [];
            for await (const part of asked) parts.push(part);
            door.#pass(new URL(target), asked, Buffer.concat(parts), answer, loses);
        });
        await new Promise(resolve => door.server.listen(0, '127.0.0.1', resolve));
        door.url = `http://127.0.0.1:${door.server.address().port}`;
        return door;
    }

    #pass(target, asked, body, answer, loses) {
        const done = Promise.withResolvers();
        this.#pending.add(done.promise);
        const end = () => {
            this.#pending.delete(done.promise);
            done.resolve();
        };
        const isLost = loses(asked, body);
        // A caller that goes away changes nothing: what reached the server goes on.
        const sent = request({
            host: target.hostname, port: target.port, method: asked.method, path: asked.url, agent: this.#agent,
            headers: { ...asked.headers, host: target.host },
        }, given => {
            const parts = [];
            given.on('data', part => parts.push(part)).on('error', end).on('end', () => {
                end();
                if (isLost) {
                    this.lost += 1;
                    answer.writeHead(504).end('Gateway Timeout\n');
                } else {
                    const { 'transfer-encoding': _, ...headers } = given.headers;
                    this.#give(() => answer.writeHead(given.statusCode, headers).end(Buffer.concat(parts)));
                }
            });
        });
        sent.on('error', () => {
            end();
            answer.writeHead(502).end('Bad Gateway\n');
        }).end(body);
    }

    /** The next `count` replies go out at one moment, when the last of them is there. */
    together(count) {
        this.#kept = [];
        this.#together = count;
    }
    #give(reply) {
        if (this.#kept.length >= this.#together) return void reply();
        this.#kept.push(reply);
        if (this.#kept.length === this.#together) for (const one of this.#kept) one();
    }

    /** Once nothing is under way any more. */
    async idle() {
        while (this.#pending.size > 0) await Promise.all(this.#pending);
    }

    close() {
        this.#agent.destroy();
        this.server.closeAllConnections();
        return new Promise(resolve => this.server.close(resolve));
    }
}
