// SPDX-License-Identifier: Apache-2.0
// The floor of the pipe: answers every request at once with a fixed yes of the usual
// size and does nothing else. No server can answer faster than this over stdio.
#include <unistd.h>

#include <array>
#include <string>
#include <string_view>

namespace {

constexpr std::string_view kWelcome =
    R"("result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},)"
    R"("serverInfo":{"name":"null","version":"1"}}})"
    "\n";

constexpr std::string_view kYes =
    R"("result":{"content":[{"type":"text","text":"Held 0.08 USDC for images."},)"
    R"({"type":"text","text":"{\"ok\":true,\"txId\":\"tx_00000000000000000000000000\",)"
    R"(\"state\":\"held\",\"amount\":\"0.08\",\"currency\":\"USDC\",\"service\":\"images\",)"
    R"(\"payee\":\"0x90f79bf6eb2c4f870365e785982e1f101e93b906\",\"maxCapture\":\"0.088\"}"}],)"
    R"("structuredContent":{"ok":true,"txId":"tx_00000000000000000000000000","state":"held",)"
    R"("amount":"0.08","currency":"USDC","service":"images",)"
    R"("payee":"0x90f79bf6eb2c4f870365e785982e1f101e93b906","maxCapture":"0.088"}}})"
    "\n";

void answer(std::string_view line, std::string& out)
{
    constexpr std::string_view kId = R"("id":)";
    const auto at = line.find(kId);
    if (at == std::string_view::npos) return;  // a notification
    const auto begin = at + kId.size();
    out += R"({"jsonrpc":"2.0","id":)";
    out += line.substr(begin, line.find_first_not_of("0123456789", begin) - begin);
    out += ',';
    out += line.find(R"("initialize")") != std::string_view::npos ? kWelcome : kYes;
}

bool write_all(std::string_view bytes)
{
    while (!bytes.empty()) {
        const auto n = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
        if (n <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

}  // namespace

int main()
{
    std::string in;
    std::string out;
    std::array<char, 65536> chunk{};
    for (;;) {
        const auto n = ::read(STDIN_FILENO, chunk.data(), chunk.size());
        if (n <= 0) return 0;
        in.append(chunk.data(), static_cast<std::size_t>(n));
        std::size_t begin = 0;
        for (auto end = in.find('\n'); end != std::string::npos; end = in.find('\n', begin)) {
            answer(std::string_view(in).substr(begin, end - begin), out);
            begin = end + 1;
        }
        in.erase(0, begin);
        if (!write_all(out)) return 1;
        out.clear();
    }
}
