// SPDX-License-Identifier: Apache-2.0
#include "conversation.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fstream>
#include <stdexcept>

#include "child.hpp"

namespace purse::test {

namespace {
namespace bj = boost::json;

bool is_any(const bj::value& value)
{
    return value.is_string() && value.get_string() == "*";
}

bool matches(const bj::value& wanted, const bj::value& got);

bool objects_match(const bj::object& wanted, const bj::object& got)
{
    const auto* rest = wanted.if_contains("*");
    const auto more_allowed = rest != nullptr && is_any(*rest);
    for (const auto& [key, value] : wanted) {
        if (more_allowed && key == "*") continue;
        const auto* other = got.if_contains(key);
        if (other == nullptr || !matches(value, *other)) return false;
    }
    return more_allowed || wanted.size() == got.size();
}

bool matches(const bj::value& wanted, const bj::value& got)
{
    if (is_any(wanted)) return true;
    if (wanted.is_object() && got.is_object())
        return objects_match(wanted.get_object(), got.get_object());
    if (wanted.is_array() && got.is_array())
        return std::ranges::equal(wanted.get_array(), got.get_array(), matches);
    return wanted == got;
}

std::string unescape(std::string_view text)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\') {
            out += text[i];
        } else if (text.substr(i + 1, 1) == "x") {
            out += static_cast<char>(std::stoi(std::string{text.substr(i + 2, 2)}, nullptr, 16));
            i += 3;
        } else {
            ++i;
            out += text.at(i) == 'r' ? '\r' : text.at(i);
        }
    }
    return out;
}

std::optional<Step> read_step(std::string_view line, std::size_t number)
{
    if (line.empty() || line.starts_with('#')) return std::nullopt;
    if (line == "--") return Step{Step::Kind::close, {}, number};
    if (line.starts_with("> ")) return Step{Step::Kind::send, std::string{line.substr(2)}, number};
    if (line.starts_with(">! ")) return Step{Step::Kind::send, unescape(line.substr(3)), number};
    if (!line.starts_with("< ")) throw std::runtime_error{"no step: " + std::string{line}};
    static_cast<void>(bj::parse(bj::string_view{line.data() + 2, line.size() - 2}));
    return Step{Step::Kind::expect, std::string{line.substr(2)}, number};
}

std::string at(const Step& step)
{
    return "line " + std::to_string(step.line) + ": ";
}

std::string compare(const Step& step, const std::optional<std::string>& got)
{
    if (!got) return at(step) + "no answer, wanted " + step.text;
    boost::system::error_code ec;
    const auto value = bj::parse(*got, ec);
    if (ec) return at(step) + "not JSON: " + *got;
    if (!matches(bj::parse(step.text), value))
        return at(step) + "wanted " + step.text + "\n  got " + *got;
    return {};
}

class ChildPeer final : public Peer {
public:
    explicit ChildPeer(const std::vector<std::string>& argv) : child_{argv} {}
    void send(std::string_view line) override { child_.write(std::string{line} + '\n'); }
    void close_input() override { child_.close_input(); }
    std::optional<std::string> receive() override { return child_.read_line(); }
    std::string farewell() override
    {
        if (!child_.output_ended()) return "it did not close its output";
        const auto code = child_.wait();
        if (!code) return "it did not end";
        return *code == 0 ? std::string{} : "exit code " + std::to_string(*code);
    }

private:
    Child child_;
};
}  // namespace

std::vector<Step> load_conversation(const std::filesystem::path& file)
{
    std::ifstream in{file};
    if (!in) throw std::runtime_error{"cannot read " + file.string()};
    std::vector<Step> steps;
    std::string line;
    for (std::size_t number = 1; std::getline(in, line); ++number) {
        try {
            if (auto step = read_step(line, number)) steps.push_back(*std::move(step));
        } catch (const std::exception& error) {
            throw std::runtime_error{file.string() + ":" + std::to_string(number) + ": " +
                                     error.what()};
        }
    }
    return steps;
}

std::vector<std::filesystem::path> conversations_in(const std::filesystem::path& folder)
{
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator{folder})
        if (entry.path().extension() == ".txt") files.push_back(entry.path());
    std::ranges::sort(files);
    return files;
}

std::string replay(const std::vector<Step>& steps, Peer& peer)
{
    bool closed = false;
    for (const auto& step : steps) {
        if (step.kind == Step::Kind::send) {
            peer.send(step.text);
        } else if (step.kind == Step::Kind::close) {
            peer.close_input();
            closed = true;
        } else if (auto wrong = compare(step, peer.receive()); !wrong.empty()) {
            return wrong;
        }
    }
    if (!closed) peer.close_input();
    if (const auto more = peer.receive()) return "after the last line: " + *more;
    return peer.farewell();
}

std::string replay_process(const std::filesystem::path& file, const std::vector<std::string>& argv)
{
    ChildPeer peer{argv};
    return replay(load_conversation(file), peer);
}

}  // namespace purse::test
