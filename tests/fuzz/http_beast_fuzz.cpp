// SPDX-License-Identifier: Apache-2.0
// Our request reader beside Boost.Beast's: wherever both take the bytes, they must see the same
// requests with the same bodies. Two readers that disagree are how requests are smuggled.
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstdint>
#include <vector>

#include "tests/fuzz/check.hpp"
#include "tests/fuzz/http_script.hpp"
#include "tests/support/fake_wire.hpp"

namespace {
using namespace purse::server;
using namespace purse::server::http;
using purse::fuzz::check;
namespace beast = boost::beast::http;

struct Seen {
    std::string target;
    std::size_t headers = 0;
    std::string body;
};

class Recorder final : public Handler {
public:
    void handle(Request&& request, std::shared_ptr<Exchange> exchange) override
    {
        std::string target{request.path};
        if (!request.query.empty()) target.append("?").append(request.query);
        seen.push_back({std::move(target), request.headers.size(), request.body});
        exchange->respond({.status = 202});
    }
    std::vector<Seen> seen;
};

std::vector<Seen> ours(std::string_view text)
{
    static Log log{LogLevel::off};
    Recorder recorder;
    Hub hub{Limits{}, recorder, log};
    hub.tick(Hub::Clock::time_point{std::chrono::hours{1}});
    purse::test::FakePeer peer{hub};
    peer.send(text);
    hub.cut_all();
    peer.run();
    return recorder.seen;
}

/// One request, which `text` loses; false when Beast takes none.
bool beasts(std::string_view& text, beast::request_parser<beast::string_body>& parser)
{
    boost::system::error_code error;
    parser.eager(true);
    parser.header_limit(8 * 1024);
    parser.body_limit(64 * 1024);
    while (!parser.is_done()) {
        const auto used = parser.put(boost::asio::buffer(text.data(), text.size()), error);
        text.remove_prefix(used);
        if (error || used == 0) return false;
    }
    return true;
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    auto text = purse::fuzz::script_of({reinterpret_cast<const char*>(data), size}).text;
    for (const auto& seen : ours(text)) {
        // Trailers become fields there, and are dropped here; so a chunked one is compared by body.
        beast::request_parser<beast::string_body> parser;
        if (!beasts(text, parser)) break;
        const auto& request = parser.get();
        const bool is_chunked = request.chunked();
        const std::string target{request.target()};
        // An absolute form is cut down here, and a question without a query is none.
        const bool is_same = target == seen.target || target == seen.target + '?';
        check(target.starts_with('/') || target == "*" ? is_same : target.find("://") < 6,
              "the target");
        check(seen.body == request.body(), "the body");
        const auto fields = static_cast<std::size_t>(std::distance(request.begin(), request.end()));
        check(is_chunked ? fields >= seen.headers : fields == seen.headers, "the headers");
    }
    return 0;
}
