# SPDX-License-Identifier: Apache-2.0
"""The guards of the product: conditions that hold a promise. `run` takes each away in turn, and a
test must notice. `before` stands exactly once in `file`; `tests` are filters of ctest, by the
program that has them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Guard:
    name: str
    protects: str  # a sentence
    file: str
    before: str
    after: str
    tests: dict[str, str]  # target to build -> which of its tests are run first
    # Further places of the same file, where several conditions hold one promise.
    also: tuple[tuple[str, str], ...] = ()

    @property
    def edits(self) -> tuple[tuple[str, str], ...]:
        return ((self.before, self.after), *self.also)


LEDGER = {"ledger_tests": "^ledger_tests:"}
POLICY = {"policy_test": "^policy_test:"}
TOOLS = {"tools_test": "^tools_test:"}
PAYOUTS = {"payout_tests": "^payout_tests:"}
WALLET = {"wallet_tests": "^wallet_tests:"}
DOOR = {"door_tests": "^door_tests:"}
OPERATOR = {"operator_tests": "^operator_tests:"}
HTTP = {"http_tests": "^http_tests:"}
SERVER = {"server_tests": "^server_tests:"}

GUARDS = [
    # ---- no cap is ever passed ----
    Guard(
        "counter-update",
        "The one UPDATE that writes a counter cannot pass the limit, whatever was checked before.",
        "ledger/sqlite/statements.hpp",
        '"AND (?1 + ?2 <= 0 OR held + spent + ?1 + ?2 <= ?4)"};',
        '"AND (?1 + ?2 <= 0 OR ?4 >= 0)"};',
        LEDGER,
    ),
    Guard(
        "counter-check",
        "A hold that does not fit a cap is refused before anything is charged.",
        "ledger/counters.cpp",
        "sum <= std::min(limit, kCounterMax);",
        "sum <= std::max(limit, kCounterMax);",
        LEDGER,
    ),
    Guard(
        "counter-constraint",
        "The database itself refuses a counter below nought.",
        "ledger/sqlite/schema.cpp",
        'held BIGINT NOT NULL CHECK (held >= 0), "\n'
        '    "spent BIGINT NOT NULL CHECK (spent >= 0))",\n'
        '    "CREATE UNIQUE INDEX counter_key',
        'held BIGINT NOT NULL, "\n    "spent BIGINT NOT NULL)",\n'
        '    "CREATE UNIQUE INDEX counter_key',
        LEDGER,
    ),
    Guard(
        "expiry-first",
        "Holds whose time is over end before anything else is decided.",
        "ledger/ledger.cpp",
        "const bool had_time = books.expire_due(kExpirePerCommit) < kExpirePerCommit;",
        "const bool had_time = kExpirePerCommit > 0;",
        LEDGER,
    ),
    Guard(
        "late-settle-caps",
        "A settle that comes late finds every cap checked anew.",
        "ledger/books_settlements.cpp",
        "answer.failing = failing_caps(request.legs, request.actual, WhenFull::refuse);",
        "answer.failing = {};",
        LEDGER,
    ),
    Guard(
        "late-settle-rules",
        "A settle that comes late is refused by whatever rule refuses it today.",
        "ledger/books_settlements.cpp",
        "answer.refusals = request.refusals;\n    if (auto ended",
        "if (auto ended",
        LEDGER,
    ),
    Guard(
        "late-settle-approval",
        "What a person approved is not settled once the time they gave is over.",
        "ledger/books_settlements.cpp",
        "if (!tx_.approvals().find(hold.id.seq)) return std::nullopt;",
        "if (hold.id.seq > 0) return std::nullopt;",
        LEDGER,
    ),
    Guard(
        "max-capture",
        "A settle above the hold stops at the most that was allowed when it was taken.",
        "ledger/books_settlements.cpp",
        "if (request.actual > hold.max_capture) {\n        answer.reason = Reason::over_capture;\n"
        '        answer.detail = "The actual cost of ',
        "if (request.actual > Money::max()) {\n        answer.reason = Reason::over_capture;\n"
        '        answer.detail = "The actual cost of ',
        LEDGER,
    ),
    Guard(
        "over-capture-caps",
        "What a settle takes above its hold must fit every cap.",
        "ledger/books_settlements.cpp",
        "answer.failing = caps_without_room(row, request.actual, request.limit_of);",
        "answer.failing = {};",
        LEDGER,
    ),
    Guard(
        "ledger-lock",
        "Each write transaction waits its turn among the processes of one ledger.",
        "ledger/sqlite/store.cpp",
        "if (!connection_) open();\n    lock();",
        "if (!connection_) open();",
        LEDGER,
    ),
    Guard(
        "transaction-limit",
        "No payment is larger than a budget allows for one.",
        "policy/decision.cpp",
        "if (budget->per_tx && amount > *budget->per_tx)",
        "if (budget->per_tx && amount > Money::max())",
        POLICY,
    ),
    Guard(
        "allowed-services",
        "A list of allowed services lets through nothing else.",
        "policy/decision.cpp",
        "if (lets_service_through(allow, the.bought)) continue;",
        "if (lets_service_through(allow, the.bought) || !allow.payees) continue;",
        POLICY,
    ),
    Guard(
        "payee-of-service",
        "A service of the catalogue is paid at its own address and at no other.",
        "policy/resolution.cpp",
        "if (out.payee != service.payee)",
        "if (out.payee.size() != service.payee.size())",
        POLICY,
    ),
    # ---- nothing is paid twice, nothing acknowledged is lost ----
    Guard(
        "fingerprint",
        "An idempotency key belongs to its first arguments for ever.",
        "ledger/books_holds.cpp",
        "if (known.fingerprint != request.fingerprint) return answer;",
        "if (known.fingerprint != request.fingerprint && request.key.empty()) return answer;",
        LEDGER,
    ),
    Guard(
        "refusals-remembered",
        "A refused request is refused again under its key, whatever has changed.",
        "ledger/books_holds.cpp",
        "if (keyed || !answer.key.empty())",
        "if ((keyed && answer.outcome != HoldAnswer::Outcome::refused) || !answer.key.empty())",
        LEDGER,
    ),
    Guard(
        "strangers-spoil-no-key",
        "A revoked credential neither reads nor spoils the agent's keys.",
        "ledger/books_holds.cpp",
        "const bool keyed = !request.key.empty() && !questions_caller(request);",
        "const bool keyed = !request.key.empty() && (!questions_caller(request) || now_.us > 0);",
        LEDGER,
    ),
    Guard(
        "in-doubt-closes",
        "After a commit whose fate is unknown nothing is decided any more.",
        "ledger/ledger.cpp",
        "if (error.kind() == StoreError::Kind::in_doubt) closed_ = fault;",
        "",
        LEDGER,
    ),
    Guard(
        "balanced-entry",
        "What one account gives another receives.",
        "ledger/books.cpp",
        "from.debits += amount;\n    to.credits += amount;",
        "from.debits += amount;\n    to.credits += amount + (amount > 1 ? 1 : 0);",
        LEDGER,
    ),
    Guard(
        "nonce-by-number",
        "Each payout to a payee has a nonce of its own, so that the token can refuse the second.",
        "wallet/authorization.cpp",
        "const auto k = word(Wei{name.k});",
        "const auto k = word(Wei{name.k * 0});",
        WALLET,
    ),
    Guard(
        "nonce-by-ledger",
        "Two ledgers of one treasury never make the same nonce.",
        "wallet/authorization.cpp",
        "as_bytes(name.ledger), as_bytes(chain)",
        "as_bytes(name.ledger).substr(32), as_bytes(chain)",
        WALLET,
    ),
    Guard(
        "stored-before-sent",
        "Signed bytes are on disk before any node sees them.",
        "wallet/payout_engine_send.cpp",
        "std::vector<std::pair<SlotRow, AttemptRow>> stored;\n    ports_.books.transact(",
        "std::vector<std::pair<SlotRow, AttemptRow>> stored;\n"
        "    for (const auto& one : drafts) broadcast(one.slot, one.attempt);\n"
        '    ports_.watcher.pass("broadcast");\n    ports_.books.transact(',
        PAYOUTS,
    ),
    Guard(
        "not-signed-when-used",
        "A number that the chain has used is not signed again, though the ledger has forgotten it.",
        "wallet/payout_engine_send.cpp",
        "if ((*used)[i] || waits[i]) continue;",
        "if (waits[i] && !(*used)[i]) continue;",
        PAYOUTS,
    ),
    Guard(
        "two-nodes",
        "No single node's word closes a payout.",
        "wallet/payout_engine.cpp",
        "return std::min<std::size_t>(2, ports_.nodes.size());",
        "return std::min<std::size_t>(1, ports_.nodes.size());",
        PAYOUTS,
    ),
    Guard(
        "final-block",
        "A payout's books close at a block that is final, and not before.",
        "wallet/payout_engine_watch.cpp",
        "const auto heads = node.heads();\n    if (!heads) return std::unexpected{heads.error()};\n"
        "    std::vector<Digest> hashes;",
        "auto heads = node.heads();\n    if (!heads) return std::unexpected{heads.error()};\n"
        "    heads->finalized = heads->latest;\n    std::vector<Digest> hashes;",
        PAYOUTS,
        (
            (
                "if (number_of(row.block) > heads_.finalized.id.number || !row.seen) continue;",
                "if (!row.seen) continue;",
            ),
        ),
    ),
    Guard(
        "expiry-is-final",
        "An authorization counts as dead only when its time was over at a final block.",
        "wallet/payout_engine_watch.cpp",
        "!(*used)[i] && number_of(over[i].valid_before) <= heads->finalized.timestamp;",
        "number_of(over[i].valid_before) <= heads->finalized.timestamp;",
        PAYOUTS,
    ),
    Guard(
        "chain-id",
        "A wallet does not work on another chain than it is set up for.",
        "wallet/chain_check.cpp",
        "if (*id == expected_.token.chain_id) return true;",
        "if (*id != 0) return true;",
        WALLET,
    ),
    Guard(
        "treasury-balance",
        "Nothing is promised that the treasury does not have.",
        "wallet/funding.cpp",
        "} else if (amount > *free) {",
        "} else if (amount > *free + Money::max().micro()) {",
        WALLET,
    ),
    Guard(
        "keystore-mac",
        "A keystore that was changed, or another password, opens no key.",
        "wallet/keystore.cpp",
        "CRYPTO_memcmp(mac.data(), keystore.mac.data(), mac.size()) != 0)",
        "CRYPTO_memcmp(mac.data(), keystore.mac.data(), 0) != 0)",
        WALLET,
    ),
    # ---- who may do what ----
    Guard(
        "settle-by-owner",
        "Only the agent that took a hold settles it, with a txId that nobody can guess.",
        "ledger/books_settlements.cpp",
        "if (!row || row->hold.id != request.id || row->hold.who.agent != request.who.agent)\n"
        "        return unknown_hold(now_);\n    if (!request.refusals.empty())",
        "if (!row || row->hold.id != request.id)\n"
        "        return unknown_hold(now_);\n    if (!request.refusals.empty())",
        LEDGER,
    ),
    Guard(
        "settle-by-token",
        "A txId is of use only with all of its random bits.",
        "ledger/books_settlements.cpp",
        "if (!row || row->hold.id != request.id || row->hold.who.agent != request.who.agent)\n"
        "        return unknown_hold(now_);\n    if (!request.refusals.empty())",
        "if (!row || row->hold.who.agent != request.who.agent)\n"
        "        return unknown_hold(now_);\n    if (!request.refusals.empty())",
        LEDGER,
    ),
    Guard(
        "freeze-all",
        "When the operator freezes everything nobody spends.",
        "policy/decision.cpp",
        'check_row("all");',
        "",
        POLICY,
    ),
    Guard(
        "freeze-budget",
        "A frozen budget, of an agent or shared, pays nothing.",
        "policy/decision.cpp",
        "check_row(budget->name);",
        "",
        POLICY,
    ),
    Guard(
        "epoch",
        "A verdict under rules that have changed meanwhile is not carried out.",
        "ledger/books_holds.cpp",
        "if (request.epoch != meta_.epoch || now_ >= request.valid_until)",
        "if (now_ >= request.valid_until)",
        LEDGER,
    ),
    Guard(
        "live-changes",
        "A freeze or a revocation reaches sessions that are open.",
        "tools/desk.cpp",
        "if (!rules_ || rules_->epoch != books.meta().epoch)",
        "if (!rules_)",
        TOOLS,
    ),
    Guard(
        "policy-mistakes",
        "A policy with a mistake changes nothing.",
        "tools/desk.cpp",
        '"the policy " + (*change)->source + " has mistakes:\\n" + to_string(document.error());\n'
        "    } else {",
        '"the policy " + (*change)->source + " has mistakes:\\n" + to_string(document.error());\n'
        "        rules_.reset();\n        pending_ = PolicyText{};\n    } else {",
        TOOLS,
    ),
    Guard(
        "credential-revoked",
        "A revoked credential spends nothing.",
        "policy/decision.cpp",
        "if (credential.revoked_at != Instant::never())",
        "if (credential.revoked_at < Instant{})",
        POLICY,
    ),
    Guard(
        "credential-expired",
        "A credential ends when it was said to.",
        "policy/decision.cpp",
        "if (credential.expires_at <= ask.now)",
        "if (credential.expires_at < Instant{})",
        POLICY,
    ),
    Guard(
        "credential-needed",
        "Without a credential there is only the built-in sandbox.",
        "tools/desk.cpp",
        "if (rules_->sha256 == sandbox_sha && ports_.funding == nullptr) return standing;",
        "if (!sandbox_sha.empty()) return standing;",
        TOOLS,
    ),
    Guard(
        "approval-once",
        "One answer to a question counts, the first.",
        "ledger/approvals.cpp",
        "if (approval.state != ApprovalState::waiting) return Ruled::decided_before;\n    require(",
        "require(",
        LEDGER,
    ),
    Guard(
        "approval-once-stored",
        "The statement that decides an approval decides only one that waits.",
        "ledger/sqlite/approval_rows.cpp",
        '"note = ? WHERE hold = ? AND state = 0"},',
        '"note = ? WHERE hold = ?"},',
        LEDGER,
    ),
    Guard(
        "hold-ends-once",
        "The statement that ends a hold ends it only from the state it is in.",
        "ledger/sqlite/statements.hpp",
        '"WHERE seq = ? AND state = ?"};',
        '"WHERE seq = ? AND state <> ? + 100"};',
        LEDGER,
    ),
    Guard(
        "approval-weighed",
        "A yes counts only where the rules of that moment would let the payment wait.",
        "tools/approvals.cpp",
        "if (auto against = objections(books, document, asked->hold); !against.empty())",
        "if (auto against = objections(books, document, asked->hold); against.size() > 99)",
        TOOLS,
    ),
    Guard(
        "approval-out-of-band",
        "What is too large for the chat is not approved there, whatever the client sends.",
        "tools/approvals.cpp",
        "if (!up.asked->approval.in_chat) {",
        "if (!up.asked->approval.in_chat && up.asked->approval.note == \"x\") {",
        TOOLS,
    ),
    Guard(
        "session-of-credential",
        "A session goes on only with the credential that it began with.",
        "server/door/session_id.cpp",
        'hmac_sha256(key, {"session id", body, credential});',
        'hmac_sha256(key, {"session id", body, credential.substr(0, 0)});',
        DOOR,
    ),
    Guard(
        "host-check",
        "A name that somebody made up for this machine does not reach the server (DNS rebinding).",
        "server/door/door.cpp",
        'auto why = origins_.why_no_host(host.value_or(""));',
        'auto why = origins_.why_no_host(host ? "localhost" : "");',
        DOOR,
    ),
    Guard(
        "origin-check",
        "Pages of other sites do not reach the server.",
        "server/door/door.cpp",
        "if (!why && origin) why = origins_.why_no_origin(*origin);",
        "",
        DOOR,
    ),
    Guard(
        "csrf",
        "A change at the operator page needs the secret that no other site's page can know.",
        "server/operator/page.cpp",
        'if (ask->method == http::Method::post &&\n        !equal_in_constant_time(',
        'if (ask->method == http::Method::post && !ask->csrf &&\n        !equal_in_constant_time(',
        OPERATOR,
    ),
    Guard(
        "operator-link-once",
        "A link signs in once.",
        "ledger/operators.cpp",
        "if (row->ended_at != Instant::never()) return std::unexpected{LinkTrouble::used};",
        "",
        LEDGER,
    ),
    Guard(
        "operator-idle",
        "A session of the operator that nobody uses ends.",
        "ledger/operators.cpp",
        "row.expires_at > now && row.seen_at + kOperatorSessionIdle > now;",
        "row.expires_at > now;",
        LEDGER,
    ),
    Guard(
        "sealed-state",
        "State that a client carries for us is taken back only as we sealed it.",
        "server/mcp/seal.cpp",
        "if (!equal_in_constant_time(as_text(tag), all.substr(all.size() - kTagBytes))) return bad;",
        "if (as_text(tag).empty()) return bad;",
        SERVER,
    ),
    Guard(
        "sealed-state-once",
        "And it is taken back once.",
        "server/mcp/seal.cpp",
        "if (!is_first) return bad;",
        "(void)is_first;",
        SERVER,
    ),
    # ---- what a peer sends is bounded and means one thing ----
    Guard(
        "duplicate-keys",
        "JSON that names a member twice is refused, not guessed at.",
        "ledger/json.cpp",
        "if (members[i].key_ == members[j].key_) return found(members[i].key_);",
        "if (members[i].key_.data() == members[j].key_.data()) return found(members[i].key_);",
        LEDGER,
    ),
    Guard(
        "money-exact",
        "An amount below one micro-USDC is refused, not rounded.",
        "ledger/money.cpp",
        "if (decimals > kDecimals) return std::unexpected{MoneyError::too_precise};",
        "",
        LEDGER,
    ),
    Guard(
        "body-bound",
        "A request's body is bounded.",
        "server/http/request_reader.cpp",
        "body_limit(limits.body_bytes_max);",
        "body_limit(limits.body_bytes_max * 1000);",
        HTTP,
    ),
    Guard(
        "head-bound",
        "A request's head is bounded.",
        "server/http/connection_input.cpp",
        "if (length > hub_.limits.header_bytes_max) return refuse(431), bytes.size();",
        "",
        HTTP,
    ),
    Guard(
        "one-length",
        "A request that has two lengths is refused: two readers would read two requests.",
        "server/http/request_check.cpp",
        "if (std::exchange(has_length_, true)) return 400;",
        "has_length_ = true;",
        HTTP,
    ),
    # ---- every decision can be proved ----
    Guard(
        "journal-chain",
        "Each entry's hash covers all before it.",
        "ledger/journal.cpp",
        'return sha256({std::string_view{"\\x02", 1}, as_bytes(previous), as_bytes(leaf)});',
        'return sha256({std::string_view{"\\x02", 1}, as_bytes(previous).substr(32), as_bytes(leaf)});',
        LEDGER,
    ),
    Guard(
        "journal-link",
        "An entry that was changed is found.",
        "ledger/journal_verifier.cpp",
        "if (link_hash(hash_, leaf) != row.hash)",
        "if (link_hash(hash_, leaf) != row.hash && row.body.empty())",
        LEDGER,
    ),
    Guard(
        "journal-end",
        "Entries that are missing at the end of the journal are missed.",
        "ledger/journal_verifier.cpp",
        "if (meta.seq > seq_)",
        "if (meta.seq > seq_ + 1'000'000)",
        LEDGER,
    ),
    Guard(
        "head-signature",
        "A head counts by its signature.",
        "ledger/journal_verifier.cpp",
        "head.signature))\n        return fail(head.seq, \"has a signed head whose signature is wrong\");",
        "head.signature) && head.signature.empty())\n"
        "        return fail(head.seq, \"has a signed head whose signature is wrong\");",
        LEDGER,
    ),
    Guard(
        "export-signature",
        "An export's heads count by their signatures.",
        "ledger/export_verifier.cpp",
        "head.signature))\n        return fail(0, \"has a signed head whose signature is wrong\");",
        "head.signature) && head.signature.empty())\n"
        "        return fail(0, \"has a signed head whose signature is wrong\");",
        LEDGER,
    ),
    Guard(
        "export-fork",
        "A history other than the one that was signed before is a fork, and found.",
        "ledger/export_verifier.cpp",
        "if (wanted_.known[next_known_].chain == end_.chain) return true;",
        "if (next_known_ < wanted_.known.size()) return true;",
        LEDGER,
    ),
    Guard(
        "inclusion-proof",
        "A proof leads to the root that was signed, or proves nothing.",
        "ledger/merkle.cpp",
        "return node == root;",
        "return node == root || path.size() > 1;",
        LEDGER,
    ),
    Guard(
        "consistency-proof",
        "A tree that did not grow from the older one cannot be proved to.",
        "ledger/merkle.cpp",
        "return last == 0 && old_node == older.root && new_node == newer.root;",
        "return last == 0 && new_node == newer.root;",
        LEDGER,
    ),
]
