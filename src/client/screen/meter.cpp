#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "client/screen/painter.hpp"

namespace earshot::client::screen {
namespace {

constexpr float kLowest = -60;  // dBFS at the left end of a bar

struct Segment {
    Letters letters;
    int rank = 0;  // the highest goes first when there is no room
};

Letters letters_of(std::string_view text, Style style = {}) {
    Letters out;
    append(out, text, style);
    return out;
}

Letters microphone_bar(const Painter& p, int cells) {
    const auto& voice = p.model.voice;
    Bar bar;
    if (!voice.muted) bar.dbfs = voice.microphone_dbfs, bar.peak_dbfs = voice.microphone_peak_dbfs;
    if (voice.mode == TalkMode::kVoice) bar.gate_dbfs = voice.gate_dbfs;
    bar.gate_open = voice.gate_open;
    return bar_letters(p, bar, cells);
}

std::string talk_words(const Voice& voice) {
    if (voice.hands_free) return "hands-free, silence ends it";
    if (voice.mode == TalkMode::kVoice) return "by voice";
    switch (voice.push_level) {
        case PushLevel::kHold: return "PTT hold F9";
        case PushLevel::kToggle: return voice.pushed ? "PTT F9 ends" : "PTT F9 on/off";
        case PushLevel::kRepeat: return "PTT keep F9 down";
    }
    return {};
}

void microphone(const Painter& p, std::vector<Segment>& out) {
    const auto& voice = p.model.voice;
    const int columns = p.places.call.columns;
    const int cells = columns >= 120 ? 24 : columns >= 80 ? 12 : 8;
    auto bar = letters_of("MIC ", {Role::title, true});
    const auto cells_of_bar = microphone_bar(p, cells);
    bar.insert(bar.end(), cells_of_bar.begin(), cells_of_bar.end());
    if (!voice.muted) append(bar, voice.microphone_dbfs <= kSilence ? "   quiet" : fmt::format(" {:4.0f} dB", static_cast<double>(voice.microphone_dbfs)), {});
    out.push_back({std::move(bar), 1});
    if (voice.mode == TalkMode::kVoice) out.push_back({letters_of(fmt::format("gate {:.0f}", static_cast<double>(voice.gate_dbfs)), {Role::quiet}), 5});
    if (voice.deafened)
        out.push_back({letters_of(" DEAFENED  F6 ", {Role::warning, true, false, false, true}), 0});
    else if (voice.muted)
        out.push_back({letters_of(" MUTED  F5 ", {Role::warning, true, false, false, true}), 0});
    else if (voice.sending)
        out.push_back({letters_of(fmt::format(" {} TX ", p.signs.speaking), {Role::good, true, false, false, true}), 0});
    else
        out.push_back({letters_of(fmt::format("{} idle", p.signs.silent), {Role::quiet}), 0});
    out.push_back({letters_of(talk_words(voice)), 2});
    if (voice.master_percent != 100 || columns >= 100) out.push_back({letters_of(fmt::format("vol {}%", voice.master_percent), {Role::quiet}), 4});
    if (!voice.input.empty()) out.push_back({letters_of(fmt::format("in: {}", fit(voice.input, 24, p.signs.ellipsis)), {Role::quiet}), 6});
    if (!voice.output.empty() && columns >= 120) out.push_back({letters_of(fmt::format("out: {}", fit(voice.output, 24, p.signs.ellipsis)), {Role::quiet}), 7});
}

void no_call(const Painter& p, std::vector<Segment>& out) {
    const auto* room = p.model.current_room();
    if (p.model.link != Link::kConnected) return;
    const int others = room == nullptr ? 0 : room->in_call_count;
    out.push_back({letters_of(fmt::format("{} not in the call", p.signs.silent), {Role::title}), 0});
    if (!p.model.voice.available)
        out.push_back({letters_of("no sound here: text only", {Role::quiet}), 1});
    else if (others > 0)
        out.push_back({letters_of(fmt::format("F4 joins {} {}", others, others == 1 ? "other" : "others")), 1});
    else
        out.push_back({letters_of("F4 starts one"), 1});
    if (p.model.voice.available && !p.model.voice.input.empty())
        out.push_back({letters_of(fmt::format("in: {}", fit(p.model.voice.input, 24, p.signs.ellipsis)), {Role::quiet}), 2});
}

// Another room's call, when its room is not the one that is shown.
void elsewhere(const Painter& p, std::vector<Segment>& out) {
    const auto& call = p.model.call;
    if (!call.room.empty() && call.room != p.model.current) out.push_back({letters_of(fmt::format("call: {}", call.room), {Role::brand, true}), 3});
}

int total(const std::vector<Segment>& segments, int gap) {
    int cells = segments.empty() ? 0 : -gap;
    for (const auto& segment : segments) cells += width(segment.letters) + gap;
    return cells;
}

}  // namespace

Letters bar_letters(const Painter& p, const Bar& bar, int cells) {
    Letters out;
    const int on = meter_cells(bar.dbfs, cells), peak = meter_cells(bar.peak_dbfs, cells);
    const int gate = bar.gate_dbfs ? std::clamp(meter_cells(*bar.gate_dbfs, cells), 0, cells - 1) : -1;
    for (int cell = 0; cell < cells; ++cell) {
        if (cell == gate) append(out, p.signs.gate, {bar.gate_open ? Role::good : Role::quiet, true});
        if (cell < on)
            append(out, p.signs.meter_on, meter_style(cell, cells));
        else if (cell == peak - 1)
            append(out, p.signs.meter_peak, {meter_style(cell, cells).role, true});
        else
            append(out, p.signs.meter_off, {Role::quiet});
    }
    return out;
}

int meter_cells(float dbfs, int cells) {
    const float share = (dbfs - kLowest) / -kLowest;
    return std::clamp(static_cast<int>(std::lround(share * static_cast<float>(cells))), 0, cells);
}

Style meter_style(int cell, int cells) {
    const float dbfs = kLowest - kLowest * static_cast<float>(cell + 1) / static_cast<float>(cells);
    return {dbfs <= -15 ? Role::meter_low : dbfs <= -4 ? Role::meter_middle : Role::meter_high};
}

Letters quality_letters(const Painter& p) {
    const int quality = std::clamp(p.model.call.quality, 0, 4);
    Letters out;
    if (quality == 0) return out;
    const Style style{quality >= 3 ? Role::good : quality == 2 ? Role::warning : Role::bad};
    for (int bar = 0; bar < 4; ++bar) {
        const auto index = static_cast<std::size_t>(bar);
        append(out, bar < quality ? p.signs.quality_on[index] : p.signs.quality_off, bar < quality ? style : Style{Role::quiet});
    }
    if (quality <= 2) append(out, quality == 1 ? " bad" : " weak", style);
    return out;
}

void paint_call(const Painter& p) {
    const auto& area = p.places.call;
    if (area.rows == 0) return;
    std::vector<Segment> segments;
    switch (p.model.call.state) {
        case CallState::kNone: no_call(p, segments); break;
        case CallState::kJoining:
        case CallState::kConnecting:
            segments.push_back({letters_of(fmt::format("{} joining the call{}", p.signs.silent, p.signs.ellipsis), {Role::title}), 0});
            break;
        case CallState::kReconnecting:
            segments.push_back({letters_of(fmt::format(" voice lost, reconnecting{} ", p.signs.ellipsis), {Role::warning, true, false, false, true}), 0});
            break;
        case CallState::kConnected: microphone(p, segments); break;
    }
    elsewhere(p, segments);
    const int gap = area.columns >= 100 ? 3 : 2;
    while (segments.size() > 1 && total(segments, gap) > area.columns - 2) segments.erase(std::ranges::max_element(segments, {}, &Segment::rank));
    int column = area.column + 1;
    for (const auto& segment : segments) {
        p.put(column, area.row, segment.letters, area.right());
        column += width(segment.letters) + gap;
    }
}

}  // namespace earshot::client::screen
