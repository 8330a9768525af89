// SPDX-License-Identifier: Apache-2.0
// How the demo is told: a chat with names at the left, wrapped to the page, in colour on a
// terminal only; and the checks that make the story a test.
#pragma once

#include <string>
#include <string_view>

namespace purse::demo {

enum class Voice { user, agent, service, purse, refusal, person };

class Stage {
public:
    explicit Stage(bool colours) : colours_{colours} {}

    /// The heading of the next scene, numbered.
    void scene(std::string_view title);
    /// One thing said. Lines of `text` stay lines; long ones are wrapped.
    void say(Voice voice, std::string_view text);
    /// What nobody says: a remark of the narrator.
    void remark(std::string_view text);
    /// A program's output as it is, indented.
    void quote(std::string_view text);
    /// Part of the story that must be so. Says what was checked, or what is wrong.
    void check(bool is_so, std::string_view what);

    int failures() const noexcept { return failures_; }
    int checks() const noexcept { return checks_; }

private:
    struct Look {
        std::string_view name;
        std::string_view colour;
    };
    static Look look_of(Voice voice);
    void print(const Look& look, std::string_view text);

    bool colours_;
    int scenes_ = 0;
    int checks_ = 0;
    int failures_ = 0;
};

}  // namespace purse::demo
