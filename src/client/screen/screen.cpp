#include "client/screen/screen.hpp"

#include <algorithm>
#include <utility>

#include "base/overloaded.hpp"
#include "client/commands.hpp"
#include "client/screen/chat.hpp"

namespace earshot::client::screen {
namespace {

constexpr Duration kHintFor = 6s;
constexpr Duration kLeaveAgain = 3s;
constexpr Duration kLeastFrame = 10ms;  // between two pictures that keys ask for
constexpr Duration kQuietFrame = 125ms;
constexpr int kVolumeStep = 10;

bool plain(const KeyInput& key) { return key.modifiers == Modifiers{}; }

// Which of a list is meant after `step`; the first when the old one is gone.
template <typename T, typename Same>
const T* stepped(const std::vector<const T*>& list, Same same, int step) {
    if (list.empty()) return nullptr;
    const auto found = std::ranges::find_if(list, same);
    if (found == list.end()) return list.front();
    const auto last = static_cast<std::ptrdiff_t>(list.size()) - 1;
    return list[static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(found - list.begin() + step, 0, last))];
}

int list_step(const KeyInput& key, int page) {
    switch (key.key) {
        case Key::up: return -1;
        case Key::down: return 1;
        case Key::page_up: return -page;
        case Key::page_down: return page;
        case Key::home: return -100'000;
        case Key::end: return 100'000;
        default: return 0;
    }
}

}  // namespace

void Screen::receive(Time now, Bytes bytes, const Model& model, std::vector<Action>& out) {
    tick(now, model, out);
    std::vector<InputEvent> events;
    decoder_.receive(now, bytes, events);
    handle(now, events, model, out);
}

void Screen::handle(Time now, const std::vector<InputEvent>& events, const Model& model, std::vector<Action>& out) {
    for (const auto& event : events) {
        touched_ = true;
        std::visit(overloaded{[&](const KeyInput& key) { on(now, key, model, out); },
                              [&](const Paste& paste) {
                                  if (model.question || (model.sound && !model.sound->offer)) return;
                                  show_pane(Pane::chat, model);
                                  if (composer_.paste(paste) == Composer::Result::changed) out.emplace_back(action::Typing{});
                              },
                              [&](const Focus& focus) {
                                  state_.window_focused = focus.gained;
                                  const bool before = push_.talking();
                                  if (!focus.gained) push_.focus_lost();
                                  settle_talk(before, out);
                              },
                              [&](const KeyboardProtocol& protocol) { on_protocol(protocol, out); },
                              [&](const Background& colour) { backdrop_ = backdrop_of(colour.red, colour.green, colour.blue); }, [](const auto&) {}},
                   event);
    }
}

// Releases (flag 2) of all keys (flag 8) are told: the talk key can be held.
void Screen::on_protocol(const KeyboardProtocol& protocol, std::vector<Action>& out) {
    const bool before = push_.talking();
    if ((protocol.flags & 10) == 10) push_.set_level(PushLevel::kHold);
    settle_talk(before, out);
}

void Screen::resize(Size size) {
    size_ = size;
    touched_ = true;
}

void Screen::redraw() {
    drawn_ = false;
    touched_ = true;
}

void Screen::settle_talk(bool before, std::vector<Action>& out) {
    if (push_.talking() == before) return;
    pushed_ = push_.talking();
    out.emplace_back(action::Talk{push_.talking() ? Switch::kOn : Switch::kOff});
}

void Screen::talk(Time now, Switch to, std::vector<Action>& out) {
    const bool before = push_.talking();
    push_.set(now, to);
    settle_talk(before, out);
}

void Screen::hint(Time now, std::string text) {
    state_.hint = std::move(text);
    hint_until_ = now + kHintFor;
    touched_ = true;
}

void Screen::write(std::string text) {
    composer_.clear();
    composer_.paste({std::move(text), false});
    touched_ = true;
}

void Screen::tick(Time now, const Model& model, std::vector<Action>& out) {
    if (now >= decoder_.deadline()) {
        std::vector<InputEvent> events;
        decoder_.tick(now, events);
        handle(now, events, model, out);
    }
    // Others press the talk key too: /ptt, `earshot ctl`, the house that hangs up.
    if (model.voice.pushed != pushed_) {
        pushed_ = model.voice.pushed;
        if (pushed_ != push_.talking()) push_.set(now, pushed_ ? Switch::kOn : Switch::kOff);
    }
    if (model.voice.gate_open) push_.spoke(now);
    const bool before = push_.talking();
    push_.tick(now);
    settle_talk(before, out);
    if (before && !push_.talking() && push_.level() == PushLevel::kToggle) hint(now, "Nothing was said for a minute: the microphone is closed again.");
    if (now >= hint_until_) {
        state_.hint.clear();
        hint_until_ = kNever;
        touched_ = true;
    }
    follow(model);
}

// Another room is shown: its draft, its end.
void Screen::follow(const Model& model) {
    composer_.set_limit(static_cast<std::size_t>(std::max<std::int64_t>(0, model.limits.text_characters)));
    if (model.current == room_) return;
    room_ = model.current;
    composer_.show_room(room_);
    state_.scroll = {};
    touched_ = true;
}

// While nobody speaks the meters tremble only: that is worth fewer pictures.
Duration Screen::pace(const Model& model) const {
    const auto* room = model.current_room();
    const bool heard = room != nullptr && std::ranges::any_of(room->people, [](const auto& entry) { return entry.second.speaking; });
    return heard || model.voice.gate_open || model.voice.sending ? settings_.frame : std::max(settings_.frame, kQuietFrame);
}

Time Screen::deadline(const Model& model) const {
    auto out = std::min({decoder_.deadline(), push_.deadline(), hint_until_, next_change_});
    if (touched_)
        out = std::min(out, drawn_at_ + kLeastFrame);
    else if (model.version != drawn_version_)
        out = std::min(out, drawn_at_ + pace(model));
    return out;
}

const Canvas* Screen::frame(Now now, const Model& model) {
    const bool asked = touched_ || model.version != drawn_version_ || now.at >= next_change_;
    if (drawn_ && (!asked || now.at < drawn_at_ + (touched_ ? kLeastFrame : pace(model)))) return nullptr;
    auto picture = look();
    picture.now = now.at;
    picture.wall_ms = now.wall_ms;
    auto canvas = draw(model, state_, composer_, picture);
    const bool differs = !drawn_ || !(canvas == canvas_);
    drawn_ = true;
    touched_ = false;
    drawn_version_ = model.version;
    drawn_at_ = now.at;
    next_change_ = kNever;
    if (model.link == Link::kReconnecting && model.retry_at > now.at) next_change_ = now.at + 1s;
    if (const auto* room = model.current_room()) {
        for (const auto& [member, person] : room->people) {
            if (person.typing_until > now.at) next_change_ = std::min(next_change_, person.typing_until);
        }
    }
    if (!differs) return nullptr;
    canvas_ = std::move(canvas);
    return &canvas_;
}

Look Screen::look() const {
    Look out;
    out.size = size_;
    out.alphabet = settings_.alphabet;
    out.utc_offset_seconds = settings_.utc_offset_seconds;
    return out;
}

void Screen::show_pane(Pane pane, const Model& model) {
    state_.pane = pane;
    state_.help = false;
    if (pane == Pane::rooms) state_.chosen_room = model.current;
    if (pane == Pane::people && model.find_person(state_.chosen_member) == nullptr) {
        const auto* room = model.current_room();
        const auto people = room == nullptr ? std::vector<const Person*>{} : people_in_order(*room, model.member);
        state_.chosen_member = people.empty() ? 0 : people.front()->member;
    }
}

void Screen::on(Time now, const KeyInput& key, const Model& model, std::vector<Action>& out) {
    if (model.sound && key.phase != KeyPhase::release && on_sound_panel(key, *model.sound, out)) return;
    if (on_talk_key(now, key, model, out) || key.phase == KeyPhase::release) return;
    if (on_interrupt(now, key, out)) return;
    if (model.question) return on_question(key, out);
    if (on_global(now, key, model, out) || on_chord(key, model, out)) return;
    if (state_.help) return on_help(key);
    if (key.key == Key::escape && state_.pane != Pane::chat) return show_pane(Pane::chat, model);
    if (state_.pane == Pane::rooms) return on_rooms(key, model, out);
    if (state_.pane == Pane::people) return on_people(key, model, out);
    on_writing(key, model, out);
}

bool Screen::on_talk_key(Time now, const KeyInput& key, const Model& model, std::vector<Action>& out) {
    const bool f9 = key.key == Key::f9 && !key.modifiers.control && !key.modifiers.alt;
    const bool control_t = key.key == Key::character && key.character == U't' && key.modifiers.control;
    // The release of a space that began a talk ends it, whatever was written meanwhile.
    const bool space = key.key == Key::character && key.character == U' ' && push_.level() == PushLevel::kHold && !key.modifiers.control &&
                       !key.modifiers.alt &&
                       (space_held_ || (composer_.empty() && state_.pane == Pane::chat && !state_.help && model.voice.mode == TalkMode::kPushToTalk));
    if (!f9 && !control_t && !space) return false;
    if (space) {
        if (!space_held_ && (key.phase != KeyPhase::press || model.call.state == CallState::kNone)) return false;
        space_held_ = key.phase != KeyPhase::release;
    }
    if (key.phase == KeyPhase::press && model.call.state == CallState::kNone) {
        hint(now, "You are not in the call. F4 joins it.");
        return true;
    }
    if (key.phase == KeyPhase::press && model.voice.mode == TalkMode::kVoice) {
        hint(now, "Your voice opens the microphone by itself. /mode ptt has you press a key instead.");
        return true;
    }
    if (key.phase == KeyPhase::press && model.voice.muted) hint(now, "You are muted. F5 ends that.");
    const bool before = push_.talking();
    push_.key(now, key.phase);
    settle_talk(before, out);
    return true;
}

// Ctrl+C clears what is written; twice it leaves. Ctrl+D leaves an empty line the same way.
bool Screen::on_interrupt(Time now, const KeyInput& key, std::vector<Action>& out) {
    if (key.key != Key::character || !key.modifiers.control || key.modifiers.alt) return false;
    if (key.character == U'z') {
        out.emplace_back(action::Suspend{});
        return true;
    }
    const bool leave = key.character == U'c' || (key.character == U'd' && composer_.empty());
    if (!leave) return false;
    state_.help = false;
    if (now < leaves_until_) {
        out.emplace_back(action::Quit{});
        return true;
    }
    leaves_until_ = now + kLeaveAgain;
    hint(now, composer_.empty() ? "Once more leaves." : "Discarded. Once more leaves.");
    composer_.clear();
    return true;
}

bool Screen::on_global(Time now, const KeyInput& key, const Model& model, std::vector<Action>& out) {
    if (!plain(key)) return false;
    switch (key.key) {
        case Key::f1:
            state_.help = !state_.help;
            state_.help_row = 0;
            return true;
        case Key::f2: show_pane(state_.pane == Pane::rooms ? Pane::chat : Pane::rooms, model); return true;
        case Key::f3: show_pane(state_.pane == Pane::people ? Pane::chat : Pane::people, model); return true;
        case Key::f4:
            if (model.call.state == CallState::kNone)
                out.emplace_back(action::Call{});
            else
                out.emplace_back(action::HangUp{});
            return true;
        case Key::f5: out.emplace_back(action::Mute{}); return true;
        case Key::f6: out.emplace_back(action::Deafen{}); return true;
        case Key::f7: out.emplace_back(action::AudioWizard{}); return true;
        case Key::f10: hint(now, "/quit leaves, or Ctrl+C twice."); return true;
        default: return false;
    }
}

bool Screen::on_chord(const KeyInput& key, const Model& model, std::vector<Action>& out) {
    const bool alt = key.modifiers.alt && !key.modifiers.control;
    if (key.key == Key::character && key.modifiers.control && !key.modifiers.alt && key.character == U'l') {
        redraw();
        out.emplace_back(action::Redraw{});
        return true;
    }
    if (!alt) return false;
    if (key.key == Key::up || key.key == Key::down) {
        out.emplace_back(action::ShowNext{key.key == Key::up ? -1 : 1});
    } else if (key.key == Key::character && key.character >= U'1' && key.character <= U'9') {
        out.emplace_back(action::ShowNumber{static_cast<int>(key.character - U'0')});
    } else if (key.key == Key::character && key.character == U'a') {
        out.emplace_back(action::NextUnread{});
    } else {
        return false;
    }
    show_pane(Pane::chat, model);
    return true;
}

// Only a plain y trusts: neither Enter nor what was being typed.
void Screen::on_question(const KeyInput& key, std::vector<Action>& out) {
    if (key.text == "y" || key.text == "Y") out.emplace_back(action::Answer{true});
    if (key.text == "n" || key.text == "N" || key.key == Key::escape) out.emplace_back(action::Answer{false});
}

// True: the key was for the panel. Who only was asked whether to begin, and does something else, has said no.
bool Screen::on_sound_panel(const KeyInput& key, const SoundPanel& panel, std::vector<Action>& out) {
    const bool control = key.modifiers.control && !key.modifiers.alt;
    const auto answer = [&](std::string text) { return out.emplace_back(action::CheckAnswer{std::move(text)}), true; };
    if (key.key == Key::enter) return answer("");
    if (key.key == Key::escape) return answer("skip");
    if (panel.offer) return key.key != Key::f7 && !answer("skip");
    if (control && key.character == U'c') return answer("skip");
    if (control) return key.character != U'l';
    if (const int step = list_step(key, 9); step != 0) return out.emplace_back(action::CheckMove{step}), true;
    if (key.key == Key::left || key.key == Key::backspace) return answer("back");
    if (key.text.size() == 1 && ((key.text[0] >= '1' && key.text[0] <= '9') || key.text == "r" || key.text == "b" || key.text == "y" || key.text == "n"))
        return answer(key.text);
    return true;
}

void Screen::on_help(const KeyInput& key) {
    if (const int step = list_step(key, 8); step != 0) {
        const int rows = std::max(1, std::min(size_.rows, help_rows() + 2) - 2);
        state_.help_row = std::clamp(state_.help_row + std::clamp(step, -100, 100), 0, std::max(0, help_rows() - rows));
        return;
    }
    state_.help = false;
}

void Screen::on_rooms(const KeyInput& key, const Model& model, std::vector<Action>& out) {
    const auto rooms = rooms_in_order(model);
    const auto is_chosen = [this](const Room* room) { return room->name == state_.chosen_room; };
    if (const int step = list_step(key, 10); step != 0) {
        if (const auto* room = stepped(rooms, is_chosen, step)) state_.chosen_room = room->name;
        return;
    }
    if (key.key == Key::character && !key.text.empty()) {  // a letter is the beginning of something to say
        show_pane(Pane::chat, model);
        composer_.key(key);
        return;
    }
    if (key.key != Key::enter) return;
    const auto found = std::ranges::find_if(rooms, is_chosen);
    if (found != rooms.end()) {
        if ((*found)->joined)
            out.emplace_back(action::Show{(*found)->name});
        else
            out.emplace_back(action::Join{(*found)->name});
    }
    show_pane(Pane::chat, model);
}

void Screen::on_people(const KeyInput& key, const Model& model, std::vector<Action>& out) {
    const auto* room = model.current_room();
    if (room == nullptr) return;
    const auto people = people_in_order(*room, model.member);
    const auto is_chosen = [this](const Person* person) { return person->member == state_.chosen_member; };
    if (const int step = list_step(key, 10); step != 0) {
        if (const auto* person = stepped(people, is_chosen, step)) state_.chosen_member = person->member;
        return;
    }
    const auto found = std::ranges::find_if(people, is_chosen);
    if (found == people.end()) return;
    const auto& person = **found;
    const bool louder = key.key == Key::right || key.text == "+" || key.text == "=";
    const bool softer = key.key == Key::left || key.text == "-";
    const bool self = person.member == model.member;
    const auto target = self ? 0 : person.member;  // of oneself: of everything
    if (louder || softer) out.emplace_back(action::VolumeStep{target, louder ? kVolumeStep : -kVolumeStep});
    if (key.text == "m" && !self) out.emplace_back(action::VolumeStep{target, person.volume_percent > 0 ? -person.volume_percent : 100});
    if (key.text == "0" && !self) out.emplace_back(action::VolumeStep{target, 100 - person.volume_percent});
    if (key.key == Key::enter) {
        show_pane(Pane::chat, model);
        if (!self && composer_.empty()) write("/msg " + person.name + " ");
    }
}

void Screen::scroll(const Model& model, int pages, std::vector<Action>& out) {
    const auto* room = model.current_room();
    if (room == nullptr) return;
    const auto picture = look();
    const auto seen = log_size(places_of(state_, composer_, picture));
    Chat chat(*room, model, picture, seen.columns);
    state_.scroll = chat.moved(state_.scroll, pages * std::max(1, seen.rows - 2), seen.rows);
    const bool more = pages > 0 && !room->complete && !room->fetching && model.link == Link::kConnected;
    if (more && chat.at_top(state_.scroll, seen.rows)) out.emplace_back(action::FetchHistory{});
}

void Screen::complete(const Model& model) {
    const auto before = std::string_view(composer_.text()).substr(0, composer_.cursor());
    auto found = client::complete(before, model);
    composer_.complete({before.size() - std::min(found.replaced, before.size()), std::move(found.words)});
}

void Screen::on_writing(const KeyInput& key, const Model& model, std::vector<Action>& out) {
    if (key.key == Key::page_up || key.key == Key::page_down) return scroll(model, key.key == Key::page_up ? 1 : -1, out);
    if (key.key == Key::escape) {
        if (!state_.scroll.following)
            state_.scroll = {};
        else if (!composer_.notice().empty())
            composer_.clear();
        state_.hint.clear();
        return;
    }
    switch (composer_.key(key)) {
        case Composer::Result::changed: out.emplace_back(action::Typing{}); break;
        case Composer::Result::complete: complete(model); break;
        case Composer::Result::submit:
            state_.scroll = {};
            state_.hint.clear();
            out.emplace_back(action::Enter{composer_.take()});
            break;
        default: break;
    }
}

}  // namespace earshot::client::screen
