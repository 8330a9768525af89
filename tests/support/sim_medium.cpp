// SPDX-License-Identifier: Apache-2.0
#include "tests/support/sim_medium.hpp"

#include <algorithm>
#include <set>

namespace purse::test {

namespace {
constexpr std::int64_t kSector = 512;  // what a disk writes whole or not at all

std::string_view folder_of(std::string_view path)
{
    const auto slash = path.rfind('/');
    return slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
}

/// The part of a write that falls into the sectors from `first` up to `end`, as a write.
struct Piece {
    std::int64_t at = 0;
    std::string_view bytes;
};
Piece within(std::int64_t at, std::string_view bytes, std::int64_t first, std::int64_t end)
{
    const auto from = std::max(at, first * kSector);
    const auto to = std::min(at + static_cast<std::int64_t>(bytes.size()), end * kSector);
    if (from >= to) return {};
    return {.at = from,
            .bytes = bytes.substr(static_cast<std::size_t>(from - at),
                                  static_cast<std::size_t>(to - from))};
}

void put(std::string& contents, const Piece& piece)
{
    const auto at = static_cast<std::size_t>(piece.at);
    if (contents.size() < at + piece.bytes.size()) contents.resize(at + piece.bytes.size());
    contents.replace(at, piece.bytes.size(), piece.bytes);
}

/// What is behind a new end of the file reads as zeros when the file grows again.
void wipe(std::string& contents, std::int64_t end, std::int64_t sector)
{
    const auto from = static_cast<std::size_t>(std::max(end, sector * kSector));
    const auto to = std::min(contents.size(), static_cast<std::size_t>((sector + 1) * kSector));
    if (from < to)
        std::fill(contents.begin() + static_cast<std::ptrdiff_t>(from),
                  contents.begin() + static_cast<std::ptrdiff_t>(to), '\0');
}

/// How much of what is not synced has reached the medium.
enum class Reached { nothing, everything, until_some_moment, some, some_in_any_order, by_sector };

Reached some_way(Dice& dice)
{
    return static_cast<Reached>(dice.between(0, 5));
}
}  // namespace

Medium::Medium(const DiskImage& image)
{
    int number = 0;
    for (const auto& [path, contents] : image) {
        names_[path] = ++number;
        files_[number].durable = contents;
    }
}

void Medium::apply(const DiskEvent& event)
{
    using Kind = DiskEvent::Kind;
    switch (event.kind) {
        case Kind::create: naming_.push_back({.path = event.path, .file = event.file}); return;
        case Kind::remove: naming_.push_back({.path = event.path, .file = 0}); return;
        case Kind::write:
        case Kind::truncate:
            files_[event.file].pending.push_back({.is_truncate = event.kind == Kind::truncate,
                                                  .at = event.at,
                                                  .bytes = event.bytes});
            return;
        case Kind::sync: {
            auto& file = files_[event.file];
            for (const auto& pending : file.pending) change(file.durable, pending);
            file.pending.clear();
            return;
        }
        case Kind::sync_folder: sync_names(event.path); return;
    }
}

void Medium::sync_names(std::string_view folder)
{
    std::erase_if(naming_, [&](const Naming& naming) {
        if (folder_of(naming.path) != folder) return false;
        if (naming.file == 0)
            names_.erase(naming.path);
        else
            names_[naming.path] = naming.file;
        return true;
    });
}

bool Medium::is_clean() const noexcept
{
    return naming_.empty() && std::ranges::all_of(files_, [](const auto& numbered) {
               return numbered.second.pending.empty();
           });
}

void Medium::change(std::string& contents, const Change& change)
{
    if (change.is_truncate)
        contents.resize(static_cast<std::size_t>(change.at));
    else
        put(contents, {.at = change.at, .bytes = change.bytes});
}

/// Every sector, and the length, as it was at a moment of its own: how a page cache that writes
/// out when it likes leaves a file.
std::string Medium::by_sector(const File& file, Dice& dice)
{
    std::set<std::int64_t> touched;
    for (const auto& pending : file.pending) {
        const auto last = pending.is_truncate
                              ? static_cast<std::int64_t>(file.durable.size())
                              : pending.at + static_cast<std::int64_t>(pending.bytes.size()) - 1;
        for (auto sector = pending.at / kSector; sector <= last / kSector; ++sector)
            touched.insert(sector);
    }
    const auto all = static_cast<std::int64_t>(file.pending.size());
    auto contents = file.durable;
    for (const auto sector : touched) {
        const auto moment = static_cast<std::size_t>(dice.between(0, all));
        for (std::size_t i = 0; i < moment; ++i) {
            const auto& pending = file.pending[i];
            if (pending.is_truncate)
                wipe(contents, pending.at, sector);
            else
                put(contents, within(pending.at, pending.bytes, sector, sector + 1));
        }
    }
    auto length = file.durable.size();
    const auto moment = static_cast<std::size_t>(dice.between(0, all));
    for (std::size_t i = 0; i < moment; ++i) {
        const auto& pending = file.pending[i];
        const auto end = static_cast<std::size_t>(pending.at) + pending.bytes.size();
        length = pending.is_truncate ? end : std::max(length, end);
    }
    contents.resize(length);
    return contents;
}

/// Some of the unsynced changes, about one in three of the writes torn.
std::vector<Medium::Change> Medium::some_changes(const File& file, Dice& dice)
{
    std::vector<Change> chosen;
    for (const auto& pending : file.pending) {
        if (dice.odds(1, 2)) continue;
        if (pending.is_truncate || !dice.odds(1, 3)) {
            chosen.push_back(pending);
            continue;
        }
        const auto first = pending.at / kSector;
        const auto end =
            (pending.at + static_cast<std::int64_t>(pending.bytes.size()) + kSector - 1) / kSector;
        for (auto sector = first; sector < end; ++sector)
            if (dice.odds(1, 2)) {
                const auto piece = within(pending.at, pending.bytes, sector, sector + 1);
                chosen.push_back({.at = piece.at, .bytes = std::string{piece.bytes}});
            }
    }
    return chosen;
}

std::string Medium::contents_after(const File& file, Dice& dice)
{
    if (file.pending.empty()) return file.durable;
    const auto way = some_way(dice);
    if (way == Reached::nothing) return file.durable;
    if (way == Reached::by_sector) return by_sector(file, dice);
    std::vector<Change> chosen;
    if (way == Reached::some || way == Reached::some_in_any_order) {
        chosen = some_changes(file, dice);
        if (way == Reached::some_in_any_order)
            for (auto left = chosen.size(); left > 1; --left)
                std::swap(chosen[left - 1], chosen[static_cast<std::size_t>(dice.between(
                                                0, static_cast<std::int64_t>(left) - 1))]);
    } else {
        chosen = file.pending;
    }
    if (way == Reached::until_some_moment) {
        chosen.resize(
            static_cast<std::size_t>(dice.between(1, static_cast<std::int64_t>(chosen.size()))));
        auto& last = chosen.back();
        // The write that was under way: its first sectors are there.
        if (!last.is_truncate)
            last.bytes =
                within(
                    last.at, last.bytes, 0,
                    last.at / kSector +
                        dice.between(0, static_cast<std::int64_t>(last.bytes.size()) / kSector + 1))
                    .bytes;
    }
    auto contents = file.durable;
    for (const auto& one : chosen)
        if (one.is_truncate || !one.bytes.empty()) change(contents, one);
    return contents;
}

DiskImage Medium::after_power_cut(Dice& dice) const
{
    auto names = names_;
    std::set<std::string> lost;  // names whose later changes are lost too
    for (const auto& naming : naming_) {
        if (lost.contains(naming.path)) continue;
        if (dice.odds(1, 2))
            lost.insert(naming.path);
        else if (naming.file == 0)
            names.erase(naming.path);
        else
            names[naming.path] = naming.file;
    }
    DiskImage image;
    for (const auto& [path, number] : names) {
        const auto file = files_.find(number);
        image[path] = file == files_.end() ? std::string{} : contents_after(file->second, dice);
    }
    return image;
}

DiskLog::DiskLog(DiskImage before) : before_{std::move(before)}, at_{before_} {}

std::vector<std::size_t> DiskLog::sync_points() const
{
    std::vector<std::size_t> points;
    for (std::size_t i = 0; i < events_.size(); ++i)
        if (events_[i].kind == DiskEvent::Kind::sync ||
            events_[i].kind == DiskEvent::Kind::sync_folder)
            points.push_back(i + 1);
    return points;
}

DiskImage DiskLog::image_after_power_cut(std::size_t point, Dice& dice) const
{
    if (point < reached_) {
        at_ = Medium{before_};
        reached_ = 0;
    }
    for (; reached_ < std::min(point, events_.size()); ++reached_) at_.apply(events_[reached_]);
    return at_.after_power_cut(dice);
}

}  // namespace purse::test
