// SPDX-License-Identifier: Apache-2.0
#include "server/door/mailbox.hpp"

#include <utility>

#include "ledger/require.hpp"

namespace purse::server {

void Mailbox::put(std::shared_ptr<Outlet> to, Letter letter)
{
    if (std::this_thread::get_id() == io_thread_) {
        deliver(box_.with([](Box& box) { return std::exchange(box.letters, {}); }));
        return to->deliver(std::move(letter));
    }
    const bool must_call = box_.with([&](Box& box) {
        box.letters.push_back({std::move(to), std::move(letter)});
        return box.holds == 0 && !std::exchange(box.is_called, true);
    });
    if (must_call) post_([this] { deliver_all(); });
}

void Mailbox::hold()
{
    box_.with([](Box& box) { ++box.holds; });
}

void Mailbox::release()
{
    const bool must_call = box_.with([](Box& box) {
        require(box.holds > 0, "what is released was held");
        return --box.holds == 0 && !box.letters.empty() && !std::exchange(box.is_called, true);
    });
    if (must_call) post_([this] { deliver_all(); });
}

void Mailbox::deliver_all()
{
    deliver(box_.with([](Box& box) {
        box.is_called = false;
        return std::exchange(box.letters, {});
    }));
}

void Mailbox::deliver(std::vector<Addressed> letters)
{
    for (auto& one : letters) one.to->deliver(std::move(one.letter));
}

}  // namespace purse::server
